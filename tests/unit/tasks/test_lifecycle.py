"""The verbs of a task: what each changes, what it refuses, and what the log tells of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Unpack, get_type_hints
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskcore.errors import Conflict, Invalid, PreconditionFailed
from taskcore.events import plain
from taskcore.tasks import lifecycle
from taskcore.tasks.lifecycle import Surroundings
from taskcore.tasks.model import DERIVED, MAX_LEVELS, PLANNING, Task, TaskFields, snapshot
from taskcore.tasks.planning import NewConstraint, TaskConstraint
from taskcore.teams.model import Project
from taskcore.values import (
    ConstraintRule,
    DependencyType,
    EstimateKind,
    Priority,
    ProjectId,
    Role,
    Status,
)
from tests.unit.examples import ADA, BOB, LATER, NOW, TEAM, dependency, membership, new_id, stamp, task

PROJECT = Project(ProjectId(new_id()), TEAM.id, "Engine", ADA.id, NOW, NOW)
ALONE = Surroundings(team=TEAM)
ROOMY = Surroundings(
    team=TEAM,
    assignee=ADA,
    assignee_membership=membership(ADA),
    project=PROJECT,
    labels=frozenset({"bug", "ui"}),
)
"""Surroundings in which every sound change is allowed."""

statuses = st.sampled_from(Status)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "America/Havana"])
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
changes = st.fixed_dictionaries(
    {},
    optional={
        "title": st.sampled_from(["Task 1", "Ship it"]),
        "status": statuses,
        "priority": st.sampled_from(Priority),
        "assignee_id": st.sampled_from([None, ADA.id]),
        "project_id": st.sampled_from([None, PROJECT.id]),
        "labels": st.lists(st.sampled_from(["bug", "ui"])),
        "rank": st.sampled_from(["V", "W"]),
        "estimate_minutes": st.none() | st.integers(0, 600),
        "due_on": st.none() | days,
    },
)


def edited(
    before: Task, around: Surroundings = ALONE, now: datetime = LATER, **fields: Unpack[TaskFields]
) -> Task:
    return lifecycle.edit(before, fields, around, stamp(now))[0]


def faults_of(fields: dict[str, Any], around: Surroundings) -> list[str]:
    with pytest.raises(Invalid) as refused:
        lifecycle.edit(task(), TaskFields(**fields), around, stamp())  # type: ignore[typeddict-item]
    return [fault.field for fault in refused.value.faults]


# What a change is


@given(fields=changes, before=changes)
def test_a_change_raises_the_version_by_one_and_tells_every_field_that_differs(
    fields: TaskFields, before: TaskFields
) -> None:
    old = edited(task(), ROOMY, **before)
    new, events = lifecycle.edit(old, fields, ROOMY, stamp())
    untold = DERIVED | {"version", "updated_at"}
    differing = {
        field.name: {"from": plain(getattr(old, field.name)), "to": plain(getattr(new, field.name))}
        for field in attrs.fields(Task)
        if getattr(old, field.name) != getattr(new, field.name) and field.name not in untold
    }

    if not differing:
        assert (new, events) == (old, [])
    else:
        (event,) = events
        assert {name: change for name, change in event.data.items() if name != "task"} == differing
        assert (new.version, new.updated_at) == (old.version + 1, LATER)
        assert event.data["task"] == snapshot(new)
        assert (event.subject_id, event.task_id, event.actor_id, event.at) == (new.id, new.id, ADA.id, LATER)


@given(fields=changes)
def test_the_same_change_again_changes_nothing(fields: TaskFields) -> None:
    once = edited(task(), ROOMY, **fields)

    assert lifecycle.edit(once, fields, ROOMY, stamp()) == (once, [])


@given(fields=changes)
def test_fields_that_are_not_given_stay(fields: TaskFields) -> None:
    old = edited(task(), ROOMY, title="Old", labels=["ui"], estimate_minutes=5, priority=Priority.LOW)
    new = edited(old, ROOMY, **fields)
    follow_from_others = {"started_at", "completed_at", "due_at", "version", "updated_at", *DERIVED}
    changed = {
        field.name for field in attrs.fields(Task) if getattr(old, field.name) != getattr(new, field.name)
    }

    assert changed <= fields.keys() | follow_from_others


@given(fields=changes)
def test_a_new_task_has_the_given_fields_and_its_event_tells_those_that_are_not_as_usual(
    fields: TaskFields,
) -> None:
    new, (event,) = lifecycle.create(TEAM, {**fields, "title": "New"}, ROOMY, stamp())

    assert (new.version, new.number, new.created_by, new.created_at) == (1, 0, ADA.id, LATER)
    assert event.kind == "task.created"
    for field in attrs.fields(Task):
        if field.name in fields and getattr(new, field.name) != field.default:
            assert event.data[field.name] == {"from": None, "to": plain(getattr(new, field.name))}


def test_tasks_are_ranked_in_the_order_in_which_they_are_made() -> None:
    ranks = [lifecycle.create(TEAM, {"title": "New"}, ALONE, stamp())[0].rank for _ in range(50)]

    assert ranks == sorted(set(ranks))


# Status


@given(walk=st.lists(statuses, min_size=1, max_size=8))
def test_any_status_follows_any_other_and_the_instants_follow_the_status(walk: list[Status]) -> None:
    now, current = NOW, task()
    started_at = completed_at = None
    for status in walk:
        now += timedelta(minutes=1)
        if status is Status.IN_PROGRESS and current.status is not status:
            started_at = started_at or now
        if not status.finished:
            completed_at = None
        elif current.status is not status:
            completed_at = now
        current = edited(current, now=now, status=status)

        assert (current.status, current.started_at, current.completed_at) == (
            status,
            started_at,
            completed_at,
        )


@given(status=statuses)
def test_a_task_made_in_a_status_has_its_instants_at_once(status: Status) -> None:
    new, _ = lifecycle.create(TEAM, {"title": "New", "status": status}, ALONE, stamp())

    assert new.started_at == (LATER if status is Status.IN_PROGRESS else None)
    assert new.completed_at == (LATER if status.finished else None)


@given(before=statuses, fields=changes)
def test_the_kind_of_an_event_is_the_first_that_fits(before: Status, fields: TaskFields) -> None:
    old = edited(task(), status=before)
    new, events = lifecycle.edit(old, fields, ROOMY, stamp())
    moved = new.status is not old.status
    fits = {
        "task.completed": moved and new.status is Status.DONE,
        "task.cancelled": moved and new.status is Status.CANCELLED,
        "task.reopened": old.status.finished and not new.status.finished,
        "task.started": moved and new.status is Status.IN_PROGRESS,
        "task.assigned": new.assignee_id != old.assignee_id,
        "task.moved": (new.project_id, new.rank) != (old.project_id, old.rank),
        "task.updated": bool(events),
    }

    assert [event.kind for event in events] == [kind for kind, right in fits.items() if right][:1]


# What stands in the way


def test_a_blocked_task_is_not_done_before_its_predecessor() -> None:
    before, after = task(1), task(2)
    around = Surroundings(predecessors=((dependency(before, after), before),))

    with pytest.raises(Conflict, match="PLAT-2 is blocked by PLAT-1") as refused:
        edited(after, around, status=Status.DONE)

    assert (refused.value.code, refused.value.data) == ("blocked", {"blockers": ["PLAT-1"]})


def test_a_task_is_not_done_before_its_subtasks() -> None:
    with pytest.raises(Conflict, match="PLAT-2, PLAT-3") as refused:
        edited(task(), Surroundings(unfinished_subtasks=("PLAT-2", "PLAT-3")), status=Status.DONE)

    assert (refused.value.code, refused.value.data) == (
        "unfinished_subtasks",
        {"subtasks": ["PLAT-2", "PLAT-3"]},
    )


@given(status=statuses.filter(lambda status: status is not Status.DONE), kind=st.sampled_from(DependencyType))
def test_nothing_but_done_is_refused(status: Status, kind: DependencyType) -> None:
    before, after = task(1), task(2)
    around = Surroundings(
        predecessors=((dependency(before, after, kind), before),), unfinished_subtasks=("PLAT-3",)
    )

    assert edited(after, around, status=status).status is status


@pytest.mark.parametrize("obstructed", [True, False])
def test_force_finishes_all_the_same_and_the_log_tells_where_it_was_needed(*, obstructed: bool) -> None:
    around = Surroundings(unfinished_subtasks=("PLAT-2",) if obstructed else ())
    done, (event,) = lifecycle.edit(task(), {"status": Status.DONE}, around, stamp(), force=True)

    assert done.status is Status.DONE
    assert event.data.get("force", False) is obstructed


def test_a_done_task_that_is_obstructed_meanwhile_can_still_be_edited() -> None:
    around = Surroundings(unfinished_subtasks=("PLAT-2",))

    assert edited(task(status=Status.DONE), around, title="Other").title == "Other"
    assert edited(task(status=Status.DONE), around, title="Other", status=Status.DONE).title == "Other"


def test_faults_are_told_before_a_stale_version_and_that_before_an_obstacle() -> None:
    around, stale = Surroundings(unfinished_subtasks=("PLAT-2",)), PreconditionFailed("stale")

    with pytest.raises(Invalid):
        lifecycle.edit(task(), {"status": Status.DONE, "title": ""}, around, stamp(), stale=stale)
    with pytest.raises(PreconditionFailed):
        lifecycle.edit(task(), {"status": Status.DONE}, around, stamp(), stale=stale)


# Due


@given(day=days, zone=zones, home=zones)
def test_a_day_is_due_to_its_end_where_the_assignee_lives_else_the_team(
    day: date, zone: str, home: str
) -> None:
    team = attrs.evolve(TEAM, time_zone=home)
    of_nobody = edited(task(), Surroundings(team=team), due_on=day)
    of_ada = edited(task(), Surroundings(team=team, assignee=attrs.evolve(ADA, time_zone=zone)), due_on=day)

    for due, where in ((of_nobody, home), (of_ada, zone)):
        assert due.due_on == day
        assert due.due_at is not None
        assert due.due_at.astimezone(ZoneInfo(where)).date() == day
        assert (due.due_at + timedelta(microseconds=1)).astimezone(ZoneInfo(where)).date() == day + timedelta(
            1
        )


@given(day=days)
def test_a_due_day_moves_with_the_task_to_its_new_assignee(day: date) -> None:
    around = attrs.evolve(ROOMY, assignee=BOB, assignee_membership=membership(BOB))
    of_ada = edited(task(), ROOMY, due_on=day, assignee_id=ADA.id)
    of_bob = edited(of_ada, around, assignee_id=BOB.id)

    assert of_bob.due_on == day
    assert of_bob.due_at == edited(task(), around, due_on=day).due_at != of_ada.due_at


@given(instant=st.datetimes(timezones=zones.map(ZoneInfo), min_value=datetime(2, 1, 1)))  # noqa: DTZ001  of any zone
def test_a_due_instant_stays_where_it_is_and_is_no_day(instant: datetime) -> None:
    due = edited(edited(task(), due_on=date(2026, 12, 1)), due_at=instant)
    reassigned = edited(due, ROOMY, assignee_id=ADA.id)

    assert (due.due_on, due.due_at) == (None, instant.astimezone(UTC))
    assert reassigned.due_at == due.due_at


@pytest.mark.parametrize("cleared", [TaskFields(due_on=None), TaskFields(due_at=None)])
def test_clearing_either_due_clears_both(cleared: TaskFields) -> None:
    due = edited(edited(task(), due_on=date(2026, 12, 1)), **cleared)

    assert (due.due_on, due.due_at) == (None, None)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"due_on": date(2026, 12, 1), "due_at": NOW}, "due_on"),
        ({"due_at": NOW.replace(tzinfo=None)}, "due_at"),
        ({"start_at": NOW.replace(tzinfo=None)}, "start_at"),
        ({"due_on": date.max}, "due_on"),
    ],
)
def test_a_date_that_could_mean_two_things_or_none_is_refused(fields: dict[str, Any], field: str) -> None:
    assert faults_of(fields, ALONE) == [field]


@given(due=st.datetimes(timezones=st.just(NOW.tzinfo)), status=statuses)
def test_overdue_is_unfinished_past_its_due_instant(due: datetime, status: Status) -> None:
    late = lifecycle.derived(task(due_at=due, status=status), None, NOW)

    assert late.overdue == (due < NOW and not status.finished)


def test_a_finished_task_is_not_blocked() -> None:
    before, after = task(1), task(2)
    predecessors = [(dependency(before, after), before)]

    assert lifecycle.is_blocked(after, predecessors)
    assert not lifecycle.is_blocked(attrs.evolve(after, status=Status.DONE), predecessors)


@given(fields=changes)
def test_an_edited_task_is_blocked_by_what_blocked_it_before(fields: TaskFields) -> None:
    before, after = task(1), task(2)
    tie = ((dependency(before, after), before),)
    blocked = lifecycle.derived(after, tie, NOW)
    around = attrs.evolve(ROOMY, predecessors=tie if "status" in fields else None)
    edited_task, _ = lifecycle.edit(blocked, fields, around, stamp(), force=True)

    assert edited_task.blocked == (not edited_task.status.finished)


# What a task refers to


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("active", [True, False])
def test_an_assignee_is_an_active_owner_admin_or_member(role: Role, *, active: bool) -> None:
    user = ADA if active else attrs.evolve(ADA, disabled_at=NOW)
    around = Surroundings(team=TEAM, assignee=user, assignee_membership=membership(ADA, role))

    if active and role is not Role.GUEST:
        assert edited(task(), around, assignee_id=ADA.id).assignee_id == ADA.id
    else:
        assert faults_of({"assignee_id": ADA.id}, around) == ["assignee_id"]


def test_an_assignee_who_is_not_in_the_team_is_refused() -> None:
    assert faults_of({"assignee_id": ADA.id}, ALONE) == ["assignee_id"]


def test_candidates_work_in_the_team() -> None:
    around = attrs.evolve(ALONE, candidates=frozenset({BOB.id, ADA.id}))
    chosen = edited(task(), around, candidates=[BOB.id, ADA.id, BOB.id])

    assert chosen.candidates == tuple(sorted((ADA.id, BOB.id)))
    assert edited(chosen, ALONE, title="x").candidates == chosen.candidates
    assert faults_of(
        {"candidates": [BOB.id, ADA.id]}, attrs.evolve(ALONE, candidates=frozenset({BOB.id}))
    ) == ["candidates"]


def test_null_makes_what_a_plan_asks_for_what_it_was() -> None:
    set_all = attrs.evolve(
        task(),
        estimate_kind=EstimateKind.ELAPSED,
        estimate_optimistic_minutes=1,
        estimate_pessimistic_minutes=2,
        remaining_minutes=3,
        candidates=(ADA.id,),
        required_skills=("sql",),
        splittable=True,
        constraints=(TaskConstraint(ConstraintRule.AS_LATE_AS_POSSIBLE),),
    )
    asked = [name for name in PLANNING if name in get_type_hints(TaskFields)]  # the rest a plan says
    cleared = edited(set_all, **dict.fromkeys(asked))  # type: ignore[arg-type]  # all of them take None

    assert all(getattr(set_all, name) != getattr(cleared, name) for name in asked)
    assert all(getattr(cleared, name) == getattr(task(), name) for name in asked)


def test_words_of_another_program_stay_until_a_recurrence_is_given() -> None:
    old = attrs.evolve(task(), recurrence="every monday")

    assert edited(old, title="x").recurrence == "every monday"
    assert edited(old, recurrence="RRULE:FREQ=WEEKLY").recurrence == "RRULE:FREQ=WEEKLY"
    assert edited(old, recurrence=None).recurrence is None
    assert faults_of({"recurrence": "every tuesday"}, ALONE) == ["recurrence"]


def test_constraints_stand_in_the_order_of_their_rules() -> None:
    late: NewConstraint = {"rule": ConstraintRule.AS_LATE_AS_POSSIBLE}
    first, again = (edited(task(), constraints=given) for given in ([late, soon(LATER)], [soon(LATER), late]))

    assert first.constraints == again.constraints
    assert first.constraints[0] == TaskConstraint(ConstraintRule.NOT_BEFORE, LATER)
    assert faults_of({"constraints": [soon(LATER.replace(tzinfo=None))]}, ALONE) == ["constraints"]


def soon(at: datetime) -> NewConstraint:
    return {"rule": ConstraintRule.NOT_BEFORE, "at": at}


def test_every_fault_is_told_at_once() -> None:
    fields = {
        "title": " ",
        "estimate_minutes": -1,
        "rank": "0",
        "external_id": "7",
        "assignee_id": ADA.id,
        "project_id": PROJECT.id,
        "parent_id": task().id,
        "labels": ["ui", "none", "bug"],
        "candidates": [ADA.id],
        "recurrence": "daily",
        "remaining_minutes": -1,
        "required_skills": ["a,b"],
        "constraints": [{"rule": "start_by"}],
    }

    assert faults_of(fields, attrs.evolve(ALONE, labels=frozenset({"ui"}))) == [
        "title",
        "estimate_minutes",
        "rank",
        "external_id",
        "remaining_minutes",
        "required_skills",
        "constraints",
        "assignee_id",
        "project_id",
        "parent_id",
        "labels",
        "labels",
        "candidates",
        "recurrence",
    ]


@given(names=st.lists(st.sampled_from(["bug", "ui"])))
def test_labels_are_a_set_in_order(names: list[str]) -> None:
    assert edited(task(), ROOMY, labels=names).labels == tuple(sorted(set(names)))


def test_a_task_goes_not_under_one_in_the_trash() -> None:
    parent = task(2, deleted_at=NOW)

    assert faults_of({"parent_id": parent.id}, Surroundings(lineage=(parent,))) == ["parent_id"]


@given(above=st.integers(1, 10), height=st.integers(1, 10))
def test_subtasks_nest_eight_levels_deep(above: int, height: int) -> None:
    lineage = tuple(task(number) for number in range(2, above + 2))
    around = Surroundings(lineage=lineage, height=height)

    if above + height <= MAX_LEVELS:
        assert edited(task(), around, parent_id=lineage[0].id).parent_id == lineage[0].id
    else:
        assert faults_of({"parent_id": lineage[0].id}, around) == ["parent_id"]


@given(depth=st.integers(0, MAX_LEVELS - 1))
def test_a_task_goes_not_under_itself_and_the_way_round_is_named(depth: int) -> None:
    """However deep: a cycle is told as one, not as a depth."""
    top = task(1)
    below = [task(number) for number in range(2, depth + 2)]
    around = Surroundings(lineage=(*reversed(below), top), height=depth + 1)

    with pytest.raises(Conflict) as refused:
        edited(top, around, parent_id=around.lineage[0].id)

    assert refused.value.code == "cycle"
    assert refused.value.data == {"cycle": ["PLAT-1", *(each.key for each in around.lineage)]}


# Followers, and what goes away


def test_following_twice_is_following_once() -> None:
    followed, (event,) = lifecycle.follow(task(), ADA.id, stamp())

    assert (followed.followers, event.kind) == ((ADA.id,), "task.updated")
    assert lifecycle.follow(followed, ADA.id, stamp()) == (followed, [])


def test_unfollowing_leaves_the_others() -> None:
    followed = task(followers=tuple(sorted([ADA.id, BOB.id])))
    left, (event,) = lifecycle.unfollow(followed, ADA.id, stamp())

    assert left.followers == (BOB.id,)
    assert event.data["followers"]["to"] == [str(BOB.id)]
    assert lifecycle.unfollow(left, ADA.id, stamp()) == (left, [])


@pytest.mark.parametrize(
    ("cleared", "kind"),
    [
        ({"project_id": None}, "task.moved"),
        ({"labels": ()}, "task.updated"),
        ({"assignee_id": None}, "task.assigned"),
    ],
)
def test_what_goes_away_is_taken_off_its_tasks(cleared: dict[str, Any], kind: str) -> None:
    tied = task(project_id=PROJECT.id, labels=("ui",), assignee_id=ADA.id)
    free, (event,) = lifecycle.unlinked(tied, stamp(), **cleared)

    assert attrs.evolve(tied, **cleared, version=2, updated_at=LATER) == free
    assert event.kind == kind


def test_the_number_of_a_new_task_is_told_by_its_own_events_alone() -> None:
    new, events = lifecycle.create(TEAM, {"title": "New"}, ALONE, stamp())
    _, others = lifecycle.follow(task(7), ADA.id, stamp())
    saved, told = lifecycle.numbered(new, "PLAT-9", 9, [*events, *others])

    assert saved == attrs.evolve(new, key="PLAT-9", number=9)
    assert [event.data["task"]["key"] for event in told] == ["PLAT-9", "PLAT-7"]
