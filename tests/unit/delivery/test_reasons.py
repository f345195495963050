"""Whom what happened concerns, and that each is told of it once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.delivery.inbox import Notification, Reason
from taskcore.delivery.noticing import Noticing
from taskcore.delivery.reasons import SOMEBODY, Around, notices_of
from taskcore.events import Event
from taskcore.ports import Unit
from taskcore.tasks.model import Task
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.samples import log_of
from taskcore.testing.world import Person
from taskcore.values import Role, zone
from taskcore_memory import open_store


async def site(world: World) -> tuple[Person, Person, Team]:
    ada = await world.person("Ada")
    team = await world.team(ada)
    return ada, await world.member(ada, team, name="Bob"), team


async def tell(world: World, team: Team, *, skip: int = 0) -> None:
    """What follows from the team's log beyond so many events."""
    events = (await log_of(world, team))[skip:]
    await apply(world, events)


async def apply(world: World, events: Sequence[Event]) -> None:
    noticing = Noticing(world.clock, world.new_id)

    async def work(unit: Unit) -> None:
        await noticing.apply(unit, events)

    await world.store.transact(work)


async def told(world: World, person: Person) -> list[tuple[Reason, str]]:
    found = await world.store.rows().find(Notification, user_id=person.user.id)
    return [(each.reason, each.text) for each in found]


async def test_who_is_assigned_is_told_and_not_by_themselves(world: World) -> None:
    ada, bob, team = await site(world)
    await ada.me.tasks.create(team.id, "Mine", assignee_id=ada.user.id)
    task = await ada.me.tasks.create(team.id, "Ship  it\nnow", assignee_id=bob.user.id)
    await bob.me.tasks.assign(task.id, None)
    await bob.me.tasks.assign(task.id, bob.user.id)
    await tell(world, team)

    assert await told(world, bob) == [(Reason.ASSIGNED, "Ada assigned “Ship it now” to you")]
    assert await told(world, ada) == []


async def test_a_mention_beats_a_comment_and_comes_once_also_by_an_edit(world: World) -> None:
    ada, bob, team = await site(world)
    cy = await world.member(ada, team, name="Cy")
    task = await bob.me.tasks.create(team.id, "T")
    comment = await ada.me.comments.create(task.id, f"@{bob.user.email} look")
    await ada.me.comments.edit(comment.id, f"@{bob.user.email} and @{cy.user.email} look")
    await ada.me.comments.edit(comment.id, f"@{bob.user.email} and @{cy.user.email} look again")
    await tell(world, team)

    assert [reason for reason, _ in await told(world, bob)] == [Reason.MENTIONED]
    assert [reason for reason, _ in await told(world, cy)] == [Reason.MENTIONED]


async def test_a_comment_is_told_to_whose_task_it_is_and_who_was_in_the_talk_before(world: World) -> None:
    ada, bob, team = await site(world)
    cy, dee, eve = [await world.member(ada, team, name=name) for name in ("Cy", "Dee", "Eve")]
    task = await ada.me.tasks.create(team.id, "T", assignee_id=bob.user.id)
    await cy.me.comments.create(task.id, "first")
    await dee.me.followers.add(task.id, dee.user.id)
    await eve.me.comments.create(task.id, "second")
    await tell(world, team)

    about = {person.user.name: await told(world, person) for person in (ada, bob, cy, dee, eve)}
    first, second = "Cy commented on “T”: first", "Eve commented on “T”: second"
    assert about["Ada"] == about["Dee"] == [(Reason.COMMENTED, first), (Reason.COMMENTED, second)]
    assert about["Bob"][1:] == about["Ada"]
    assert about["Cy"] == [(Reason.COMMENTED, second)]
    assert about["Eve"] == []


async def test_a_comment_that_was_taken_back_is_not_told(world: World) -> None:
    ada, bob, team = await site(world)
    task = await bob.me.tasks.create(team.id, "T")
    comment = await ada.me.comments.create(task.id, f"@{bob.user.email} oops")
    await ada.me.comments.delete(comment.id)
    await tell(world, team)

    assert await told(world, bob) == []


