"""How webhooks show in the log: never a secret, of a URL the host alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from taskcore.delivery.model import Webhook
from taskcore.events import Event, Stamp, difference, plain
from taskcore.identity.model import AuditEntry
from taskcore.values import EventId

_UNTOLD = frozenset({"version", "updated_at", "url", "rotated_at", "failing_since"})
_NOBODYS_CHOICE = frozenset({"version", "updated_at", "failing_since", "disabled_at", "disabled_reason"})
_GIVEN = ("kinds", "project_id", "payload", "description")


def webhook_event(kind: str, webhook: Webhook, stamp: Stamp, **changes: Any) -> Event:
    data = {**changes, "webhook": _told(webhook)}
    return stamp.event(kind, webhook.team_id, "webhook", webhook.id, data)


def webhook_created(webhook: Webhook, stamp: Stamp) -> Event:
    told = {name: {"from": None, "to": plain(value)} for name in _GIVEN if (value := getattr(webhook, name))}
    return webhook_event("webhook.created", webhook, stamp, **told)


def webhook_changed(old: Webhook, new: Webhook, stamp: Stamp) -> Event:
    changes: dict[str, Any] = {**difference(old, new, _UNTOLD)}
    if old.host != new.host:
        changes["host"] = {"from": old.host, "to": new.host}
    if old.url != new.url:  # whichever part of it did
        changes["url_changed"] = True
    return webhook_event("webhook.updated", new, stamp, **changes)


def webhook_update_audited(old: Webhook, new: Webhook, stamp: Stamp) -> AuditEntry:
    """Which fields were changed, and of the URL the host before and now."""
    data: dict[str, Any] = {"host": new.host, "changed": sorted(difference(old, new, _NOBODYS_CHOICE))}
    if old.host != new.host:
        data["host_before"] = old.host
    return stamp.audit("webhook.update", "webhook", new.id, team_id=new.team_id, data=data)


def webhook_disabled(webhook: Webhook, event_id: EventId, now: datetime) -> Event:
    """That a webhook was switched off by what its receiver answered: nobody's doing."""
    reason = webhook.disabled_reason
    data = {
        "active": {"from": True, "to": False},
        "disabled_reason": {"from": None, "to": plain(reason)},
        "webhook": _told(webhook),
    }
    return Event(event_id, webhook.team_id, "webhook.disabled", "webhook", webhook.id, now, data=data)


def _told(webhook: Webhook) -> dict[str, str]:
    return {"host": webhook.host}
