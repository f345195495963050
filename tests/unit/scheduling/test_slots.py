"""Plans slot by slot: each rule with dates worked out by hand, and what no plan may break."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.errors import Conflict, Invalid
from taskcore.scheduling.activities import FF, FS, SF, SS
from taskcore.scheduling.calendars import CalendarException, WeeklyHours, WorkingCalendar
from taskcore.scheduling.order import Cycle
from taskcore.scheduling.slots import (
    Allocation,
    Booking,
    Broken,
    Grid,
    Kind,
    Limits,
    Resource,
    Schedule,
    SlotLink,
    SlotTask,
    schedule,
)

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
WEEKS = 8
OFFICE = WorkingCalendar(UTC, WeeklyHours.parse({"mon-fri": ["09:00-17:00"]}))


def grid_of(calendar: WorkingCalendar, start: datetime = MONDAY, weeks: int = WEEKS) -> Grid:
    begin = int(start.timestamp())
    return Grid(begin, begin + weeks * 7 * 86_400, calendar)


GRID = grid_of(OFFICE)
ADA = Resource(GRID.working)
SAT, NEXT_MON = 5, 7


def at(day: int, hour: int = 0) -> int:
    """The slot that begins at that hour of the day; day 0 is a Monday, 5 a Saturday."""
    return day * 24 + hour


def by(*resources: int, persistent: bool = False) -> tuple[Allocation, ...]:
    """One of these."""
    return (Allocation(resources, persistent),)


def work(slots: int, *, of: int = 0, **more: object) -> SlotTask:
    return SlotTask(**{"slots": slots, "allocations": by(of), **more})  # type: ignore[arg-type]


def milestone(*depends: SlotLink, **more: object) -> SlotTask:
    return SlotTask(kind=Kind.MILESTONE, depends=depends, **more)  # type: ignore[arg-type]


def dates(plan: Schedule) -> list[tuple[int, int]]:
    return list(zip(plan.starts, plan.ends, strict=True))


def planned(
    *tasks: SlotTask,
    resources: Sequence[Resource] = (ADA, ADA, ADA),
    now: int | None = None,
    grid: Grid = GRID,
) -> list[tuple[int, int]]:
    return dates(schedule(grid, resources, tasks, now))


# What a task takes.


def test_effort_goes_from_its_first_slot_to_its_last_over_nights_and_a_weekend() -> None:
    assert planned(work(44)) == [(at(0, 9), at(7, 13))]


def test_who_comes_later_works_in_the_slots_that_are_left() -> None:
    calm, other = work(6, limits=Limits(day=4)), work(10, priority=400)

    assert planned(calm, other) == [(at(0, 9), at(1, 11)), (at(0, 13), at(1, 17))]


def test_several_share_the_effort_and_the_last_slot_may_be_used_in_part() -> None:
    slow, fast = attrs.evolve(ADA, efficiency=0.5), attrs.evolve(ADA, efficiency=2.0)
    task = SlotTask(slots=24, allocations=by(0) + by(1))

    plan = schedule(GRID, [slow, fast], [task])

    assert dates(plan) == [(at(0, 9), at(1, 11))]  # 8 slots of 2.5 are 20, one more 22.5, then 23 and 25


def test_who_is_not_needed_any_more_in_the_last_slot_stays_free() -> None:
    task = SlotTask(slots=3, allocations=by(0) + by(1))

    plan = schedule(GRID, [ADA, ADA], [task])

    assert plan.booked[0] == ((at(0, 9), 0), (at(0, 9), 1), (at(0, 10), 0))


def test_ten_slots_at_four_fifths_are_a_little_less_than_eight_as_in_taskjuggler() -> None:
    assert planned(work(8), resources=[attrs.evolve(ADA, efficiency=0.8)]) == [(at(0, 9), at(1, 12))]


def test_working_time_is_the_projects_whoever_is_on_leave() -> None:
    tuesday, wednesday = (CalendarException.days(date(2026, 1, day)) for day in (6, 7))
    team = WorkingCalendar(UTC, OFFICE.hours, [tuesday])
    grid = grid_of(team)
    ada = Resource(grid.worked(WorkingCalendar(parent=team, exceptions=[wednesday])))
    length = SlotTask(kind=Kind.WORKING, slots=16)

    assert planned(work(16), length, resources=[ada], grid=grid) == [(at(0, 9), at(3, 17)), (0, at(2, 17))]


def test_only_effort_waits_for_working_time() -> None:
    saturday = at(SAT, 10)
    elapsed = SlotTask(kind=Kind.ELAPSED, slots=5, start=saturday)
    working = SlotTask(kind=Kind.WORKING, slots=1, start=saturday)

    assert planned(elapsed, working, milestone(start=saturday), work(1, start=saturday)) == [
        (saturday, saturday + 5),
        (saturday, at(NEXT_MON, 10)),
        (saturday, saturday),
        (at(NEXT_MON, 9), at(NEXT_MON, 10)),
    ]


def test_a_slot_is_worked_if_its_beginning_is() -> None:
    """Of 08:30 to 12:15 and 12:45 to 16:30, an hour each, 9 to 12 and 13 to 16 begin."""
    odd = WorkingCalendar(UTC, WeeklyHours.parse({"mon": ["08:30-12:15", "12:45-16:30"]}))

    assert [slot for slot, worked in enumerate(GRID.worked(odd)[:24]) if worked] == [
        9,
        10,
        11,
        12,
        13,
        14,
        15,
        16,
    ]


def test_elapsed_time_is_that_of_no_clock_on_a_wall() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    grid = grid_of(WorkingCalendar(berlin, OFFICE.hours), datetime(2026, 3, 28, tzinfo=berlin))

    [(_, end)] = planned(SlotTask(kind=Kind.ELAPSED, slots=72), resources=(), grid=grid)

    assert datetime.fromtimestamp(grid.instant(end), berlin) == datetime(2026, 3, 31, 1, tzinfo=berlin)


def test_whoever_works_in_another_zone_works_by_its_clock() -> None:
    there = WorkingCalendar(ZoneInfo("America/New_York"), OFFICE.hours)  # 14:00 to 22:00 in UTC

    assert planned(work(10), resources=[Resource(GRID.worked(there))]) == [(at(0, 14), at(1, 16))]


# What holds a task.


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (SlotLink(0), at(4, 13)),
        (SlotLink(0, SS), at(0, 9)),
        (SlotLink(0, working_lag=12), at(NEXT_MON, 17)),
        (SlotLink(0, elapsed_lag=48), at(6, 13)),
        (SlotLink(0, working_lag=4, elapsed_lag=1), at(4, 17)),
        (SlotLink(0, working_lag=4, elapsed_lag=5), at(4, 18)),
        (SlotLink(0, working_lag=-6), at(3, 15)),
        (SlotLink(0, SS, elapsed_lag=-3), at(0, 6)),
    ],
)
def test_a_link_waits_for_a_date_and_its_lag_and_the_later_of_two(link: SlotLink, expected: int) -> None:
    assert planned(work(36), milestone(link))[1] == (expected, expected)


def test_the_start_that_is_given_and_the_links_hold_both() -> None:
    early = work(8, of=1, start=at(0), depends=(SlotLink(0),))
    late = work(8, of=2, start=at(8), depends=(SlotLink(0),))

    assert planned(work(16), early, late)[1:] == [(at(2, 9), at(2, 17)), (at(8, 9), at(8, 17))]


@pytest.mark.parametrize(
    ("link", "slots", "expected"),
    [
        (SlotLink(0, FF), 8, (at(3, 9), at(3, 17))),
        (SlotLink(0, FF), 60, (at(0, 9), at(9, 13))),
        (SlotLink(0, FF, elapsed_lag=1), 8, (at(3, 10), at(4, 10))),
        (SlotLink(0, SF, working_lag=12), 4, (at(1, 9), at(1, 13))),
    ],
)
def test_a_finish_that_waits_pulls_the_start_behind_it(
    link: SlotLink, slots: int, expected: tuple[int, int]
) -> None:
    assert planned(work(32), work(slots, of=1, depends=(link,)))[1] == expected


def test_backwards_from_an_end_and_from_what_comes_after() -> None:
    last = work(24, alap=True, end=at(11, 17))
    before = work(12, of=1, alap=True, precedes=(SlotLink(0),))
    beside = work(8, of=2, alap=True, precedes=(SlotLink(0, FF, working_lag=8),))

    assert planned(last, before, beside) == [
        (at(9, 9), at(11, 17)),
        (at(NEXT_MON, 13), at(8, 17)),
        (at(10, 9), at(10, 17)),
    ]


@pytest.mark.parametrize(("lag", "expected"), [(0, (at(3, 9), at(3, 17))), (18, (at(3, 11), at(4, 11)))])
def test_backwards_a_finish_that_waits_is_the_end_to_go_back_from(
    lag: int, expected: tuple[int, int]
) -> None:
    together = work(8, of=1, alap=True, depends=(SlotLink(0, FF, elapsed_lag=lag),))

    assert planned(work(32), together)[1] == expected


def test_backwards_without_an_end_is_from_the_end_of_the_project() -> None:
    friday = WEEKS * 7 - 3

    assert planned(work(10, alap=True)) == [(at(friday - 1, 15), at(friday, 17))]


# Who comes first.


def test_priority_then_criticality_then_the_order_decide() -> None:
    low, high = work(8, priority=300), work(8, priority=800)
    long, first, second = work(16), work(8), work(8)

    assert planned(low, high, first, long, second) == [
        (at(NEXT_MON, 9), at(NEXT_MON, 17)),
        (at(0, 9), at(0, 17)),
        (at(3, 9), at(3, 17)),
        (at(1, 9), at(2, 17)),
        (at(4, 9), at(4, 17)),
    ]


def test_what_follows_makes_a_task_critical() -> None:
    alone, before, after = work(12), work(8), work(16, of=1, depends=(SlotLink(1),))

    assert planned(alone, before, after)[:2] == [(at(1, 9), at(2, 13)), (at(0, 9), at(0, 17))]


def test_what_follows_a_container_makes_what_is_in_it_critical() -> None:
    alone, container, child = work(12), SlotTask(kind=Kind.CONTAINER), work(8, parent=1)

    found = planned(alone, container, child, work(16, of=1, depends=(SlotLink(1),)))

    assert (found[0], found[2]) == ((at(1, 9), at(2, 13)), (at(0, 9), at(0, 17)))


def test_what_was_reached_before_counts_less_as_in_taskjuggler() -> None:
    """The same three, the successor first in the file: it is reached from its predecessor for the second time, and
    there its own criticality, 16 by the scarcity of Bob, is taken off."""
    after, alone, before = work(16, of=1, depends=(SlotLink(2),)), work(12), work(8)

    assert planned(after, alone, before)[1:] == [(at(0, 9), at(1, 13)), (at(1, 13), at(2, 13))]


def test_a_milestone_that_follows_makes_a_task_critical_by_its_priority() -> None:
    """Its 1.0 is more than eight hours by how scarce Ada is, which is 0.05."""
    longer, before = work(16), work(8)

    assert planned(longer, before, milestone(SlotLink(1)))[:2] == [
        (at(1, 9), at(2, 17)),
        (at(0, 9), at(0, 17)),
    ]


@pytest.mark.parametrize(
    ("wanted", "asked", "first"),
    [
        # Two slots of Ada against three of Bob; of the four, two are somebody else's.
        ((SlotTask(slots=4, allocations=by(0, 2)), work(3, of=1)), (1, 0), 0),
        # One each: of 3 slots by two and of 5 by four, whole ones. So it is the first of the two.
        ((SlotTask(slots=3, allocations=by(0, 2)), SlotTask(slots=5, allocations=by(1, 3, 4, 5))), (0, 1), 0),
    ],
)
def test_those_who_may_do_it_share_its_effort_in_whole_slots(
    wanted: tuple[SlotTask, ...], asked: tuple[int, ...], first: int
) -> None:
    chosen = SlotTask(slots=1, allocations=by(*asked), priority=900)

    plan = schedule(GRID, [ADA] * 6, [chosen, *wanted])

    assert plan.booked[0] == ((at(0, 9), first),)


def test_the_order_is_that_of_the_tree() -> None:
    """Two of the same weight: the one within the container that stands first, though it is told of last."""
    container, other, child = SlotTask(kind=Kind.CONTAINER), work(8), work(8, parent=0)

    assert planned(container, other, child)[1:] == [(at(1, 9), at(1, 17)), (at(0, 9), at(0, 17))]


def test_the_queue_is_looked_at_anew_after_each_task() -> None:
    """What waits for a milestone of the first task has the highest priority, and comes second."""
    first, point = work(8, priority=600), milestone(SlotLink(0))
    urgent, other = work(8, priority=900, depends=(SlotLink(1),)), work(8, priority=500)

    assert planned(first, point, urgent, other) == [
        (at(0, 9), at(0, 17)),
        (at(0, 17), at(0, 17)),
        (at(1, 9), at(1, 17)),
        (at(2, 9), at(2, 17)),
    ]


def test_a_start_is_known_before_its_task_is_placed_where_it_cannot_move() -> None:
    """So what waits for the start of a long wait is placed first, by its priority."""
    wait = SlotTask(kind=Kind.WORKING, slots=80, priority=300)
    urgent, other = work(8, priority=600, depends=(SlotLink(0, SS),)), work(8)

    assert planned(wait, urgent, other)[1:] == [(at(0, 9), at(0, 17)), (at(1, 9), at(1, 17))]


def test_of_several_the_least_wanted_is_asked_first_slot_by_slot() -> None:
    wanted, chosen = work(40, priority=400), SlotTask(slots=4, allocations=by(0, 1))
    busy = work(2, of=1, priority=600)

    plan = schedule(GRID, [ADA, ADA], [wanted, chosen, busy])

    assert plan.booked[1] == tuple(
        (at(0, hour), resource) for hour, resource in [(9, 0), (10, 0), (11, 1), (12, 1)]
    )


def test_who_began_goes_on_and_who_has_least_booked_begins() -> None:
    busy = work(2, of=1, priority=600)
    chosen = SlotTask(slots=4, allocations=by(1, 0, persistent=True))
    later = SlotTask(slots=2, allocations=by(0, 1, persistent=True), priority=400)

    plan = schedule(GRID, [ADA, ADA], [busy, chosen, later])

    assert {resource for _, resource in plan.booked[1]} == {0}
    assert plan.booked[2] == ((at(0, 11), 1), (at(0, 12), 1))


def test_who_is_gone_for_good_is_followed_by_another() -> None:
    leaving = Resource(GRID.working[: at(0, 12)] + bytes(len(GRID) + 1 - at(0, 12)))
    chosen = SlotTask(slots=5, allocations=by(0, 1, persistent=True))
    busy = work(2, of=1, priority=600, start=at(3))  # so that she who leaves has least booked

    plan = schedule(GRID, [leaving, ADA], [chosen, busy])

    assert [resource for _, resource in plan.booked[0]] == [0, 0, 0, 1, 1]


# Limits.


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(day=3), [3, 3, 3, 1]),
        (Limits(week=6), [6, 0, 4]),
        (Limits(day=4, week=5), [4, 1, 4, 1]),
    ],
)
def test_limits_are_counted_by_day_and_by_week_from_monday(limits: Limits, expected: list[int]) -> None:
    plan = schedule(GRID, [ADA], [work(10, start=at(3), limits=limits)])

    days = Counter(slot // 24 for slot, _ in plan.booked[0])
    assert [days[day] for day in range(3, max(days) + 1) if day not in (5, 6)] == expected


def test_a_week_begins_on_monday() -> None:
    always = WorkingCalendar(UTC, WeeklyHours.parse({"mon-sun": ["09:00-17:00"]}))

    [(_, end)] = planned(
        work(16, start=at(SAT), limits=Limits(week=10)), resources=[Resource(GRID.worked(always))]
    )

    assert end == at(NEXT_MON, 15)  # 8 on Saturday, 2 on Sunday


def test_limits_are_counted_by_calendar_month_of_the_project() -> None:
    berlin = WorkingCalendar(ZoneInfo("Europe/Berlin"), WeeklyHours.parse({"mon-sun": ["00:00-24:00"]}))
    grid = grid_of(berlin)  # from Monday, 5 January, 01:00 in Berlin
    ada = Resource(grid.working)

    assert planned(work(40, limits=Limits(month=30)), resources=[ada], grid=grid) == [(0, at(26, 23) + 10)]


def test_a_containers_limit_holds_for_all_below_it_and_a_resources_for_all_it_does() -> None:
    container = SlotTask(kind=Kind.CONTAINER, limits=Limits(day=6))
    calm = attrs.evolve(ADA, limits=Limits(day=4))
    one, two = work(6, parent=0), work(6, of=1, parent=0)

    assert planned(container, one, two, resources=[ADA, calm]) == [
        (at(0, 9), at(2, 11)),
        (at(0, 9), at(0, 15)),
        (at(1, 9), at(2, 11)),
    ]


# Containers.


def test_a_container_lends_what_it_has_and_reaches_round_its_children() -> None:
    before = work(8)
    container = SlotTask(kind=Kind.CONTAINER, start=at(2), priority=700)
    inner = SlotTask(kind=Kind.CONTAINER, parent=1, allocations=by(1))
    one = SlotTask(slots=12, parent=2)
    two = work(4, of=1, parent=1, start=at(3), priority=800)
    early = work(4, of=2, parent=1, start=at(1))
    after, other = milestone(SlotLink(1)), work(4, of=1, start=at(2))

    assert planned(before, container, inner, one, two, after, other, early) == [
        (at(0, 9), at(0, 17)),
        (at(1, 9), at(3, 17)),
        (at(2, 9), at(3, 17)),
        (at(2, 9), at(3, 17)),
        (at(3, 9), at(3, 13)),
        (at(3, 17), at(3, 17)),
        (at(4, 9), at(4, 13)),
        (at(1, 9), at(1, 13)),
    ]


def test_what_a_container_waits_for_and_its_priority_reach_every_child() -> None:
    before, other = work(12), work(8, of=1, start=at(1, 13))
    container = SlotTask(kind=Kind.CONTAINER, depends=(SlotLink(0),), priority=700)
    child, inner = work(8, of=1, parent=2), SlotTask(kind=Kind.CONTAINER, parent=2)
    point = milestone(parent=4)

    assert planned(before, other, container, child, inner, point)[1:] == [
        (at(2, 13), at(3, 13)),
        (at(1, 13), at(2, 13)),
        (at(1, 13), at(2, 13)),
        (at(1, 13), at(1, 13)),
        (at(1, 13), at(1, 13)),
    ]


def test_a_container_of_nothing_is_a_milestone() -> None:
    assert planned(work(8), SlotTask(kind=Kind.CONTAINER, depends=(SlotLink(0),)))[1] == (
        at(0, 17),
        at(0, 17),
    )


# Work that was done.


def test_done_work_is_pinned_and_the_rest_follows_now() -> None:
    begun = work(24, booked=(Booking(0, at(0, 9), at(0, 17)), Booking(0, at(SAT, 9), at(SAT, 13))))
    after, late = work(8, depends=(SlotLink(0),)), work(8, of=1)
    length = SlotTask(kind=Kind.WORKING, slots=8)
    watched = attrs.evolve(length, allocations=by(2))

    assert planned(begun, after, late, length, watched, now=at(NEXT_MON)) == [
        (at(0, 9), at(8, 13)),
        (at(8, 13), at(9, 13)),
        (at(NEXT_MON, 9), at(NEXT_MON, 17)),
        (0, at(0, 17)),
        (0, at(NEXT_MON, 17)),
    ]


def test_nothing_is_planned_back_beyond_now() -> None:
    with pytest.raises(Conflict):
        planned(work(8, alap=True, end=at(4, 12)), now=at(4, 9))


def test_what_is_all_done_ends_with_its_last_slot() -> None:
    done = work(6, booked=(Booking(0, at(1, 11), at(1, 17)),))

    assert planned(done, milestone(SlotLink(0)), now=at(4)) == [
        (at(1, 11), at(1, 17)),
        (at(1, 17), at(1, 17)),
    ]


def test_what_is_all_done_waits_for_nobody() -> None:
    late = work(8, priority=300)
    done = work(2, of=1, booked=(Booking(1, at(0, 9), at(0, 11)),), depends=(SlotLink(0),))

    assert planned(late, done, work(8, depends=(SlotLink(1),)), now=at(1)) == [
        (at(2, 9), at(2, 17)),
        (at(0, 9), at(0, 11)),
        (at(1, 9), at(1, 17)),
    ]


def test_without_now_the_rest_follows_what_was_done() -> None:
    begun = work(10, booked=(Booking(0, at(1, 9), at(1, 12)),))

    assert planned(begun) == [(at(1, 9), at(2, 11))]


# What cannot be.


def test_a_missed_deadline_and_links_that_lose_are_told_and_move_nothing() -> None:
    late = work(16, deadline=at(1, 12))
    backwards = work(4, of=1, alap=True, end=at(1, 12), depends=(SlotLink(0),))

    plan = schedule(GRID, [ADA, ADA], [late, backwards])

    assert dates(plan) == [(at(0, 9), at(1, 17)), (at(0, 16), at(1, 12))]
    assert plan.broken == (Broken(1, "depends", 25, 0), Broken(0, "deadline", 5))


def test_what_finds_no_slots_is_named() -> None:
    with pytest.raises(Conflict) as refused:
        planned(work(8), work(WEEKS * 40 + 1, of=1), milestone(SlotLink(1)))

    assert (refused.value.code, refused.value.data["tasks"]) == ("no_working_time", [1])


@pytest.mark.parametrize(
    "tasks",
    [
        [work(1, depends=(SlotLink(1),)), work(1, depends=(SlotLink(0),))],
        [work(1, alap=True, precedes=(SlotLink(1),)), work(1, precedes=(SlotLink(0),)), work(1)],
        [SlotTask(kind=Kind.CONTAINER), work(1, parent=0, depends=(SlotLink(0),))],
        [SlotTask(kind=Kind.CONTAINER, parent=1), SlotTask(kind=Kind.CONTAINER, parent=0)],
    ],
)
def test_those_that_wait_for_each_other_are_named(tasks: list[SlotTask]) -> None:
    with pytest.raises(Cycle) as refused:
        planned(*tasks)

    assert set(refused.value.cycle) == {0, 1}


@pytest.mark.parametrize(
    ("task", "field"),
    [
        (work(1, of=3), "tasks.1.allocations"),
        (work(1, depends=(SlotLink(2),)), "tasks.1.depends"),
        (work(1, precedes=(SlotLink(0, SS),)), "tasks.1.precedes"),
        (work(1, start=-1), "tasks.1.start"),
        (work(1, end=len(GRID) + 1), "tasks.1.end"),
        (work(1, parent=0), "tasks.0.kind"),
        (work(1, parent=2), "tasks.1.parent"),
        (work(1, alap=True, booked=(Booking(0, 0, 1),)), "tasks.1.booked"),
        (work(1, booked=(Booking(0, 0, 2), Booking(0, 1, 3))), "tasks.1.booked"),
    ],
)
def test_a_faulty_task_is_refused_by_its_field(task: SlotTask, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        planned(work(1), task)

    assert [fault.field for fault in refused.value.faults] == [field]


def test_dates_must_begin_a_slot() -> None:
    assert GRID.slot(GRID.instant(at(2, 9))) == at(2, 9)
    for wrong in (GRID.start + 1800, GRID.start - 3600, GRID.end + 3600):
        with pytest.raises(ValueError, match="beginning of a slot"):
            GRID.slot(wrong)
    with pytest.raises(Invalid):
        attrs.evolve(GRID, end=GRID.end + 1)


# What no plan may break.

PEOPLE = (
    ADA,
    Resource(
        GRID.worked(WorkingCalendar(UTC, WeeklyHours.parse({"mon-thu": ["08:00-12:00", "13:00-15:00"]}))), 0.5
    ),
    attrs.evolve(ADA, efficiency=1.5, limits=Limits(day=5, week=20)),
)


@st.composite
def projects(draw: st.DrawFn) -> list[SlotTask]:
    tasks: list[SlotTask] = []
    for place in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from([Kind.EFFORT, Kind.EFFORT, Kind.EFFORT, Kind.WORKING, Kind.MILESTONE]))
        others = draw(st.sets(st.integers(0, place - 1), max_size=2)) if place else set()
        people = draw(st.lists(st.sampled_from(range(3)), min_size=1, max_size=3, unique=True))
        alike = draw(st.booleans())
        persistent = draw(st.booleans())
        tasks.append(
            SlotTask(
                kind=kind,
                slots=draw(st.integers(1, 20)),
                start=draw(st.none() | st.integers(0, at(10))),
                priority=draw(st.sampled_from([None, 300, 700])),
                allocations=()
                if kind is not Kind.EFFORT
                else by(*people, persistent=persistent)
                if alike
                else tuple(Allocation([each]) for each in people),
                depends=tuple(
                    SlotLink(
                        other,
                        draw(st.sampled_from([FS, FS, SS, FF, SF])),
                        draw(st.sampled_from([0, 0, 5])),
                        draw(st.sampled_from([0, 0, 30])),
                    )
                    for other in sorted(others)
                ),
                limits=draw(st.sampled_from([Limits(), Limits(), Limits(day=3), Limits(week=9)])),
            )
        )
    return tasks


@settings(max_examples=40, deadline=None)
@given(projects())
def test_no_plan_breaks_what_it_was_given(tasks: list[SlotTask]) -> None:
    plan = schedule(GRID, PEOPLE, tasks)
    taken = [each for booked in plan.booked for each in booked]

    assert len(taken) == len(set(taken))  # one task a resource and slot
    assert all(PEOPLE[resource].works[slot] for slot, resource in taken)
    assert plan.broken == ()
    for task, start, end, booked in zip(tasks, plan.starts, plan.ends, plan.booked, strict=True):
        if task.kind is Kind.EFFORT:
            done = [PEOPLE[resource].efficiency for _, resource in booked]
            ends = [
                sum(done[place] for place, each in enumerate(booked) if each[0] == slot)
                for slot in (start, end - 1)
            ]
            assert sum(done) >= task.slots > sum(done) - max(ends)
            assert (start, end) == (booked[0][0], booked[-1][0] + 1)
        elif task.kind is Kind.WORKING:
            assert sum(GRID.working[start:end]) == task.slots
        assert_within(task.limits, [slot for slot, _ in booked])
        for link in task.depends:
            theirs = plan.ends[link.other] if link.type in (FS, FF) else plan.starts[link.other]
            ours = start if link.type in (FS, SS) else end
            assert ours >= theirs + link.elapsed_lag
            assert sum(GRID.working[theirs:ours]) >= link.working_lag
        assert start >= (task.start or 0)
    for place, person in enumerate(PEOPLE):
        assert_within(person.limits, [slot for slot, resource in taken if resource == place])


def assert_within(limits: Limits, slots: list[int]) -> None:
    for most, periods in [(limits.day, GRID.days), (limits.week, GRID.weeks), (limits.month, GRID.months)]:
        if most is not None:
            assert max(Counter(periods[slot] for slot in slots).values(), default=0) <= most


@settings(max_examples=30, deadline=None)
@given(projects())
def test_nobody_waits_for_nothing_and_the_same_comes_out_twice(tasks: list[SlotTask]) -> None:
    """Between its bound and its end, every slot of the one who does it is taken, where nothing limits it."""
    plan = schedule(GRID, PEOPLE, tasks)
    taken = {each for booked in plan.booked for each in booked}

    assert plan == schedule(GRID, PEOPLE, tasks)
    for place, task in enumerate(tasks):
        people = [each for allocation in task.allocations for each in allocation.candidates]
        held = any(link.type in (FF, SF) or link.working_lag for link in task.depends)
        if people in ([0], [1]) and task.limits == Limits() and not held:
            bound = max(
                [task.start or 0]
                + [
                    (plan.ends if link.type is FS else plan.starts)[link.other] + link.elapsed_lag
                    for link in task.depends
                ]
            )
            works = PEOPLE[people[0]].works
            assert all((slot, people[0]) in taken for slot in range(bound, plan.ends[place]) if works[slot])
