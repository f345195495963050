"""What is tried out: each change is made to a copy of the team, and what is none is told by its place."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from taskcore.errors import Invalid
from taskcore.planning.changes import MOST_CHANGES
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person


@pytest.fixture
async def ada(world: World) -> Person:
    return await world.person()


@pytest.fixture
async def team(world: World, ada: Person) -> Team:
    made = await world.team(ada)
    for title in ("first", "second"):
        await ada.me.tasks.create(made.id, title, estimate_minutes=240, assignee_id=ada.user.id)
    await ada.me.tasks.create(made.id, "a part", parent_id=f"{made.key}-1", estimate_minutes=60)
    await ada.me.dependencies.link(f"{made.key}-2", f"{made.key}-1")
    return made


async def planned(ada: Person, team: Team, *changes: dict[str, Any]) -> set[str]:
    """The tasks of the plan with these changes; `T-1` stands for the team's first."""
    told = [{name: of_team(value, team) for name, value in each.items()} for each in changes]
    return {task.title for task in (await ada.me.schedule.plan(team.id, changes=told)).tasks}


def of_team(value: Any, team: Team) -> Any:
    return value.replace("T-", f"{team.key}-") if isinstance(value, str) else value


async def test_what_is_dropped_goes_with_its_parts(ada: Person, team: Team) -> None:
    assert await planned(ada, team) == {"first", "second", "a part"}
    assert await planned(ada, team, {"op": "drop", "id": "T-1"}) == {"second"}
    assert await planned(ada, team) == {"first", "second", "a part"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, "op"),
        ({"op": "fly", "id": "T-1"}, "op"),
        ({"op": 5}, "op"),
        ({"op": "edit"}, "id"),
        ({"op": "edit", "id": "T-99"}, "id"),
        ({"op": "edit", "id": "T-1", "assignee_id": uuid4()}, "assignee_id"),
        ({"op": "edit", "id": "T-1", "start_at": datetime(2026, 11, 2)}, "start_at"),  # noqa: DTZ001  of no zone
        ({"op": "drop", "id": "T-1", "minutes": 5}, "minutes"),
        ({"op": "delay", "id": "T-1"}, "minutes"),
        ({"op": "delay", "id": "T-1", "minutes": True}, "minutes"),
        ({"op": "delay", "id": "T-1", "minutes": -1}, "minutes"),
        ({"op": "link", "id": "T-1", "predecessor": "T-1"}, "predecessor"),
        ({"op": "unlink", "id": "T-1", "predecessor": "T-2"}, "predecessor"),
        ({"op": "add_member"}, "name"),
        ({"op": "remove_member", "user_id": uuid4()}, "user_id"),
        ({"op": "remove_member"}, "user_id"),
    ],
)
async def test_what_is_no_change_is_told_by_its_place(
    ada: Person, team: Team, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await planned(ada, team, {"op": "delay", "id": "T-2", "minutes": 5}, change)

    assert [each.field for each in refused.value.faults] == [f"changes/1/{field}"]


async def test_more_changes_than_one_can_follow_are_refused(ada: Person, team: Team) -> None:
    with pytest.raises(Invalid) as refused:
        await planned(ada, team, *[{"op": "drop", "id": "T-1"}] * (MOST_CHANGES + 1))

    assert [each.field for each in refused.value.faults] == ["changes"]


async def test_a_task_is_planned_with_other_fields(ada: Person, team: Team) -> None:
    day = datetime.fromisoformat("2026-11-09T09:00+00:00")
    edit = {"op": "edit", "id": f"{team.key}-2", "start_at": day, "due_at": day, "priority": None}
    plan = await ada.me.schedule.plan(team.id, changes=[edit, {"op": "add_member", "name": "Bob"}])
    second = next(task for task in plan.tasks if task.title == "second")

    assert second.start >= day


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"apply": True, "changes": [{"op": "drop", "id": "T-1"}]}, "apply"),
        ({"seconds": -1}, "seconds"),
        ({"schedules": -1}, "schedules"),
        ({"estimate_minutes": -5}, "estimate_minutes"),
        ({"start": datetime(2026, 11, 2)}, "start"),  # noqa: DTZ001  of no zone
    ],
)
async def test_what_no_plan_can_be_made_by_is_refused(
    ada: Person, team: Team, asked: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await ada.me.schedule.plan(team.id, **asked)

    assert [each.field for each in refused.value.faults] == [field]
