"""What becomes of deliveries and webhooks, attempt by attempt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.delivery import attempts
from taskcore.delivery.attempts import GIVEN_UP_AFTER, JITTER, LEASE, LONGEST_WAIT, WAITS
from taskcore.delivery.model import Delivery, DeliveryStatus, Disabled, LoggedAttempt, Webhook
from taskcore.values import DeliveryId, TeamId, UserId, WebhookId

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
TEAM, HOOK = TeamId(uuid4()), WebhookId(uuid4())
PENDING = Delivery(DeliveryId(uuid4()), TEAM, HOOK, "task.created", "{}", NOW, next_attempt_at=NOW)
WEBHOOK = Webhook(HOOK, TEAM, "https://example.org", UserId(uuid4()), NOW, NOW)
STATUSES = st.sampled_from([None, 200, 204, 299, 301, 308, 400, 404, 429, 500, 503])
CHANCES = st.floats(0, 1, exclude_max=True)


def try_at(now: datetime, status: int | None) -> LoggedAttempt:
    return LoggedAttempt(now, status, None if status else "no answer")


@given(st.lists(st.tuples(STATUSES, CHANCES, st.none() | st.floats(-10, 200_000)), min_size=1, max_size=15))
def test_a_delivery_goes_on_until_it_is_taken_or_given_up(
    answers: list[tuple[int | None, float, float | None]],
) -> None:
    delivery, now = PENDING, NOW
    for place, (status, chance, asked) in enumerate(answers, 1):
        attempt = try_at(now, status)
        before, delivery = (
            delivery,
            attempts.attempted(delivery, attempt, now, chance=chance, retry_after_seconds=asked),
        )
        assert (delivery.attempts, delivery.version) == (place, before.version + 1)
        assert (delivery.id, delivery.body) == (PENDING.id, PENDING.body)
        assert delivery.log[-1] == attempt
        if attempts.succeeded(attempt):
            assert (delivery.status, delivery.delivered_at) == (DeliveryStatus.DELIVERED, now)
        elif place > len(WAITS):
            assert delivery.status is DeliveryStatus.FAILED
        else:
            assert delivery.status is DeliveryStatus.PENDING
            assert delivery.next_attempt_at is not None
            wait = delivery.next_attempt_at - now
            assert (
                WAITS[place - 1] * (1 - JITTER) <= wait <= max(WAITS[place - 1] * (1 + JITTER), LONGEST_WAIT)
            )
            assert wait >= timedelta(seconds=min(asked or 0, LONGEST_WAIT.total_seconds()))
            now = delivery.next_attempt_at
            continue
        assert delivery.next_attempt_at is None
        return


def test_the_waits_are_those_of_the_schedule_where_nothing_is_spread() -> None:
    delivery, now, waits = PENDING, NOW, []
    while delivery.status is DeliveryStatus.PENDING:
        delivery = attempts.attempted(delivery, try_at(now, 500), now, chance=0.5)
        waits.append(delivery.next_attempt_at - now if delivery.next_attempt_at else None)

    hours = [2, 5, 10, 14, 20, 24]
    assert waits == [
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        *(timedelta(hours=each) for each in hours),
        None,
    ]


@pytest.mark.parametrize(("asked", "seconds"), [(None, 5), (1, 5), (90, 90), (1e9, 86_400), (-5, 5)])
def test_a_receiver_is_left_alone_as_long_as_it_asks_but_no_longer_than_a_day(
    asked: float | None, seconds: int
) -> None:
    waiting = attempts.attempted(PENDING, try_at(NOW, 503), NOW, chance=0.5, retry_after_seconds=asked)

    assert waiting.next_attempt_at == NOW + timedelta(seconds=seconds)


def test_a_receiver_that_is_gone_gets_nothing_more() -> None:
    gone = try_at(NOW, 410)
    delivery, webhook = (
        attempts.attempted(PENDING, gone, NOW, chance=0),
        attempts.answered(WEBHOOK, gone, NOW),
    )

    assert (delivery.status, delivery.next_attempt_at) == (DeliveryStatus.FAILED, None)
    assert (webhook.active, webhook.disabled_reason, webhook.disabled_at) == (False, Disabled.GONE, NOW)
    assert attempts.answered(webhook, gone, NOW) is webhook


@given(st.lists(st.tuples(st.integers(1, 60), STATUSES), min_size=1, max_size=40))
def test_a_webhook_is_switched_off_only_by_days_of_nothing_but_failures(
    story: list[tuple[int, int | None]],
) -> None:
    webhook, now, failing_since = WEBHOOK, NOW, None
    for hours, status in story:
        now += timedelta(hours=hours)
        attempt = try_at(now, status)
        webhook = attempts.answered(webhook, attempt, now)
        failing_since = None if attempts.succeeded(attempt) else failing_since or now
        assert webhook.failing_since == failing_since
        if failing_since is not None and now - failing_since >= GIVEN_UP_AFTER:
            assert (webhook.active, webhook.disabled_reason) == (False, Disabled.FAILING)
            return
        assert webhook.active


def test_what_changes_nothing_is_no_new_version() -> None:
    failing = attempts.answered(WEBHOOK, try_at(NOW, None), NOW)

    assert attempts.answered(WEBHOOK, try_at(NOW, 200), NOW) is WEBHOOK
    assert failing.version == 2
    assert attempts.answered(failing, try_at(NOW, 500), NOW) is failing
    assert attempts.answered(failing, try_at(NOW, 200), NOW).version == 3


def test_a_claim_ends_by_itself() -> None:
    taken = attempts.claimed(PENDING, NOW)

    assert attempts.is_due(PENDING, NOW)
    assert not attempts.is_due(taken, NOW)
    assert not attempts.is_due(taken, NOW + LEASE - timedelta(microseconds=1))
    assert attempts.is_due(taken, NOW + LEASE)


def test_a_repetition_begins_anew_with_the_same_id_and_bytes() -> None:
    failed = attrs.evolve(
        PENDING, status=DeliveryStatus.FAILED, attempts=10, next_attempt_at=None, log=(try_at(NOW, 500),)
    )
    later = NOW + timedelta(days=9)
    again = attempts.repeated(failed, later)

    assert (again.status, again.attempts, again.next_attempt_at) == (DeliveryStatus.PENDING, 0, later)
    assert (again.message_id, again.body, again.log) == (failed.message_id, failed.body, failed.log)


def test_what_a_switched_off_webhook_was_to_get_is_settled_with_a_reason() -> None:
    left = attempts.dropped(PENDING, NOW)

    assert (left.status, left.next_attempt_at, left.attempts) == (DeliveryStatus.FAILED, None, 0)
    assert left.log[-1].error == "the webhook is not active"
    assert not attempts.is_due(left, NOW + timedelta(days=1))


def test_the_log_keeps_the_last_attempts() -> None:
    delivery = PENDING
    for place in range(30):
        delivery = attempts.attempted(
            attempts.repeated(delivery, NOW), try_at(NOW + timedelta(seconds=place), 500), NOW, chance=0
        )

    assert len(delivery.log) == attempts.MOST_LOGGED
    assert delivery.log[-1].at == NOW + timedelta(seconds=29)


@given(st.text())
def test_an_excerpt_is_short_and_can_be_stored(text: str) -> None:
    kept = attempts.excerpt(text)

    assert len(kept.encode()) <= attempts.MOST_EXCERPT_BYTES
    assert "\x00" not in kept
    assert text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd").startswith(kept)


def test_an_excerpt_takes_odd_text() -> None:
    assert attempts.excerpt("a\x00b\ud800") == "a\ufffdb?"
    assert attempts.excerpt("\u00e4" * 600) == "\u00e4" * 512
