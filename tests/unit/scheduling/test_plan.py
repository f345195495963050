"""Containers, constraints, work that has begun, reasons, and changes of one task."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.errors import Conflict, Invalid
from taskcore.scheduling.activities import (
    FF,
    FS,
    SF,
    SS,
    Activity,
    Broken,
    Cause,
    Constraint,
    Link,
    Reason,
    Rule,
)
from taskcore.scheduling.calendars import WeeklyHours, WorkingCalendar
from taskcore.scheduling.elapsed import Dates
from taskcore.scheduling.network import critical_path
from taskcore.scheduling.order import Cycle
from taskcore.scheduling.plan import Plan
from taskcore.scheduling.slack import slack
from taskcore.scheduling.spans import seconds_of
from taskcore.values import DependencyType, LagUnit

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, WEEK = 3600, 7 * 24 * 3600
OFFICE = WorkingCalendar(BERLIN, WeeklyHours.parse({"mon-fri": ["09:00-17:00"]}))
KATHMANDU = WorkingCalendar(
    ZoneInfo("Asia/Kathmandu"),
    WeeklyHours.parse({"sun": ["10:00-13:00", "14:00-18:00"], "mon-thu": ["10:00-18:00"]}),
)
COUNT = 9
PARENTS = (None, None, None, 2, 2, None, 5, 5, 7)
"""2 holds 3 and 4; 5 holds 6 and 7, and 7 holds 8."""
START = seconds_of(datetime(2026, 11, 25, 13, tzinfo=BERLIN))
some = settings(max_examples=20, deadline=None)

hours = st.integers(-30, 60).map(lambda each: START + each * HOUR)
maybe = st.none() | hours
constraints = st.lists(st.builds(Constraint, st.sampled_from(Rule), hours), max_size=2).map(tuple)


@st.composite
def tasks(draw: st.DrawFn, place: int, calendars: tuple[WorkingCalendar | None, ...]) -> Activity:
    started = draw(st.none() | st.none() | hours)
    return Activity(
        draw(st.integers(0, 20)) * HOUR,
        draw(st.sampled_from(calendars)),
        not_before=draw(st.none() | maybe),
        deadline=draw(st.none() | maybe),
        constraints=draw(st.just(()) | constraints),
        parent=PARENTS[place],
        started=started,
        finished=None if started is None else draw(st.none() | st.just(started + 5 * HOUR)),
        remaining=draw(st.none() | st.integers(0, 9).map(lambda each: each * HOUR)),
    )


@st.composite
def projects(
    draw: st.DrawFn, calendars: tuple[WorkingCalendar | None, ...] = (None, OFFICE, KATHMANDU)
) -> tuple[list[Activity], list[Link]]:
    """Any that have no cycle."""
    made = [draw(tasks(place, calendars)) for place in range(COUNT)]
    kept: list[Link] = []
    ends = st.integers(0, COUNT - 1)
    lags = st.just(0) | st.integers(-9, 9).map(lambda each: each * HOUR)
    for link in draw(
        st.lists(
            st.builds(Link, ends, ends, st.sampled_from(DependencyType), lags, st.sampled_from(LagUnit)),
            max_size=12,
        )
    ):
        try:
            Plan(made, [*kept, link], START)
        except Cycle:
            continue
        kept.append(link)
    return made, kept


def plain(made: list[Activity]) -> list[Activity]:
    """The same without what overrules links."""
    return [attrs.evolve(each, started=None, finished=None, constraints=(), deadline=None) for each in made]


def everything(plan: Plan) -> tuple[Dates, list[list[Reason]], list[Broken], list[tuple[int, int]]]:
    return slack(plan), [plan.reasons(each) for each in range(COUNT)], plan.broken(), plan.out_of_sequence()


@some
@given(projects(), st.data(), maybe)
def test_changing_tasks_one_by_one_is_planning_anew(
    project: tuple[list[Activity], list[Link]], data: st.DataObject, now: int | None
) -> None:
    made, links = project
    plan = Plan(made, links, START, now)
    for _ in range(4):
        place = data.draw(st.integers(0, COUNT - 1))
        other = data.draw(tasks(place, (None, OFFICE, KATHMANDU)))
        before = list(zip(plan.early_start, plan.early_finish, strict=True))
        moved = plan.change(place, other)
        made[place] = other
        after = list(zip(plan.early_start, plan.early_finish, strict=True))

        assert everything(plan) == everything(Plan(made, links, START, now))
        assert moved == {
            each: (before[each], after[each]) for each in range(COUNT) if before[each] != after[each]
        }


@some
@given(projects(), st.permutations(range(COUNT)), maybe)
def test_the_order_in_which_tasks_are_named_changes_no_date(
    project: tuple[list[Activity], list[Link]], names: list[int], now: int | None
) -> None:
    made, links = project
    other: list[Activity] = [made[0]] * COUNT
    for place, each in enumerate(made):
        other[names[place]] = attrs.evolve(each, parent=None if each.parent is None else names[each.parent])
    renamed = [
        attrs.evolve(each, predecessor=names[each.predecessor], successor=names[each.successor])
        for each in links
    ]
    one, two = slack(Plan(made, links, START, now)), slack(Plan(other, renamed[::-1], START, now))
    for field in attrs.fields(Dates):
        if field.name != "finish":
            assert [getattr(two, field.name)[name] for name in names] == getattr(one, field.name)
    assert one.finish == two.finish


@some
@given(projects((None, KATHMANDU)), st.integers(-3, 3))
def test_a_week_later_all_is_a_week_later(project: tuple[list[Activity], list[Link]], weeks: int) -> None:
    made, links = project
    by = weeks * WEEK

    def later(at: int | None) -> int | None:
        return None if at is None else at + by

    shifted = [
        attrs.evolve(
            each,
            not_before=later(each.not_before),
            deadline=later(each.deadline),
            started=later(each.started),
            finished=later(each.finished),
            constraints=tuple(attrs.evolve(one, at=one.at + by) for one in each.constraints),
        )
        for each in made
    ]
    one, two = slack(Plan(made, links, START)), slack(Plan(shifted, links, START + by))

    assert [each + by for each in one.early_finish] == two.early_finish
    assert [each + by for each in one.late_start] == two.late_start
    assert (one.total_slack, one.free_slack) == (two.total_slack, two.free_slack)


@some
@given(projects())
def test_what_a_container_waits_for_and_what_waits_for_it_holds_for_every_child(
    project: tuple[list[Activity], list[Link]],
) -> None:
    made, links = plain(project[0]), project[1]
    plan = Plan(made, links, START)
    dates = slack(plan)
    for link in links:
        source = (plan.early_start if link.type in (SS, SF) else plan.early_finish)[link.predecessor]
        calendar = made[link.successor].calendar
        working = calendar is not None and link.unit is LagUnit.WORKING
        bound = calendar.add(source, link.lag) if calendar and working else source + link.lag
        for leaf in plan.graph.leaves(link.successor):
            at = (plan.early_start if link.type in (FS, SS) else plan.early_finish)[leaf]
            assert at >= bound
    for container in (2, 5, 7):
        leaves = plan.graph.leaves(container)
        assert dates.early_start[container] == min(dates.early_start[leaf] for leaf in leaves)
        assert dates.early_finish[container] == max(dates.early_finish[leaf] for leaf in leaves)
        assert dates.total_slack[container] == min(dates.total_slack[leaf] for leaf in leaves)


@some
@given(projects(), maybe)
def test_the_driving_path_leads_to_a_reason_that_waits_for_nobody(
    project: tuple[list[Activity], list[Link]], now: int | None
) -> None:
    plan = Plan(*project, START, now)
    for place, task in enumerate(plan.activities):
        path = plan.why(place)
        assert path[0][0] == place
        assert path[-1][1].cause in (Cause.PROJECT_START, Cause.NOW, Cause.ACTUAL, Cause.CONSTRAINT)
        if place not in plan.graph.children:
            done = task.finished is not None
            assert path[0][1].at == (plan.early_start if done else plan.resumes)[place]


@pytest.mark.parametrize("kinds", [(FS,), (FS, SS), (FS, FF), tuple(DependencyType)])
@some
@given(projects(), st.integers(0, COUNT - 1))
def test_delay_by_its_slack_moves_nobody_or_not_the_end(
    kinds: tuple[DependencyType, ...], project: tuple[list[Activity], list[Link]], late: int
) -> None:
    """All but a second of it where a start is bound: one that may be in free time at the latest is before that."""
    made, links = plain(project[0]), [each for each in project[1] if each.type in kinds]
    plan = Plan(made, links, START)
    dates = slack(plan)
    if late in plan.graph.children:
        return
    for room, successors in ((dates.free_slack[late], True), (dates.total_slack[late], False)):
        delayed = Plan(made, links, START)
        used = room if SS not in kinds else max(room - 1, 0)
        at = plan.moved(late, plan.resumes[late], used)
        moved = delayed.change(
            late, attrs.evolve(made[late], not_before=max(at, made[late].not_before or at))
        )

        assert room >= 0
        assert delayed.finish == plan.finish
        assert not successors or set(moved) <= {late, *_ancestors(late)}


def _ancestors(place: int) -> list[int]:
    parent = PARENTS[place]
    return [] if parent is None else [parent, *_ancestors(parent)]


@pytest.mark.parametrize(("one", "two"), [(3, 2), (2, 3), (8, 5), (2, 2)])
def test_no_task_waits_for_its_own_container_or_holds_it_up(one: int, two: int) -> None:
    made = [Activity(1, parent=parent) for parent in PARENTS]
    with pytest.raises(Cycle) as refused:
        critical_path(made, [Link(one, two)])

    assert {one, two} <= set(refused.value.cycle)
    assert set(refused.value.cycle) <= {one, two, 7}


def test_a_link_into_a_container_pushes_all_of_it_and_one_out_of_it_waits_for_the_last() -> None:
    made = [Activity(8), Activity(0), Activity(3, parent=1), Activity(5, parent=1), Activity(1), Activity(1)]
    plan = Plan(made, [Link(0, 1), Link(1, 4), Link(1, 5, SS, 1)])

    assert plan.early_start == [0, 8, 8, 8, 13, 9]
    assert plan.early_finish[1] == 13
    assert slack(plan).total_slack == [0, 0, 2, 0, 0, 4]
    assert plan.why(4) == [
        (4, Reason(Cause.LINK, 13, 1, 1)),
        (1, Reason(Cause.CHILD, 13, 3)),
        (3, Reason(Cause.LINK, 8, 0, 0)),
        (0, Reason(Cause.PROJECT_START, 0)),
    ]


def test_a_constraint_that_loses_is_told_and_the_plan_comes_out() -> None:
    must = Constraint(Rule.MUST_START_ON, 5)
    soon = Constraint(Rule.MUST_FINISH_BY, 9)
    made = [
        Activity(8),
        Activity(4, constraints=(must, soon)),
        Activity(2, constraints=(Constraint(Rule.MUST_FINISH_ON, 30),)),
    ]
    plan = Plan(made, [Link(0, 1)])
    link = Reason(Cause.LINK, 8, 0, 0)

    assert plan.early_start == [0, 8, 28]
    assert plan.broken() == [Broken(1, must, 3, link, 3), Broken(1, soon, 3, link, 3)]
    assert slack(plan).total_slack == [-3, -3, 0]


def test_what_has_happened_is_stronger_than_a_constraint_and_than_a_link() -> None:
    later = Constraint(Rule.NOT_BEFORE, 6)
    made = [
        Activity(8),
        Activity(4, started=2, finished=5),
        Activity(10, started=2, remaining=3, constraints=(later,)),
    ]
    plan = Plan(made, [Link(0, 1), Link(0, 2)], now=4)

    assert plan.early_start == [4, 2, 2]
    assert plan.early_finish == [12, 5, 15]
    assert plan.out_of_sequence() == [(0, 1), (1, 2)]
    assert plan.broken() == [Broken(2, later, 4, Reason(Cause.LINK, 12, 0, 1), 4)]
    assert plan.reasons(1) == [Reason(Cause.ACTUAL, 2)]
    assert slack(plan).total_slack == [0, 10, 0]


def test_late_starts_are_bound_by_constraints_and_containers_and_stand_once_work_has_begun() -> None:
    by = Constraint(Rule.START_BY, 4)
    made = [
        Activity(2, constraints=(by,)),
        Activity(9, started=1, remaining=3),
        Activity(0),
        Activity(5, parent=2),
        Activity(9, parent=2),
        Activity(11),
    ]
    plan = Plan(made, [Link(2, 5, SS, 4)])
    dates = slack(plan)

    assert plan.finish == 15
    assert dates.late_start == [4, 1, 0, 0, 0, 4]
    assert dates.total_slack == [4, 11, 0, 0, 0, 0]
    assert dates.free_slack == [13, 11, 0, 0, 0, 0]
    assert plan.broken() == []


def test_a_finish_of_a_container_that_is_held_holds_every_child() -> None:
    made = [Activity(8, not_before=3), Activity(0), Activity(3, parent=1), Activity(5, parent=1)]

    assert Plan(made, [Link(0, 1, FF)]).early_start == [3, 6, 8, 6]
    assert Plan(made, [Link(0, 1, SF, 4)]).early_start == [3, 2, 4, 2]


def test_a_weekend_is_a_reason_and_so_is_what_ended_before_it() -> None:
    friday = seconds_of(datetime(2026, 11, 27, 9, tzinfo=BERLIN))
    made = [Activity(8 * HOUR, OFFICE), Activity(HOUR, OFFICE)]
    plan = Plan(made, [Link(0, 1)], friday)

    assert plan.why(1) == [
        (1, Reason(Cause.CALENDAR, friday + 72 * HOUR)),
        (1, Reason(Cause.LINK, friday + 8 * HOUR, 0, 0)),
        (0, Reason(Cause.PROJECT_START, friday)),
    ]


def test_a_change_that_cannot_be_leaves_the_plan_as_it_was() -> None:
    never = WorkingCalendar(BERLIN, WeeklyHours.parse({}))
    plan = Plan(
        [Activity(8, OFFICE), Activity(4), Activity(2, never, started=0, finished=9)],
        [Link(0, 1), Link(1, 2)],
        START,
    )
    before = everything_of(plan)
    with pytest.raises(Conflict, match="no working time"):
        plan.change(0, Activity(8, never))
    with pytest.raises(Invalid, match="parent"):
        plan.change(0, Activity(8, parent=1))
    with pytest.raises(Invalid, match="needs a start"):
        plan.change(0, Activity(8, finished=3))

    assert everything_of(plan) == before


def test_a_change_that_fails_further_on_is_taken_back_from_there() -> None:
    eternity = WorkingCalendar(ZoneInfo("UTC"), WeeklyHours.parse({"mon-sun": ["00:00-24:00"]}))
    plan = Plan([Activity(8), Activity(8, eternity)], [Link(0, 1)], START)
    before = everything_of(plan)
    with pytest.raises(Conflict, match="no working time"):
        plan.change(0, Activity(10**12))

    assert everything_of(plan) == before


def everything_of(plan: Plan) -> tuple[list[Activity], Dates]:
    return list(plan.activities), slack(plan)


def test_one_slip_looks_only_at_what_depends_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 3000
    plan = Plan([Activity(10)] * count, [Link(each, each + 3) for each in range(count - 3)])
    looked: list[int] = []
    settle = Plan._settle

    def look(plan: Plan, node: int) -> None:
        looked.append(node)
        settle(plan, node)

    monkeypatch.setattr(Plan, "_settle", look)
    moved = plan.change(count - 30, Activity(12))

    assert sorted(looked) == sorted(moved) == list(range(count - 30, count, 3))
