"""What a webhook signs with and how, by Standard Webhooks (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from taskcore.delivery.model import Delivery, Webhook
from taskcore.values import WebhookId

PREFIX = "whsec_"
BOTH_SIGN_FOR = timedelta(hours=24)
"""How long after a rotation the secret before it signs too."""


def secret_of(key: bytes, webhook_id: WebhookId, generation: int) -> str:
    """A webhook's secret, derived from `key`, the store's own: kept nowhere, and the same whenever it is asked for."""
    derived = hmac.digest(key, f"webhook {webhook_id} {generation}".encode(), "sha256")
    return PREFIX + base64.b64encode(derived).decode()


def secrets_of(key: bytes, webhook: Webhook, now: datetime) -> list[str]:
    """Those that sign at this moment, the newest first: for a day after a rotation also the one before."""
    generations = [webhook.secret_generation]
    if webhook.rotated_at is not None and now - webhook.rotated_at < BOTH_SIGN_FOR:
        generations.append(webhook.secret_generation - 1)
    return [secret_of(key, webhook.id, generation) for generation in generations]


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of `id.timestamp.body`, the timestamp in whole seconds."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"


def headers_of(delivery: Delivery, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """What an attempt at a delivery is sent with."""
    timestamp, body = int(now.timestamp()), delivery.body.encode()
    signatures = [signature(secret, delivery.message_id, timestamp, body) for secret in secrets]
    return {
        "content-type": "application/json",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
