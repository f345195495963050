"""What receivers verify: by the library that Standard Webhooks has for it, and by its own example."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Receiver
from standardwebhooks import WebhookVerificationError

from taskcore.delivery import payloads
from taskcore.delivery.model import Delivery, Payload, Webhook
from taskcore.delivery.signing import BOTH_SIGN_FOR, headers_of, secret_of, secrets_of, signature
from taskcore.events import Event
from taskcore.values import DeliveryId, EventId, TaskId, TeamId, UserId, WebhookId

NOW = datetime.now(UTC)
KEY = bytes(range(32))
TEAM = TeamId(uuid4())
HOOK = Webhook(WebhookId(uuid4()), TEAM, "https://example.org", UserId(uuid4()), NOW, NOW)
EVENT = Event(
    EventId(uuid4()),
    TEAM,
    "task.created",
    "task",
    uuid4(),
    NOW,
    task_id=TaskId(uuid4()),
    data={"task": {"title": 'Ü "x" \u2028 \U0001f680 \x00'}},
    seq=7,
)


def delivered(body: str) -> Delivery:
    return Delivery(DeliveryId(uuid4()), TEAM, HOOK.id, "task.created", body, NOW)


def test_the_example_of_the_specification() -> None:
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(min_size=32, max_size=32), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_body_is_verified_by_the_library(key: bytes, text: str) -> None:
    delivery, secret = delivered(json.dumps(text, ensure_ascii=False)), secret_of(key, HOOK.id, 1)
    headers = headers_of(delivery, [secret], datetime.now(UTC))

    assert Receiver(secret).verify(delivery.body.encode(), headers) == text


@pytest.mark.parametrize("change", ["body", "id", "secret", "timestamp"])
def test_whatever_is_changed_is_seen(change: str) -> None:
    secret, body = secret_of(KEY, HOOK.id, 1), b"[1]"
    headers = headers_of(delivered("[1]"), [secret], datetime.now(UTC))
    if change == "body":
        body = b"[2]"
    elif change == "id":
        headers["webhook-id"] += "x"
    elif change == "secret":
        secret = secret_of(KEY, WebhookId(uuid4()), 1)
    else:
        headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) + 1)

    with pytest.raises(WebhookVerificationError):
        Receiver(secret).verify(body, headers)


def test_each_attempt_has_its_own_time_and_the_same_id() -> None:
    delivery, secrets = delivered("[1]"), [secret_of(KEY, HOOK.id, 1)]
    one, other = (headers_of(delivery, secrets, NOW + timedelta(seconds=each)) for each in (0, 60))

    assert one["webhook-id"] == other["webhook-id"] == f"msg_{delivery.id}"
    assert int(other["webhook-timestamp"]) - int(one["webhook-timestamp"]) == 60
    assert one["webhook-signature"] != other["webhook-signature"]


def test_for_a_day_after_a_rotation_both_secrets_sign() -> None:
    old, new = secret_of(KEY, HOOK.id, 1), secret_of(KEY, HOOK.id, 2)
    rotated = attrs.evolve(HOOK, secret_generation=2, rotated_at=NOW)
    headers = headers_of(delivered("[1]"), secrets_of(KEY, rotated, NOW), datetime.now(UTC))

    assert [Receiver(each).verify(b"[1]", headers) for each in (old, new)] == [[1], [1]]
    assert secrets_of(KEY, HOOK, NOW) == [old]
    assert secrets_of(KEY, rotated, NOW + BOTH_SIGN_FOR - timedelta(microseconds=1)) == [new, old]
    assert secrets_of(KEY, rotated, NOW + BOTH_SIGN_FOR) == [new]


def test_secrets_differ_by_webhook_generation_and_store() -> None:
    made = {
        secret_of(key, webhook_id, generation)
        for key in (KEY, bytes(32))
        for webhook_id in (HOOK.id, WebhookId(uuid4()))
        for generation in (1, 2)
    }

    assert len(made) == 8
    assert all(each.startswith("whsec_") and len(each) == 50 for each in made)


def test_a_full_payload_is_the_event_and_a_thin_one_only_names_it() -> None:
    full = payloads.of_event(HOOK, EVENT, DeliveryId(uuid4()), NOW)
    thin = payloads.of_event(attrs.evolve(HOOK, payload=Payload.THIN), EVENT, DeliveryId(uuid4()), NOW)
    body = json.loads(full.body)

    assert (full.event_id, full.seq, full.kind, full.next_attempt_at) == (EVENT.id, 7, "task.created", NOW)
    assert (body["type"], body["data"]["data"]) == ("task.created", dict(EVENT.data))
    assert body["timestamp"] == body["data"]["at"]
    assert json.loads(thin.body)["data"] == {
        "id": str(EVENT.id),
        "team_id": str(TEAM),
        "seq": 7,
        "kind": "task.created",
        "subject_type": "task",
        "subject_id": str(EVENT.subject_id),
        "task_id": str(EVENT.task_id),
    }
    assert "title" not in thin.body
    assert "\x00" not in full.body
