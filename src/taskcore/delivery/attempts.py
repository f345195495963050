"""What becomes of a delivery, and of its webhook, with each attempt: pure, as the loops that post apply it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs

from taskcore.delivery.model import Delivery, DeliveryStatus, Disabled, LoggedAttempt, Webhook

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between one attempt that failed and the next, as Standard Webhooks proposes; after the last nothing is tried."""
JITTER = 0.1
"""By how much of itself a wait is longer or shorter, so that what failed at once is not tried at once."""
LONGEST_WAIT = timedelta(hours=24)
"""However long a receiver asks to be left alone."""
GIVEN_UP_AFTER = timedelta(days=5)
"""For how long a receiver may fail before nothing is sent to it."""
LEASE = timedelta(seconds=20)
"""How long an attempt may take before another process makes one: longer than a poster waits."""
SUSPENDED_WAIT = timedelta(minutes=5)
"""How long until it is looked whether a suspended team may go on."""
GONE = 410
MOST_LOGGED = 20
MOST_EXCERPT_BYTES = 1024


def succeeded(attempt: LoggedAttempt) -> bool:
    """Whether the receiver took it. A redirect is not followed, and so is a failure."""
    return attempt.status is not None and 200 <= attempt.status < 300


def is_due(delivery: Delivery, now: datetime) -> bool:
    return delivery.next_attempt_at is not None and delivery.next_attempt_at <= now


def claimed(delivery: Delivery, now: datetime) -> Delivery:
    """Taken by a process that is about to post it: nobody else does before the lease ends."""
    return attrs.evolve(delivery, next_attempt_at=now + LEASE, version=delivery.version + 1)


def attempted(
    delivery: Delivery,
    attempt: LoggedAttempt,
    now: datetime,
    *,
    chance: float,
    retry_after_seconds: float | None = None,
) -> Delivery:
    """
    The delivery once `attempt` at it has ended: taken, to be tried again, or given up.

    `chance` in [0, 1) is what jitter goes by; `retry_after_seconds` is what the receiver asked for.
    """
    made = attrs.evolve(
        delivery,
        attempts=delivery.attempts + 1,
        log=(*delivery.log, attempt)[-MOST_LOGGED:],
        version=delivery.version + 1,
    )
    if succeeded(attempt):
        return attrs.evolve(made, status=DeliveryStatus.DELIVERED, delivered_at=now, next_attempt_at=None)
    if attempt.status == GONE or made.attempts > len(WAITS):
        return attrs.evolve(made, status=DeliveryStatus.FAILED, next_attempt_at=None)
    return attrs.evolve(made, next_attempt_at=now + _wait(made.attempts, chance, retry_after_seconds))


def overtaken(delivery: Delivery, attempt: LoggedAttempt) -> Delivery:
    """The delivery once an attempt has ended that is no longer the one to count, since its lease ended or somebody
    asked for another: it is in the log, and changes nothing else."""
    return attrs.evolve(delivery, log=(*delivery.log, attempt)[-MOST_LOGGED:], version=delivery.version + 1)


def _wait(failures: int, chance: float, retry_after_seconds: float | None) -> timedelta:
    planned = WAITS[failures - 1] * (1 + JITTER * (2 * chance - 1))
    asked = min(max(retry_after_seconds or 0.0, 0.0), LONGEST_WAIT.total_seconds())
    return max(planned, timedelta(seconds=asked))


def postponed(delivery: Delivery, now: datetime) -> Delivery:
    """Not to be posted yet, since its team is suspended; nothing was tried."""
    return attrs.evolve(delivery, next_attempt_at=now + SUSPENDED_WAIT, version=delivery.version + 1)


def dropped(delivery: Delivery, now: datetime, *, why: str = "the webhook is not active") -> Delivery:
    """Not to be posted, since its webhook is switched off, or its team deleted."""
    attempt = LoggedAttempt(now, error=why)
    return attrs.evolve(
        delivery,
        status=DeliveryStatus.FAILED,
        next_attempt_at=None,
        log=(*delivery.log, attempt)[-MOST_LOGGED:],
        version=delivery.version + 1,
    )


def repeated(delivery: Delivery, now: datetime) -> Delivery:
    """To be posted once more, from the first attempt on: the same id, the same bytes."""
    return attrs.evolve(
        delivery,
        status=DeliveryStatus.PENDING,
        attempts=0,
        next_attempt_at=now,
        delivered_at=None,
        version=delivery.version + 1,
    )


def answered(webhook: Webhook, attempt: LoggedAttempt, now: datetime) -> Webhook:
    """The webhook after an attempt: the same, unless it began or ceased to fail, or is switched off."""
    if succeeded(attempt):
        return webhook if webhook.failing_since is None else _changed(webhook, now, failing_since=None)
    if not webhook.active:
        return webhook
    if attempt.status == GONE:
        return _disabled(webhook, Disabled.GONE, now)
    if webhook.failing_since is None:
        return _changed(webhook, now, failing_since=attempt.at)
    if now - webhook.failing_since >= GIVEN_UP_AFTER:
        return _disabled(webhook, Disabled.FAILING, now)
    return webhook


def _disabled(webhook: Webhook, reason: Disabled, now: datetime) -> Webhook:
    return _changed(webhook, now, active=False, disabled_at=now, disabled_reason=reason)


def _changed(webhook: Webhook, now: datetime, **changes: Any) -> Webhook:
    return attrs.evolve(webhook, updated_at=now, version=webhook.version + 1, **changes)


def excerpt(text: str) -> str:
    """The beginning of a text, at most `MOST_EXCERPT_BYTES` as UTF-8, with nothing that a store cannot hold."""
    data = text.replace("\x00", "\ufffd").encode("utf-8", "replace")[:MOST_EXCERPT_BYTES]
    return data.decode("utf-8", "ignore")
