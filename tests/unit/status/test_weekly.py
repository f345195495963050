"""The mail of a week: one job, one mail, a report of each team that is the user's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from taskcore.delivery.ports import Message
from taskcore.delivery.preferences import NotificationPreferences
from taskcore.jobs.runner import Runner
from taskcore.jobs.states import new_job
from taskcore.ports import Unit
from taskcore.status import weekly
from taskcore.system import no_typesetter
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role


async def ask(world: World, who: Person, **fields: Any) -> None:
    """As the morning of a Monday does."""

    async def work(unit: Unit) -> None:
        [found] = await unit.find(NotificationPreferences, user_id=who.user.id)
        wanted = attrs.evolve(found, version=found.version + 1, **{"weekly_report": True, **fields})
        monday = {"monday": "2026-11-02"}
        job = new_job(world.new_id(), "report.weekly", world.clock(), monday, user_id=who.user.id)
        await unit.save([wanted, job])

    await world.store.transact(work)


async def mailed(world: World, who: Person) -> list[Message]:
    before = len(world.mailbox.sent)
    await Runner(world.core).step()
    return [each for each in world.mailbox.sent[before:] if each.to == who.user.email]


async def test_it_has_a_pdf_of_each_team_that_one_works_in(world: World) -> None:
    ada, bob = await world.person(), await world.person("Bob")
    mine, other = await world.team(ada), await world.team(ada)
    theirs = await world.team(bob)
    _, token = await bob.me.invitations.create(theirs.id, ada.user.email, Role.GUEST)
    await ada.me.invitations.accept(token)
    await ask(world, ada)
    [mail] = await mailed(world, ada)

    assert mail.subject == "Weekly report of your 2 teams"
    assert {each.filename.partition("-")[0] for each in mail.attachments} == {mine.key, other.key}
    assert all(each.content.startswith(b"%PDF-") for each in mail.attachments)


async def test_without_what_makes_a_pdf_it_has_pages(world: World) -> None:
    ada = await world.person()
    await world.team(ada)
    world.core._outside = attrs.evolve(world.core._outside, typesetter=no_typesetter)
    await ask(world, ada)
    [mail] = await mailed(world, ada)

    [file] = mail.attachments
    assert file.content_type == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "fields", [{"weekly_report": False}, {"mail_disabled_at": datetime(2026, 1, 1, tzinfo=UTC)}]
)
async def test_who_wants_none_or_gets_no_mail_any_more_has_none(world: World, fields: dict[str, Any]) -> None:
    ada = await world.person()
    await world.team(ada)
    await ask(world, ada, **fields)

    assert await mailed(world, ada) == []


async def test_who_is_in_no_team_has_none(world: World) -> None:
    ada = await world.person()
    await ask(world, ada)

    assert await mailed(world, ada) == []


async def test_what_does_not_fit_in_a_mail_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await world.person()
    await world.team(ada)
    await world.team(ada)
    monkeypatch.setattr(weekly, "MOST_BYTES", 40_000)
    await ask(world, ada)
    [mail] = await mailed(world, ada)

    assert len(mail.attachments) == 1
    assert "too large to be sent along" in mail.text
