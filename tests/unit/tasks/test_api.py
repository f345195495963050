"""The use cases of tasks: who may, what is loaded to judge it, and what comes back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from taskcore.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, Unauthenticated
from taskcore.tasks.model import TaskFields
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role, Status, TaskId
from tests.unit.examples import NOW, new_id
from tests.unit.refusals import refusal

STALE = (PreconditionFailed, "version_conflict")
MISSING = (NotFound, "not_found")


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    return await world.team(ada)


# Versions


async def test_the_last_writer_of_a_field_wins_unless_a_version_is_named(ada: Person, team: Team) -> None:
    task = await ada.me.tasks.create(team.id, "Ship it")
    await ada.me.tasks.edit(task.id, title="Sail it")

    assert (await ada.me.tasks.edit(task.id, title="Row it")).version == 3
    assert await refusal(ada.me.tasks.edit(task.id, title="Fly it", if_version=2)) == STALE
    assert await refusal(ada.me.tasks.delete(task.id, if_version=2)) == STALE
    assert (await ada.me.tasks.edit(task.id, title="Fly it", if_version=3)).version == 4


async def test_a_merge_takes_what_nobody_else_changed_since(ada: Person, team: Team) -> None:
    task = await ada.me.tasks.create(team.id, "Ship it")
    await ada.me.tasks.edit(task.id, title="Sail it")
    merged = await ada.me.tasks.edit(task.id, estimate_minutes=30, if_version=1, merge=True)

    assert (merged.title, merged.estimate_minutes, merged.version) == ("Sail it", 30, 3)
    with pytest.raises(PreconditionFailed) as refused:
        await ada.me.tasks.edit(task.id, title="Row it", spent_minutes=5, if_version=1, merge=True)
    assert refused.value.data == {"version": 3, "fields": ["title"]}
    assert await refusal(ada.me.tasks.edit(task.id, title="Row it", if_version=9, merge=True)) == STALE


async def test_a_due_day_and_a_due_instant_are_one_field_to_a_merge(ada: Person, team: Team) -> None:
    task = await ada.me.tasks.create(team.id, "Ship it")
    await ada.me.tasks.edit(task.id, due_at=NOW)

    assert await refusal(ada.me.tasks.edit(task.id, due_on=NOW.date(), if_version=1, merge=True)) == STALE


async def test_a_merge_sees_a_change_however_much_was_said_since(ada: Person, team: Team) -> None:
    """Comments and dependencies stand in the task's log too, and hide nothing."""
    task = await ada.me.tasks.create(team.id, "Ship it")
    other = await ada.me.tasks.create(team.id, "Build it")
    await ada.me.tasks.edit(task.id, title="Sail it")
    await ada.me.dependencies.link(task.id, other.id)
    for number in range(250):
        await ada.me.comments.create(task.id, f"{number}")

    assert await refusal(ada.me.tasks.edit(task.id, title="Row it", if_version=1, merge=True)) == STALE


# The verbs


async def test_each_verb_is_an_edit(ada: Person, team: Team) -> None:
    task = await ada.me.tasks.create(team.id, "Ship it")
    started = await ada.me.tasks.start(task.key)
    cancelled = await ada.me.tasks.cancel(task.key)
    reopened = await ada.me.tasks.reopen(task.key)
    assigned = await ada.me.tasks.assign(task.key, ada.user.id)
    done = await ada.me.tasks.complete(task.key)

    assert [each.status for each in (started, cancelled, reopened, done)] == [
        Status.IN_PROGRESS,
        Status.CANCELLED,
        Status.OPEN,
        Status.DONE,
    ]
    assert assigned.assignee_id == ada.user.id
    assert [event.kind for event in (await ada.me.events.activity(task.id)).items] == [
        "task.completed",
        "task.assigned",
        "task.reopened",
        "task.cancelled",
        "task.started",
        "task.created",
    ]


async def test_what_stands_in_the_way_is_named_by_key(ada: Person, team: Team) -> None:
    first, second, part = [await ada.me.tasks.create(team.id, title) for title in ("First", "Second", "Part")]
    await ada.me.dependencies.link(second.id, first.id)
    await ada.me.tasks.edit(part.id, parent_id=first.key)
    with pytest.raises(Conflict) as blocked:
        await ada.me.tasks.complete(second.id)
    with pytest.raises(Conflict) as unfinished:
        await ada.me.tasks.complete(first.id)

    assert blocked.value.data == {"blockers": [first.key]}
    assert unfinished.value.data == {"subtasks": [part.key]}
    assert (await ada.me.tasks.edit(second.id, title="Later")).blocked
    assert (await ada.me.tasks.complete(second.id, force=True)).status is Status.DONE


