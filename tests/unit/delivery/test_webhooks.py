"""The use cases of webhooks."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from taskcore.delivery.model import DeliveryStatus, Payload, Webhook
from taskcore.delivery.positions import LogPosition
from taskcore.delivery.signing import secret_of
from taskcore.delivery.webhooks import MOST_IN_A_TEAM
from taskcore.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from taskcore.idempotency import IdempotencyRecord
from taskcore.identity.model import AuditEntry
from taskcore.testing import World
from taskcore.testing.samples import log_of
from taskcore.testing.world import Person
from taskcore.values import Role
from tests.unit.refusals import refusal

URL = "https://hooks.example.org/in?token=s3cret"


async def position_of(world: World, webhook: Webhook) -> int:
    (position,) = await world.store.rows().find(
        LogPosition, team_id=webhook.team_id, consumer=webhook.consumer
    )
    return position.seq


async def test_a_webhook_begins_where_the_log_ends(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    await ada.me.tasks.create(team.id, "before")
    head = (await log_of(world, team))[-1].seq
    webhook, secret = await ada.me.webhooks.create(
        team.id, URL, kinds=["task.*", "task.*"], payload="thin", description="ours"
    )

    assert (webhook.kinds, webhook.payload, webhook.description) == (("task.*",), Payload.THIN, "ours")
    assert (webhook.url, webhook.created_by, webhook.active) == (URL, ada.user.id, True)
    assert secret == secret_of(await world.store.secret(), webhook.id, 1)
    assert await position_of(world, webhook) == head
    assert await ada.me.webhooks.get(webhook.id) == webhook
    assert (await ada.me.webhooks.list(team.id)).items == [webhook]


async def test_the_log_and_the_audit_tell_the_host_alone(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    webhook, _ = await ada.me.webhooks.create(team.id, URL)
    await ada.me.webhooks.edit(webhook.id, url="https://other.example.org:8443/x?k=s3cret", active=False)
    await ada.me.webhooks.rotate_secret(webhook.id)
    await ada.me.webhooks.delete(webhook.id)
    told = [each for each in await log_of(world, team) if each.kind.startswith("webhook.")]
    audited = await world.store.rows().find(AuditEntry, team_id=team.id)

    assert [each.kind for each in told] == [
        "webhook.created",
        "webhook.updated",
        "webhook.updated",
        "webhook.deleted",
    ]
    assert told[1].data["host"] == {"from": "hooks.example.org", "to": "other.example.org:8443"}
    assert told[2].data["secret_generation"] == {"from": 1, "to": 2}
    assert "s3cret" not in str(told) + str(audited)
    assert [each.action for each in audited if each.action.startswith("webhook.")] == [
        "webhook.create",
        "webhook.update",
        "webhook.rotate_secret",
        "webhook.delete",
    ]


async def test_that_the_url_is_another_is_told_though_its_host_is_not(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    webhook, _ = await ada.me.webhooks.create(team.id, URL)
    await ada.me.webhooks.edit(webhook.id, url="https://hooks.example.org/evil?token=s3cret")
    await ada.me.webhooks.edit(webhook.id, url="https://evil.example.org", active=False)
    await ada.me.webhooks.edit(webhook.id, description="ours")
    told = [each.data for each in await log_of(world, team) if each.kind == "webhook.updated"]
    audited = await world.store.rows().find(AuditEntry, team_id=team.id, action="webhook.update")

    assert [each.get("url_changed", False) for each in told] == [True, True, False]
    assert "host" not in told[0]
    assert [dict(each.data) for each in audited] == [
        {"host": "hooks.example.org", "changed": ["url"]},
        {"host": "evil.example.org", "host_before": "hooks.example.org", "changed": ["active", "url"]},
        {"host": "evil.example.org", "changed": ["description"]},
    ]
    assert "s3cret" not in str(told) + str(audited)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "ftp://example.org"),
        ("url", "https://"),
        ("url", "nothing"),
        ("url", "https://ada:pw@example.org"),
        ("url", "https://ada@example.org"),
        ("url", "https://example.org/#x"),
        ("url", "https://example.org/a b"),
        ("url", "https://example.org:99999/"),
        ("url", "https://[::1/"),
        ("url", "https://example.org/\n"),
        ("url", "https://example.org/" + "x" * 2000),
        ("url", "https://refused.example.org"),
        ("kinds", ["task"]),
        ("kinds", ["*"]),
        ("kinds", ["Task.created"]),
        ("kinds", ["task.created;"]),
        ("kinds", [f"task.x{'y' * place}" for place in range(51)]),
        ("payload", "some"),
        ("project_id", uuid4()),
        ("description", "\x00"),
    ],
)
async def test_what_is_no_webhook_is_refused_by_its_field(world: World, field: str, value: object) -> None:
    ada = await world.person()
    team = await world.team(ada)
    world.receiver.objects_to.add("https://refused.example.org")
    webhook, _ = await ada.me.webhooks.create(team.id, URL)
    given: dict[str, Any] = {"url": URL, field: value}

    for attempt in (ada.me.webhooks.create(team.id, **given), ada.me.webhooks.edit(webhook.id, **given)):
        with pytest.raises(Invalid) as refused:
            await attempt
        assert {fault.field for fault in refused.value.faults} == {field}


async def test_a_repetition_gives_the_same_secret_which_is_kept_nowhere(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    created = [await ada.me.webhooks.create(team.id, URL, idempotency_key="one") for _ in range(2)]
    webhook, secret = created[0]
    rotated = [await ada.me.webhooks.rotate_secret(webhook.id, idempotency_key="two") for _ in range(2)]
    records = await world.store.rows().find(IdempotencyRecord, user_id=ada.user.id)

    assert created[0] == created[1]
    assert rotated[0] == rotated[1]
    assert rotated[0][1] != secret
    assert len((await ada.me.webhooks.list(team.id)).items) == 1
    assert len(records) == 2
    assert all(each not in str(records) for each in (secret, rotated[0][1], "whsec_"))


async def test_a_team_has_so_many_webhooks_and_no_more(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    for _ in range(MOST_IN_A_TEAM):
        last, _ = await ada.me.webhooks.create(team.id, URL)

    assert await refusal(ada.me.webhooks.create(team.id, URL)) == (Conflict, "quota_exceeded")
    await ada.me.webhooks.delete(last.id)
    await ada.me.webhooks.create(team.id, URL)


async def test_switched_on_again_it_begins_with_what_happens_then(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    webhook, _ = await ada.me.webhooks.create(team.id, URL)
    off = await ada.me.webhooks.edit(webhook.id, active=False)
    await ada.me.tasks.create(team.id, "meanwhile")
    head = (await log_of(world, team))[-1].seq
    on = await ada.me.webhooks.edit(webhook.id, active=True)

    assert (off.active, off.disabled_at, off.disabled_reason) == (False, world.clock.now, None)
    assert (on.active, on.disabled_at, on.failing_since) == (True, None, None)
    assert await position_of(world, on) == head


async def test_an_edit_that_changes_nothing_is_no_new_version(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    webhook, _ = await ada.me.webhooks.create(team.id, URL)
    head = len(await log_of(world, team))

    assert await ada.me.webhooks.edit(webhook.id, url=URL, active=True) == webhook
    assert len(await log_of(world, team)) == head
    with pytest.raises(PreconditionFailed):
        await ada.me.webhooks.edit(webhook.id, description="x", if_version=7)
    with pytest.raises(PreconditionFailed):
        await ada.me.webhooks.delete(webhook.id, if_version=7)


async def test_a_test_is_due_at_once_and_can_be_repeated(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    webhook, _ = await ada.me.webhooks.create(team.id, URL)
    delivery = await ada.me.webhooks.test(webhook.id)
    world.clock.advance(hours=1)
    again = await ada.me.webhooks.redeliver(delivery.id)

    assert (delivery.kind, delivery.seq, delivery.event_id) == ("webhook.test", 0, None)
    assert (again.next_attempt_at, again.body, again.message_id) == (
        world.clock.now,
        delivery.body,
        delivery.message_id,
    )
    await ada.me.webhooks.edit(webhook.id, active=False)
    assert await refusal(ada.me.webhooks.test(webhook.id)) == (Conflict, "conflict")
    assert await refusal(ada.me.webhooks.redeliver(delivery.id)) == (Conflict, "conflict")


async def test_deliveries_are_listed_page_by_page_the_newest_first(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    webhook, _ = await ada.me.webhooks.create(team.id, URL)
    other, _ = await ada.me.webhooks.create(team.id, URL)
    await ada.me.webhooks.test(other.id)
    made = [await ada.me.webhooks.test(webhook.id) for _ in range(5)]
    first = await ada.me.webhooks.deliveries(webhook.id, limit=3)
    rest = await ada.me.webhooks.deliveries(webhook.id, limit=3, cursor=first.next_cursor)
    pending = await ada.me.webhooks.deliveries(webhook.id, status="pending")
    failed = await ada.me.webhooks.deliveries(webhook.id, status=DeliveryStatus.FAILED)

    assert [*first.items, *rest.items] == made[::-1] == pending.items
    assert (rest.next_cursor, failed.items) == (None, [])
    with pytest.raises(Invalid):
        await ada.me.webhooks.deliveries(webhook.id, status="lost")  # type: ignore[arg-type]


async def test_with_a_webhook_goes_all_that_is_its_own(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    webhook, _ = await ada.me.webhooks.create(team.id, URL)
    kept, _ = await ada.me.webhooks.create(team.id, URL)
    gone, stays = await ada.me.webhooks.test(webhook.id), await ada.me.webhooks.test(kept.id)
    await ada.me.webhooks.delete(webhook.id)

    assert (await ada.me.webhooks.list(team.id)).items == [kept]
    assert (await ada.me.webhooks.deliveries(kept.id)).items == [stays]
    for attempt in (ada.me.webhooks.redeliver(gone.id), ada.me.webhooks.get(webhook.id)):
        assert await refusal(attempt) == (NotFound, "not_found")
    positions = await world.store.rows().find(LogPosition, team_id=team.id)
    assert [each.consumer for each in positions] == [kept.consumer]


async def test_members_may_not_and_outsiders_find_nothing(world: World) -> None:
    ada, eve = await world.person(), await world.person("Eve")
    team = await world.team(ada)
    bob = await world.member(ada, team, Role.MEMBER)
    amy = await world.member(ada, team, Role.ADMIN, "Amy")
    webhook, _ = await ada.me.webhooks.create(team.id, URL)
    delivery = await amy.me.webhooks.test(webhook.id)

    async def attempts(person: Person) -> list[Any]:
        hooks = person.me.webhooks
        return [
            await refusal(hooks.create(team.id, URL)),
            await refusal(hooks.list(team.id)),
            await refusal(hooks.get(webhook.id)),
            await refusal(hooks.edit(webhook.id, active=False)),
            await refusal(hooks.delete(webhook.id)),
            await refusal(hooks.test(webhook.id)),
            await refusal(hooks.rotate_secret(webhook.id)),
            await refusal(hooks.deliveries(webhook.id)),
            await refusal(hooks.redeliver(delivery.id)),
        ]

    assert set(await attempts(bob)) == {(Forbidden, "forbidden")}
    assert set(await attempts(eve)) == {(NotFound, "not_found")}
