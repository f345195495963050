"""What is posted to a webhook: made once, when an event is queued, and the same however often it is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from taskcore.delivery.model import TEST_KIND, Delivery, Payload, Webhook
from taskcore.events import Event, instant_text, plain
from taskcore.values import DeliveryId

_THIN = ("id", "team_id", "seq", "kind", "subject_type", "subject_id", "task_id")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def of_event(webhook: Webhook, event: Event, delivery_id: DeliveryId, now: datetime) -> Delivery:
    """An event to be handed to a webhook, due at once."""
    data = plain(event)
    told = data if webhook.payload is Payload.FULL else {name: data[name] for name in _THIN}
    return Delivery(
        id=delivery_id,
        team_id=webhook.team_id,
        webhook_id=webhook.id,
        kind=event.kind,
        body=_body(event.kind, event.at, told),
        created_at=now,
        seq=event.seq,
        event_id=event.id,
        next_attempt_at=now,
    )


def of_test(webhook: Webhook, delivery_id: DeliveryId, now: datetime) -> Delivery:
    """A delivery that tells of nothing but that it came."""
    told = {"team_id": str(webhook.team_id), "webhook_id": str(webhook.id)}
    return Delivery(
        id=delivery_id,
        team_id=webhook.team_id,
        webhook_id=webhook.id,
        kind=TEST_KIND,
        body=_body(TEST_KIND, now, told),
        created_at=now,
        next_attempt_at=now,
    )


def _body(kind: str, at: datetime, data: Mapping[str, Any]) -> str:
    return _encode({"type": kind, "timestamp": instant_text(at), "data": data})