async def test_a_subtask_in_the_trash_holds_nothing_up(ada: Person, team: Team) -> None:
    whole, part = await ada.me.tasks.create(team.id, "Whole"), await ada.me.tasks.create(team.id, "Part")
    await ada.me.tasks.edit(part.id, parent_id=whole.id)
    await ada.me.tasks.delete(part.id)

    assert (await ada.me.tasks.complete(whole.id)).status is Status.DONE


async def test_nobody_nests_a_task_in_itself_or_in_another_team(
    world: World, ada: Person, team: Team
) -> None:
    elsewhere = await ada.me.tasks.create((await world.team(ada)).id, "Elsewhere")
    task = await ada.me.tasks.create(team.id, "Whole")
    part = await ada.me.tasks.create(team.id, "Part", parent_id=task.key.lower())
    with pytest.raises(Conflict) as refused:
        await ada.me.tasks.edit(task.id, parent_id=part.id)

    assert refused.value.data == {"cycle": [task.key, part.key, task.key]}
    for parent in (elsewhere.id, elsewhere.key, TaskId(new_id()), "NONE-1"):
        assert await refusal(ada.me.tasks.edit(task.id, parent_id=parent)) == (Invalid, "invalid")
    assert (await ada.me.tasks.edit(part.id, parent_id=None)).parent_id is None


# Manual order


async def ranked(ada: Person, team: Team) -> list[str]:
    return [task.title for task in (await ada.me.tasks.list(team=team.key, sort="rank")).items]


async def test_a_task_moves_right_behind_or_ahead_of_another(ada: Person, team: Team) -> None:
    a, b, c = [await ada.me.tasks.create(team.id, title) for title in "abc"]
    moves: list[tuple[dict[str, Any], list[str]]] = [
        ({"after": c.id}, ["b", "c", "a"]),
        ({"before": b.key}, ["a", "b", "c"]),
        ({"after": b.id}, ["b", "a", "c"]),
        ({"before": c.id}, ["b", "a", "c"]),
    ]
    for where, order in moves:
        moved = await ada.me.tasks.move(a.id, **where)

        assert await ranked(ada, team) == order
        assert moved.key == a.key


async def test_a_task_moves_beyond_all_that_share_a_rank(ada: Person, team: Team) -> None:
    for title in "abc":
        await ada.me.tasks.create(team.id, title, rank="V")
    await ada.me.tasks.create(team.id, "y", rank="W")
    mover = await ada.me.tasks.create(team.id, "z", rank="X")
    first = (await ada.me.tasks.list(team=team.key, sort="rank")).items[0]

    assert "V" < (await ada.me.tasks.move(mover.id, after=first.id)).rank < "W"
    assert (await ada.me.tasks.move(mover.id, before=first.id)).rank < "V"


async def test_a_move_names_one_other_task_of_the_team(world: World, ada: Person, team: Team) -> None:
    elsewhere = await ada.me.tasks.create((await world.team(ada)).id, "Elsewhere")
    a, b = await ada.me.tasks.create(team.id, "a"), await ada.me.tasks.create(team.id, "b")

    wrong: list[dict[str, Any]] = [{"after": a.id, "before": b.id}, {"after": a.id}, {"before": elsewhere.id}]
    for where in wrong:
        assert await refusal(ada.me.tasks.move(a.id, **where)) == (Invalid, "invalid")
    assert await refusal(ada.me.tasks.move(a.id, after="NONE-1")) == MISSING


# Who may