async def test_another_status_is_told_to_who_made_it_follows_it_or_does_it(world: World) -> None:
    ada, bob, team = await site(world)
    cy = await world.member(ada, team, name="Cy")
    task = await bob.me.tasks.create(team.id, "T")
    await cy.me.followers.add(task.id, cy.user.id)
    await ada.me.tasks.start(task.id)
    await tell(world, team)

    assert await told(world, bob) == [(Reason.FOLLOWING, "Ada set “T” to in progress")]
    assert await told(world, cy) == await told(world, bob)
    assert await told(world, ada) == []


async def test_of_one_event_everybody_is_told_once_by_the_strongest_reason(world: World) -> None:
    ada, bob, team = await site(world)
    task = await bob.me.tasks.create(team.id, "T")
    await ada.me.tasks.edit(task.id, assignee_id=bob.user.id, status="in_progress")
    await tell(world, team)

    assert [reason for reason, _ in await told(world, bob)] == [Reason.ASSIGNED]


@pytest.mark.parametrize(
    ("before", "after", "due", "text"),
    [
        (10, 11, None, None),  # the same day
        (10, 34, None, "is planned to be finished on 2026-11-04, not on 2026-11-03"),
        (34, 10, None, None),
        (10, 11, 10.5, "is planned to be finished on 2026-11-03, after it is due"),
        (None, 11, 10.5, "is planned to be finished on 2026-11-03, after it is due"),
        (None, 11, None, None),
        (11, 12, 10.5, None),  # it was late before
    ],
)
async def test_a_plan_that_slips_is_told(
    world: World, before: float | None, after: float, due: float | None, text: str | None
) -> None:
    ada, bob, team = await site(world)
    start = world.clock.now
    at = {hours: start + timedelta(hours=hours) for hours in (before, after, due) if hours is not None}
    made = await ada.me.tasks.create(
        team.id, "T", assignee_id=bob.user.id, due_at=at[due] if due is not None else None
    )
    log = await log_of(world, team)
    change = {"from": at[before].isoformat() if before is not None else None, "to": at[after].isoformat()}
    event = _changed(log[-1], "task.updated", planned_finish=change)
    found = notices_of([event], Around({made.id: made}, {}, {}, zone("Asia/Kolkata")))

    assert [each.text for each in found] == ([f"“T” {text}"] if text is not None else [])
    assert {each.reason for each in found} <= {Reason.SLIPPED}


def _changed(event: Event, kind: str, **changes: Any) -> Event:
    return attrs.evolve(event, kind=kind, actor_id=None, data={**changes, "task": event.data["task"]})


async def test_who_is_not_known_by_name_is_somebody(world: World) -> None:
    ada, bob, team = await site(world)
    made = await ada.me.tasks.create(team.id, "T", assignee_id=bob.user.id)
    around = Around({made.id: made}, {}, {}, zone("UTC"))
    found = notices_of(await log_of(world, team), around)

    assert [each.text for each in found] == [f"{SOMEBODY} assigned “T” to you"]


async def test_what_is_in_the_trash_or_gone_is_not_told(world: World) -> None:
    ada, bob, team = await site(world)
    one = await ada.me.tasks.create(team.id, "One", assignee_id=bob.user.id)
    await ada.me.tasks.delete(one.id)
    other = await ada.me.tasks.create(team.id, "Other", assignee_id=bob.user.id)
    await ada.me.tasks.delete(other.id)
    await ada.me.tasks.purge(other.id)
    await tell(world, team)

    assert await told(world, bob) == []


async def test_nobody_is_told_of_what_was_before_they_came_nor_of_what_was_brought(world: World) -> None:
    ada, bob, team = await site(world)
    task = await ada.me.tasks.create(team.id, "T")
    await ada.me.tasks.start(task.id)
    world.clock.advance(hours=1)
    cy = await world.member(ada, team, name="Cy")
    await ada.me.followers.add(task.id, cy.user.id)
    made = await ada.me.tasks.create(team.id, "Brought", assignee_id=bob.user.id)
    log = await log_of(world, team)
    brought = _changed(
        log[-1], "task.created", created_at={}, assignee_id={"from": None, "to": str(bob.user.id)}
    )

    assert notices_of([brought], Around({made.id: made}, {}, {}, zone("UTC"))) == []
    await tell(world, team)
    assert await told(world, cy) == []