async def test_a_guest_reads_what_is_shared_and_changes_nothing(
    world: World, ada: Person, team: Team
) -> None:
    guest = await world.member(ada, team, Role.GUEST, "Eve")
    project = await ada.me.projects.create(team.id, "Shared")
    await ada.me.projects.share(project.id, guest.user.id)
    seen = await ada.me.tasks.create(team.id, "Seen", project_id=project.id)
    hidden = await ada.me.tasks.create(team.id, "Hidden")

    assert (await guest.me.tasks.get(seen.id)).title == "Seen"
    assert await refusal(guest.me.tasks.get(hidden.id)) == MISSING
    assert await refusal(guest.me.tasks.edit(hidden.id, title="Mine")) == MISSING
    assert await refusal(guest.me.tasks.edit(seen.id, title="Mine")) == (Forbidden, "forbidden")
    assert await refusal(guest.me.tasks.create(team.id, "Mine")) == (Forbidden, "forbidden")
    assert await refusal(guest.me.tasks.delete(seen.id)) == (Forbidden, "forbidden")


async def test_a_member_deletes_their_own_and_restores_what_they_deleted(
    world: World, ada: Person, team: Team
) -> None:
    bob = await world.member(ada, team, name="Bob")
    own, other = await bob.me.tasks.create(team.id, "Own"), await ada.me.tasks.create(team.id, "Other")
    await bob.me.tasks.delete(own.id)
    await ada.me.tasks.delete(other.id)

    assert await refusal(bob.me.tasks.get(own.id)) == MISSING
    assert (await bob.me.tasks.get(own.id, deleted=True)).deleted_by == bob.user.id
    assert (await bob.me.tasks.restore(own.id)).deleted_at is None
    assert (await ada.me.tasks.restore(own.id)).version == 3, "it is there already"
    assert await refusal(bob.me.tasks.restore(other.id)) == (Forbidden, "forbidden")
    assert await refusal(bob.me.tasks.purge(other.id)) == (Forbidden, "forbidden")
    assert await refusal(bob.me.tasks.edit(own.id, status=Status.DONE, assignee_id=TaskId(new_id()))) == (  # type: ignore[arg-type]
        Invalid,
        "invalid",
    )
    assert await refusal(bob.me.tasks.delete((await ada.me.tasks.create(team.id, "Hers")).id)) == (
        Forbidden,
        "forbidden",
    )


@pytest.mark.parametrize("field", TaskFields.__annotations__)
async def test_nothing_in_the_trash_changes(ada: Person, team: Team, field: str) -> None:
    task = await ada.me.tasks.create(team.id, "Gone")
    await ada.me.tasks.delete(task.id)

    assert await refusal(ada.me.tasks.edit(task.id, **{field: None})) == MISSING  # type: ignore[arg-type]


async def test_a_count_is_of_all_pages_and_asks_for_a_team_of_ones_own(
    world: World, ada: Person, team: Team
) -> None:
    for number in range(5):
        await ada.me.tasks.create(team.id, f"{number}")
    eve = await world.person("Eve")

    assert await ada.me.tasks.count(team=team.key, limit=2) == 5
    assert await eve.me.tasks.count() == 0
    assert await refusal(eve.me.tasks.count(team=team.key)) == MISSING


async def test_a_day_begins_where_each_team_is(world: World, ada: Person) -> None:
    """Noon in UTC on the first is the second already on Kiritimati, and still the first in New York."""
    east, west = [
        await world.team(ada, time_zone=zone) for zone in ("Pacific/Kiritimati", "America/New_York")
    ]
    for home in (east, west):
        await ada.me.tasks.create(home.id, home.time_zone, due_at=datetime(2026, 12, 1, 12, tzinfo=UTC))

    async def due(**bounds: Any) -> list[str]:
        return [task.title for task in (await ada.me.tasks.list(**bounds)).items]

    assert await due(due_after="2026-12-02") == ["Pacific/Kiritimati"]
    assert await due(due_before="2026-12-02") == ["America/New_York"]


async def test_a_day_that_begins_before_the_first_year_is_no_bound(world: World, ada: Person) -> None:
    await world.team(ada, time_zone="Asia/Tokyo")
    with pytest.raises(Invalid) as refused:
        await ada.me.tasks.list(created_after="0001-01-01")

    assert [fault.field for fault in refused.value.faults] == ["created_after"]


async def test_a_count_says_nothing_to_whom_nothing_may_be_said(
    world: World, ada: Person, team: Team
) -> None:
    bob = await world.member(ada, team)
    await world.core.users.disable(bob.user.email)

    assert await refusal(bob.me.tasks.count(team=team.key)) == (Unauthenticated, "unauthenticated")
    assert await refusal(bob.me.tasks.get("NONE-1")) == (Unauthenticated, "unauthenticated")