class _Doings:
    """What three people do, as numbers say, so that a shrunk example is a short story."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tasks: list[Task] = []

    async def begin(self) -> None:
        ada, bob, self.team = await site(self.world)
        guest = await self.world.member(ada, self.team, Role.GUEST, "Gus")
        project = await ada.me.projects.create(self.team.id, "P")
        await ada.me.projects.share(project.id, guest.user.id)
        self.people = [ada, bob, guest]
        for title in ("One", "Two"):
            made = await ada.me.tasks.create(self.team.id, title, project_id=project.id)
            self.tasks.append(await ada.me.followers.add(made.id, guest.user.id))

    async def do(self, who: int, what: int, task: int, whom: int) -> None:
        me, other = self.people[who % 2].me, self.people[whom % 3]
        about = self.tasks[task % 2].id
        self.world.clock.advance(seconds=1)
        if what == 0:
            await me.tasks.assign(about, self.people[whom % 2].user.id)
        elif what == 1:
            await me.comments.create(about, f"@{other.user.email} hello")
        elif what == 2:
            await me.comments.create(about, "hello")
        elif what == 3:
            await me.tasks.edit(about, status=("open", "in_progress", "in_review")[whom % 3])
        else:
            await me.tasks.edit(
                about, status="in_progress", assignee_id=self.people[whom % 2].user.id, priority="high"
            )

    async def taken(self) -> set[tuple[Any, ...]]:
        """What everybody was told, which is forgotten."""
        found = await self.world.store.rows().find(Notification)

        async def work(unit: Unit) -> None:
            await unit.save([], removed=await unit.find(Notification))

        await self.world.store.transact(work)
        keys = [(each.user_id, each.cause, each.reason, each.text) for each in found]
        assert len({key[:2] for key in keys}) == len(keys)
        assert len({(each.user_id, each.event_id) for each in found}) == len(keys)
        return set(keys)


DOING = st.tuples(*(st.integers(0, most) for most in (1, 4, 1, 2)))


@given(st.lists(DOING, max_size=12), st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=8))
@settings(max_examples=40)
def test_one_notice_for_one_cause_whatever_batches_repetitions_and_restarts(
    story: list[tuple[int, int, int, int]], batches: list[tuple[int, bool]]
) -> None:
    async def run() -> None:
        doings = _Doings(World(open_store("memory://")))
        await doings.begin()
        for each in story:
            await doings.do(*each)
        log = await log_of(doings.world, doings.team)
        await apply(doings.world, log)
        at_once = await doings.taken()
        rest = log
        for size, again in batches:
            for _ in range(1 + again):
                if rest[:size]:
                    await apply(doings.world, rest[:size])
            rest = rest[size:]
        if rest:
            await apply(doings.world, rest)
        own = {(event.id, event.actor_id) for event in log}

        assert await doings.taken() == at_once
        assert not {(cause, user_id) for user_id, cause, *_ in at_once} & {
            (f"event:{event_id}", user_id) for event_id, user_id in own
        }

    asyncio.run(run())


async def test_what_a_rule_assigns_is_told_in_its_name(world: World) -> None:
    ada, bob, team = await site(world)
    await ada.me.tasks.create(team.id, "lonely", assignee_id=bob.user.id)
    rules = [{"id": "1", "name": "Look after it"}, {"id": "2", "name": "Hurry"}]
    (made,) = [each for each in await log_of(world, team) if each.kind == "task.created"]
    task = (await world.store.rows().find(Task, team_id=team.id))[0]
    texts = []
    for some in ([], rules[:1], rules):
        event = attrs.evolve(
            made,
            kind="task.assigned",
            actor_id=None,
            data={
                "task": made.data["task"],
                "assignee_id": {"from": None, "to": str(bob.user.id)},
                "escalations": some,
            },
        )
        texts += [each.text for each in notices_of([event], Around({task.id: task}, {}, {}, zone("UTC")))]

    assert texts == [
        "Somebody assigned “lonely” to you",
        "The rule “Look after it” assigned “lonely” to you",
        "The rules “Look after it”, “Hurry” assigned “lonely” to you",
    ]
