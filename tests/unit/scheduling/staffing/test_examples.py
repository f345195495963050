"""What plans of a team say in small cases: who, when, why."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from taskcore.errors import Conflict, Invalid
from taskcore.scheduling.activities import FF, SS, Broken, Cause, Constraint, Link, Reason, Rule
from taskcore.scheduling.calendars import ALWAYS, CalendarException, WeeklyHours, WorkingCalendar
from taskcore.scheduling.leveling import Budget, HeuristicSolver
from taskcore.scheduling.order import Cycle
from taskcore.scheduling.spans import seconds_of
from taskcore.scheduling.staffing import (
    Assigned,
    EstimateKind,
    Move,
    Placed,
    Policy,
    Resource,
    StaffPlan,
    Work,
    moves,
    plan,
    replan,
)
from taskcore.values import LagUnit

EFFORT, WORKING, ELAPSED, MILESTONE = EstimateKind
BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = 3600, 86_400
MONDAY = seconds_of(datetime(2026, 11, 23, 9, tzinfo=BERLIN))
OFFICE = WorkingCalendar(BERLIN, WeeklyHours.parse({"mon-fri": ["09:00-17:00"]}))
LATE = WorkingCalendar(BERLIN, WeeklyHours.parse({"mon-fri": ["13:00-21:00"]}))
DAYS = WorkingCalendar(BERLIN, ALWAYS)
ADA, BOB = Resource(OFFICE), Resource(OFFICE)


def effort(hours: int, *who: int, **other: Any) -> Work:
    return attrs.evolve(Work(EFFORT, hours * HOUR, OFFICE, all_of=who), **other)


def planned(work: list[Work], *links: Link, people: tuple[Resource, ...] = (ADA, BOB)) -> StaffPlan:
    return plan(work, links, people, start=MONDAY)


def at(made: StaffPlan) -> list[tuple[float, float]]:
    """Starts and finishes in hours since Monday, nine o'clock."""
    return [((each.start - MONDAY) / HOUR, (each.finish - MONDAY) / HOUR) for each in made.placed]


def test_who_does_two_things_does_the_more_pressing_first_and_says_so() -> None:
    made = planned([effort(8, 0), effort(4, 0, priority=1)])
    held = Reason(Cause.RESOURCE, MONDAY + 4 * HOUR, 1, resource=0)

    assert at(made) == [(4, 28), (0, 4)]
    assert made.reasons(0)[0] == held
    assert made.why(0) == [(0, held), (1, Reason(Cause.PROJECT_START, MONDAY))]
    assert made.critical() == [0, 1]
    assert made.early == [(MONDAY, MONDAY + 8 * HOUR), (MONDAY, MONDAY + 4 * HOUR)]


def test_what_a_pressing_task_waits_for_is_as_pressing() -> None:
    long = effort(20, 1)
    made = planned([effort(4, 0), effort(4, 0), effort(4, 1, priority=1), long], Link(1, 2), Link(0, 3))

    assert at(made)[:3] == [(4, 8), (0, 4), (4, 8)]


def test_the_sooner_due_of_two_goes_first_and_lateness_is_told() -> None:
    due = MONDAY + 6 * HOUR
    made = planned([effort(6, 0), effort(8, 0, deadline=due)])

    assert at(made) == [(24, 30), (0, 8)]
    assert made.lateness(1) == (2 * HOUR, 2 * HOUR)
    assert made.lateness(0) == (0, 0)
    assert made.total_slack == [0, -2 * HOUR]


def test_who_would_finish_first_does_what_several_could() -> None:
    fast = Resource(OFFICE, efficiency=2.0)
    made = planned([Work(EFFORT, 8 * HOUR, any_of=(0, 1)) for _ in range(3)], people=(ADA, fast))

    assert [each.assigned[0].resource for each in made.placed] == [1, 1, 0]
    assert at(made) == [(0, 4), (4, 8), (0, 8)]


def test_several_work_together_each_at_their_rate_when_they_work() -> None:
    half = Resource(LATE, units=0.5)
    made = planned([effort(9, 0, 1)], people=(ADA, half))

    # Four hours of one make four, then each hour of both makes one and a half.
    assert at(made) == [(0, 7 + 1 / 3)]


def test_working_time_passes_when_all_work_and_elapsed_time_from_when_they_do() -> None:
    meeting = Work(WORKING, 2 * HOUR, OFFICE, all_of=(0, 1))
    travel = Work(ELAPSED, 30 * HOUR, OFFICE, all_of=(0, 1))
    made = planned([meeting, travel], people=(ADA, Resource(LATE)))

    assert at(made) == [(4, 6), (6, 36)]


def test_nobody_is_needed_for_a_milestone_nor_for_work_of_nobody() -> None:
    made = planned([effort(8), Work(MILESTONE, 0, all_of=(0,)), Work(ELAPSED, HOUR)], Link(0, 1), Link(1, 2))

    assert at(made) == [(0, 8), (8, 8), (8, 9)]
    assert [each.assigned for each in made.placed] == [(), (), ()]


def test_a_limit_ends_the_day_and_is_told() -> None:
    ada = Resource(OFFICE, max_per_day=3 * HOUR, max_per_week=7 * HOUR)
    made = planned([effort(3, 0), effort(6, 0)], Link(0, 1), people=(ada,))

    assert at(made) == [(0, 3), (24, 170)]
    assert [(each.start - MONDAY, each.end - MONDAY) for each in made.placed[1].assigned] == [
        (24 * HOUR, 27 * HOUR),
        (48 * HOUR, 49 * HOUR),
        (168 * HOUR, 170 * HOUR),
    ]
    assert made.reasons(1)[0] == Reason(Cause.LIMIT, MONDAY + 24 * HOUR, resource=0)
    assert made.critical() == [1]


def test_a_week_begins_on_monday() -> None:
    sunday = MONDAY + 6 * DAY
    made = plan([effort(9, 0)], [], [Resource(DAYS, max_per_week=4 * HOUR)], start=sunday)

    assert [(each.start - sunday, each.end - sunday) for each in made.placed[0].assigned] == [
        (0, 4 * HOUR),
        (15 * HOUR, 19 * HOUR),
        (7 * DAY + 15 * HOUR, 7 * DAY + 16 * HOUR),
    ]


def test_work_that_can_be_split_gives_way_and_goes_on() -> None:
    urgent = effort(4, 0, priority=1, constraints=(Constraint(Rule.NOT_BEFORE, MONDAY + 2 * HOUR),))
    made = planned([effort(4, 0, splittable=True), urgent, effort(3, 0)])

    assert at(made) == [(0, 8), (2, 6), (24, 27)]
    assert [(each.start, each.end) for each in made.placed[0].assigned] == [
        (MONDAY, MONDAY + 2 * HOUR),
        (MONDAY + 6 * HOUR, MONDAY + 8 * HOUR),
    ]


def test_work_in_progress_goes_first_with_who_began_it() -> None:
    was = Placed(MONDAY - 72 * HOUR, MONDAY, (Assigned(1, MONDAY - 72 * HOUR, MONDAY, 1.0),))
    begun = Work(
        EFFORT, 8 * HOUR, OFFICE, any_of=(0, 1), started=MONDAY - 70 * HOUR, remaining=2 * HOUR, planned=was
    )
    made = plan([effort(4, 1, priority=9), begun], [], [ADA, BOB], start=MONDAY - 80 * HOUR, now=MONDAY)

    assert at(made) == [(2, 6), (-70, 2)]
    assert made.placed[1].assigned == (Assigned(1, MONDAY, MONDAY + 2 * HOUR, 1.0),)


def test_as_late_as_possible_is_just_before_what_waits_for_it_or_the_next_task_of_its_people() -> None:
    late = {"as_late_as_possible": True}
    made = planned(
        [effort(2, 0, **late), effort(8, 1), effort(3, 0), effort(1, 1, **late)], Link(0, 2), Link(1, 2)
    )

    assert at(made) == [(6, 8), (0, 8), (24, 27), (26, 27)]
    assert made.reasons(0)[0] == Reason(Cause.POLICY, MONDAY + 6 * HOUR)
    assert made.free_slack == [0, 0, 0, 0]


def test_as_late_as_possible_delays_nothing_else_of_its_people() -> None:
    late = {"as_late_as_possible": True}

    assert at(planned([effort(1, 0, **late), effort(16, 0)])) == [(48, 49), (0, 32)]
    assert at(planned([effort(1, 0, **late), effort(10, 0), effort(16, 1)])) == [(31, 32), (0, 26), (0, 32)]

    def due(hours: int) -> list[Work]:
        last = effort(1, 0, rank=-1, deadline=MONDAY + 90 * HOUR, **late)
        return [effort(1, 0, deadline=MONDAY + hours * HOUR, **late), effort(16, 0), last]

    assert at(planned(due(80))) == [(48, 49), (0, 32), (49, 50)]
    assert at(planned(due(5))) == [(0, 1), (1, 49), (49, 50)]


def test_what_must_start_before_free_time_is_done_by_then() -> None:
    late = effort(2, 0, as_late_as_possible=True)
    evening = Constraint(Rule.NOT_BEFORE, MONDAY + 8 * HOUR)
    made = planned([late, Work(ELAPSED, HOUR, constraints=(evening,)), effort(16, 1)], Link(0, 1, SS))

    assert at(made) == [(6, 8), (8, 9), (0, 32)]


def test_a_finish_is_not_before_what_holds_it_though_that_is_in_free_time() -> None:
    away = Resource(
        WorkingCalendar(
            parent=OFFICE, exceptions=[CalendarException.days(date(2026, 12, 1), date(2026, 12, 31))]
        )
    )
    january, last = seconds_of(datetime(2027, 1, 1, 9, tzinfo=BERLIN)), MONDAY + 7 * DAY + 8 * HOUR
    made = planned([effort(14 * 8 - 1, 1), effort(1, 0)], Link(0, 1, FF), people=(away, BOB))

    assert made.placed[0].finish == MONDAY + 17 * DAY + 7 * HOUR
    assert made.placed[1].start == last - HOUR + 1
    assert made.placed[1].finish == january + 1

    evening = Constraint(Rule.FINISH_NOT_BEFORE, MONDAY + 4 * DAY + 8 * HOUR)
    night = Constraint(Rule.FINISH_NOT_BEFORE, MONDAY + 4 * DAY + 9 * HOUR)

    assert at(planned([effort(1, 0, constraints=(evening,))])) == [(4 * 24 + 7, 4 * 24 + 8)]
    assert planned([effort(1, 0, constraints=(night,))]).finish == MONDAY + 7 * DAY + 1


def test_policies_say_what_may_come_forward() -> None:
    def kept(policy: Policy) -> StaffPlan:
        then = Placed(MONDAY + 26 * HOUR, MONDAY + 28 * HOUR)
        before = Placed(MONDAY, MONDAY + 8 * HOUR)
        return planned([effort(4, 0, planned=before), effort(2, 1, policy=policy, planned=then)], Link(0, 1))

    assert at(kept(Policy.PULL_AND_PUSH))[1] == (4, 6)
    assert at(kept(Policy.PUSH_ONLY))[1] == (26, 28)
    assert at(kept(Policy.KEEP_GAP))[1] == (6, 8)
    assert at(kept(Policy.MANUAL))[1] == (26, 28)
    assert kept(Policy.PUSH_ONLY).reasons(1)[0].cause is Cause.POLICY
    assert kept(Policy.MANUAL).reasons(1)[0].cause is Cause.POLICY


def test_a_pinned_task_stays_and_what_that_breaks_is_told() -> None:
    then = Placed(MONDAY + 2 * HOUR, MONDAY + 4 * HOUR)
    pinned = effort(2, 0, policy=Policy.MANUAL, planned=then)
    made = planned([effort(4, 0), pinned, effort(8, 1)], Link(2, 1))
    link = Reason(Cause.LINK, MONDAY + 8 * HOUR, 2, 0)

    assert at(made) == [(4, 8), (2, 4), (0, 8)]
    assert made.broken() == [Broken(1, None, 6 * HOUR, link, 6 * HOUR)]
    assert {each.constraint for each in made.reasons(1)} == {None}

    double = planned([pinned, attrs.evolve(pinned, amount=HOUR)])

    assert [(each.place, each.amount, each.by.by) for each in double.broken()] == [
        (0, HOUR, 1),
        (1, 2 * HOUR, 0),
    ]

    both = planned([pinned, effort(3, 0, started=MONDAY), effort(8, 1)], Link(2, 0))

    assert [(each.place, each.amount, each.by) for each in both.broken()] == [(0, 6 * HOUR, link)]


def test_a_date_missed_in_free_time_is_missed() -> None:
    weekend = Resource(WorkingCalendar(BERLIN, WeeklyHours.parse({"sat-sun": ["09:00-17:00"]})))
    friday, sunday = MONDAY + 4 * DAY + 8 * HOUR, MONDAY + 6 * DAY + 7 * HOUR
    by = Constraint(Rule.MUST_FINISH_BY, friday)
    made = planned([effort(15, 0, deadline=friday, constraints=(by,))], people=(weekend,))

    assert made.finish == sunday
    assert made.lateness(0) == (0, sunday - friday)
    assert [(each.constraint, each.amount, each.elapsed) for each in made.broken()] == [
        (by, 0, sunday - friday)
    ]

    saturday = MONDAY + 5 * DAY
    for rule in (Rule.MUST_START_ON, Rule.START_BY):
        last = effort(1, 0, constraints=(Constraint(rule, saturday),))
        made = planned([effort(40, 0, priority=1), last])

        assert [(each.amount, each.elapsed) for each in made.broken()] == [(0, 2 * DAY)]


def test_a_constraint_that_loses_is_told_with_what_was_stronger() -> None:
    soon = Constraint(Rule.MUST_FINISH_BY, MONDAY + 6 * HOUR)
    made = planned([effort(4, 0), effort(4, 0, constraints=(soon,), rank=1), effort(4, 0, priority=1)])

    assert at(made)[1] == (4, 8)
    assert made.broken() == [
        Broken(1, soon, 2 * HOUR, Reason(Cause.RESOURCE, MONDAY + 4 * HOUR, 2, resource=0), 2 * HOUR)
    ]


def test_a_constraint_costs_more_than_a_deadline() -> None:
    by = MONDAY + 4 * HOUR
    work = [effort(4, 0, deadline=by), effort(4, 0, constraints=(Constraint(Rule.MUST_FINISH_BY, by),))]
    made = plan(work, [], [ADA], start=MONDAY, budget=Budget(schedules=30))

    assert at(made) == [(4, 8), (0, 4)]
    assert made.broken() == []


def test_a_container_is_where_its_children_are_and_lends_them_its_priority() -> None:
    made = planned([effort(0, priority=1), effort(4, 0), effort(4, 0, parent=0), effort(2, 1, parent=0)])

    assert at(made) == [(0, 4), (4, 8), (0, 4), (0, 2)]
    assert made.container(0)
    assert not made.container(1)
    assert made.reasons(0) == [Reason(Cause.CHILD, MONDAY, 2)]
    assert made.why(0)[-1] == (2, Reason(Cause.PROJECT_START, MONDAY))


def test_free_time_is_a_reason_and_says_whose() -> None:
    made = planned([effort(8, 0), effort(2, 0), effort(2, 1)], people=(ADA, Resource(LATE)))

    assert at(made)[2] == (4, 6)
    assert made.reasons(2)[0] == Reason(Cause.CALENDAR, MONDAY + 4 * HOUR, resource=1)


def test_out_of_sequence_progress_is_told() -> None:
    begun = effort(4, 1, started=MONDAY, remaining=2 * HOUR)
    made = plan([effort(8, 0), begun], [Link(0, 1)], [ADA, BOB], start=MONDAY, now=MONDAY + HOUR)

    assert at(made) == [(1, 25), (0, 27)]
    assert made.out_of_sequence() == [(0, 1)]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Resource(OFFICE, units=1.5),
        lambda: Resource(OFFICE, max_per_day=-1),
        lambda: Work(EFFORT, -1),
        lambda: Work(EFFORT, 1, finished=3),
        lambda: planned([effort(1, 7)]),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(Invalid):
        wrong()


def test_who_never_works_is_an_error_or_not_chosen() -> None:
    never = Resource(WorkingCalendar(BERLIN, WeeklyHours.parse({})))
    idle, blocked = Resource(OFFICE, units=0.0), Resource(OFFICE, max_per_day=0)
    for each in (never, idle, blocked):
        with pytest.raises(Conflict, match="no working time"):
            planned([effort(1, 0)], people=(each,))

        made = planned([Work(EFFORT, HOUR, any_of=(0, 1))], people=(each, ADA))

        assert made.placed[0].assigned[0].resource == 1


def test_whose_calendar_has_no_time_is_told_and_stops_nobody_else() -> None:
    never = Resource(WorkingCalendar(BERLIN, WeeklyHours.parse({})))
    for work, place, resource in (
        ([effort(1, 0), effort(1, 1)], 1, 1),
        ([effort(1, 0), Work(WORKING, HOUR, OFFICE, all_of=(0, 1))], 1, 1),
        ([effort(1, 0), Work(EFFORT, HOUR, any_of=(1, 2))], 1, 1),
    ):
        people = (ADA, never, never)
        for make in (plan, functools.partial(replan, previous=[None, None])):
            with pytest.raises(Conflict, match="no working time") as refused:
                make(work, [], people, start=MONDAY, now=None)

            assert refused.value.code == "no_working_time"
            assert refused.value.data == {"place": place, "resource": resource}

    for ada in (ADA, Resource(OFFICE, max_per_day=2 * HOUR)):
        late = Constraint(Rule.NOT_BEFORE, MONDAY - HOUR)
        made_anyway = plan([effort(2, 0, 1, constraints=(late,))], [], [ada, never], start=MONDAY - 2 * HOUR)

        assert at(made_anyway) == [(0, 2)]
        assert made_anyway.reasons(0)[0] == Reason(Cause.CALENDAR, MONDAY, resource=0)


def test_who_leaves_halfway_does_not_begin() -> None:
    gone = CalendarException.days(date(2026, 11, 24), date(2099, 12, 31))
    leaving = Resource(WorkingCalendar(parent=OFFICE, exceptions=[gone]), efficiency=2.0)
    work = [Work(EFFORT, hours * HOUR, any_of=(0, 1)) for hours in (20, 16)]
    made = planned(work, people=(leaving, ADA))

    assert [each.assigned[0].resource for each in made.placed] == [1, 0]
    with pytest.raises(Conflict, match="no working time"):
        planned([effort(20, 0)], people=(leaving,))
    with pytest.raises(Conflict, match="no working time"):
        planned([Work(EFFORT, 20 * HOUR, any_of=(0, 1))], people=(leaving, leaving))


def test_a_limit_holds_for_a_pinned_task_too_and_for_all_beside_it() -> None:
    ada = Resource(OFFICE, max_per_day=3 * HOUR)
    pinned = effort(4, 0, policy=Policy.MANUAL, planned=Placed(MONDAY + 2 * HOUR, MONDAY + 4 * HOUR))
    made = planned([pinned, effort(1, 0)], people=(ada,))

    assert at(made) == [(2, 25), (25, 26)]


def test_a_solver_heeds_links_lags_and_first_starts() -> None:
    """Of two orders of the same people only one is short: the long way first."""
    later = Constraint(Rule.NOT_BEFORE, MONDAY + 4 * HOUR)
    work = [
        effort(2, 0),
        effort(2, 0, constraints=(later,)),
        effort(2, 0),
        effort(2, 1),
        effort(0),
        effort(2, 1, parent=4),
    ]
    links = [Link(2, 3, lag=4 * HOUR), Link(0, 4), Link(2, 5, SS)]
    made = plan(work, links, [ADA, BOB], start=MONDAY, solver=HeuristicSolver(), budget=Budget(schedules=200))

    assert at(made)[:4] == [(2, 4), (4, 6), (0, 2), (6, 8)]
    assert made.finish == made.bound


def test_tasks_that_wait_for_each_other_are_named() -> None:
    with pytest.raises(Cycle) as refused:
        planned([effort(1), effort(1)], Link(0, 1), Link(1, 0, SS, 4, LagUnit.ELAPSED))

    assert set(refused.value.cycle) == {0, 1}


def test_a_chain_is_as_long_as_it_likes() -> None:
    count = 5_000
    work = [Work(EFFORT, HOUR, DAYS, all_of=(0,))] * count
    links = [Link(each, each + 1) for each in range(count - 1)]
    made = plan(work, links, [Resource(DAYS)], start=MONDAY)

    assert made.finish == MONDAY + count * HOUR == made.bound
    assert len(made.why(count - 1)) == count
    assert len(made.critical()) == count


def test_a_plan_without_work_is_empty() -> None:
    made = plan([], [], [], start=MONDAY)

    assert (made.placed, made.finish, made.bound, made.gap) == ([], MONDAY, MONDAY, 0.0)


def test_each_move_says_what_moved_it() -> None:
    work = [
        effort(4, 0, priority=1),
        effort(4, 0),
        effort(4, 1),
        effort(2, 1),
        effort(0),
        effort(1, 1, parent=4, priority=1),
    ]
    links = [Link(1, 2), Link(2, 3)]
    before = plan(work, links, [ADA, BOB], start=MONDAY)
    work[0] = attrs.evolve(work[0], amount=6 * HOUR)
    after = replan(
        [*work, effort(2, 0)], links, [ADA, BOB], start=MONDAY, now=None, previous=[*before.placed, None]
    )
    told = {move.place: move.cause for move in moves([*before.placed, None], after)}

    assert told[0] == Reason(Cause.ESTIMATE, MONDAY + 6 * HOUR)
    assert told[1] == Reason(Cause.RESOURCE, MONDAY + 6 * HOUR, 0, resource=0)
    assert told[2] == Reason(Cause.LINK, after.placed[1].finish, 1, 0)
    assert told[6] == Reason(Cause.RESOURCE, after.placed[1].finish, 1, resource=0)
    assert 4 not in told
    assert 5 not in told


def test_what_is_done_sooner_lets_others_come_forward_but_not_those_that_may_not() -> None:
    work = [effort(8, 0), effort(4, 0), effort(4, 0, policy=Policy.PUSH_ONLY)]
    before = planned(work, Link(0, 1), Link(1, 2))
    work = [attrs.evolve(each, planned=placed) for each, placed in zip(work, before.placed, strict=True)]
    work[0] = attrs.evolve(work[0], started=MONDAY, finished=MONDAY + 4 * HOUR)
    now = MONDAY + 4 * HOUR
    after = replan(work, [Link(0, 1), Link(1, 2)], [ADA, BOB], start=MONDAY, now=now, previous=before.placed)

    assert at(before) == [(0, 8), (24, 28), (28, 32)]
    assert at(after) == [(0, 4), (4, 8), (28, 32)]
    assert moves(before.placed, after) == [
        Move(0, before.placed[0], after.placed[0], Reason(Cause.ACTUAL, now)),
        Move(1, before.placed[1], after.placed[1], Reason(Cause.LINK, now, 0, 0)),
    ]


def test_an_unrelated_task_stays_where_a_new_plan_would_not_have_it() -> None:
    work = [effort(4, 0), effort(4, 1), effort(4, 1)]
    odd = [
        Placed(MONDAY + hours * HOUR, MONDAY + (hours + 4) * HOUR, (Assigned(who, 0, 0, 1.0),))
        for hours, who in ((0, 0), (2, 1), (24, 1))
    ]
    odd = [
        attrs.evolve(each, assigned=(attrs.evolve(each.assigned[0], start=each.start, end=each.finish),))
        for each in odd
    ]
    work[0] = attrs.evolve(work[0], amount=9 * HOUR)
    after = replan(work, [], [ADA, BOB], start=MONDAY, now=MONDAY, previous=odd)

    assert [move.place for move in moves(odd, after)] == [0]
    assert at(after)[1:] == [(2, 6), (24, 28)]
    assert after.reasons(1)[0] == Reason(Cause.POLICY, MONDAY + 2 * HOUR)


def test_time_of_others_who_could_have_done_it_moves_nothing() -> None:
    previous = [
        Placed(MONDAY, MONDAY + 4 * HOUR, (Assigned(1, MONDAY, MONDAY + 4 * HOUR, 1.0),)),
        Placed(
            MONDAY + 4 * HOUR, MONDAY + 8 * HOUR, (Assigned(0, MONDAY + 4 * HOUR, MONDAY + 8 * HOUR, 1.0),)
        ),
    ]
    work = [effort(1, 1), Work(EFFORT, 4 * HOUR, OFFICE, any_of=(0, 1))]
    after = replan(work, [], [ADA, BOB], start=MONDAY, now=MONDAY, previous=previous)

    assert at(after) == [(0, 1), (4, 8)]


def test_more_pressing_new_work_goes_before_less_pressing_work_that_was_planned() -> None:
    before = planned([effort(4, 0), effort(4, 0)])
    work = [effort(4, 0), effort(4, 0), effort(2, 0, priority=2)]
    after = replan(work, [], [ADA, BOB], start=MONDAY, now=MONDAY, previous=[*before.placed, None])

    assert at(after) == [(2, 6), (6, 26), (0, 2)]


def test_what_limits_left_to_others_stays_with_them() -> None:
    ada = Resource(OFFICE, max_per_day=4 * HOUR)
    tuesday = MONDAY + 28 * HOUR
    due = effort(4, 0, deadline=tuesday, constraints=(Constraint(Rule.NOT_BEFORE, tuesday),))
    before = planned([effort(16, 0, 1), due], people=(ada, BOB))
    after = replan(before.work, [], [ada, BOB], start=MONDAY, now=MONDAY, previous=before.placed)

    assert at(before) == [(0, 28), (28, 32)]
    assert moves(before.placed, after) == []


def test_two_that_somebody_has_begun_keep_their_order_however_they_began() -> None:
    def begun(ago: int, **other: Any) -> Work:
        return effort(4, 0, started=MONDAY - ago * HOUR, remaining=2 * HOUR, **other)

    def kept(placed: Placed) -> Placed:
        return Placed(placed.start, placed.finish, (Assigned(0, placed.start, placed.finish, 1.0),))

    work = [begun(70), begun(68, deadline=MONDAY + 2 * HOUR)]
    before = plan(work, [], [ADA], start=MONDAY - 80 * HOUR, now=MONDAY)
    previous = [kept(each) for each in before.placed]
    after = replan(work, [], [ADA], start=MONDAY - 80 * HOUR, now=MONDAY, previous=previous)

    assert at(before) == [(-70, 4), (-68, 2)]
    assert moves(previous, after) == []


def test_what_becomes_longer_begins_sooner_where_its_end_is_held() -> None:
    work = [effort(8, 0), effort(2, 1)]
    before = planned(work, Link(0, 1, FF)).placed
    work[1] = effort(4, 1)
    after = replan(work, [Link(0, 1, FF)], [ADA, BOB], start=MONDAY, now=None, previous=before)

    assert at(after) == [(0, 8), (4, 8)]


def test_who_has_left_is_replaced() -> None:
    work = [Work(EFFORT, 4 * HOUR, any_of=(0, 1))]
    before = planned(work)
    never = Resource(WorkingCalendar(BERLIN, WeeklyHours.parse({})))
    after = replan(work, [], [never, BOB], start=MONDAY, now=MONDAY, previous=before.placed)

    assert [each.assigned[0].resource for each in (before.placed[0], after.placed[0])] == [0, 1]


def test_room_that_held_nothing_up_moves_nothing_and_what_held_a_task_up_does() -> None:
    """What is shorter lets the next one come forward, and that the next but one; not what waits for something else."""
    noon = Constraint(Rule.NOT_BEFORE, MONDAY + 7 * HOUR)
    work = [effort(4, 0), effort(2, 0), effort(1, 0, constraints=(noon,))]
    before = planned(work)
    work[0] = attrs.evolve(work[0], amount=2 * HOUR)
    work[2] = attrs.evolve(work[2], constraints=())
    after = replan(work, [], [ADA, BOB], start=MONDAY, now=MONDAY, previous=before.placed)

    assert at(before) == [(0, 4), (4, 6), (7, 8)]
    assert at(after) == [(0, 2), (2, 4), (7, 8)]
    assert [move.cause for move in moves(before.placed, after)] == [
        Reason(Cause.ESTIMATE, MONDAY + 2 * HOUR),
        Reason(Cause.LEFT, MONDAY + 2 * HOUR, 0, resource=0),
    ]


def test_what_takes_longer_and_fits_no_more_says_so_and_leaves_others_where_they_are() -> None:
    """Behind a more pressing task; the hole that it leaves draws in no task that it did not hold up."""
    noon = Constraint(Rule.NOT_BEFORE, MONDAY + 4 * HOUR)
    work = [effort(3, 0), effort(4, 0, priority=1, constraints=(noon,)), effort(2, 0, rank=1)]
    before = planned(work)
    work[0] = attrs.evolve(work[0], amount=5 * HOUR)
    after = replan(work, [], [ADA, BOB], start=MONDAY, now=MONDAY, previous=before.placed)
    told = {move.place: move.cause for move in moves(before.placed, after)}

    assert at(before) == [(0, 3), (4, 8), (24, 26)]
    assert at(after) == [(24, 29), (4, 8), (29, 31)]
    assert told == {
        0: Reason(Cause.ESTIMATE, MONDAY + 29 * HOUR),
        2: Reason(Cause.RESOURCE, MONDAY + 29 * HOUR, 0, resource=0),
    }


@pytest.mark.parametrize("named", [((0, 2), (0, 1)), ((2, 0), (1, 0))])
def test_one_who_is_needed_in_any_case_binds_nobody_else(
    named: tuple[tuple[int, ...], tuple[int, ...]],
) -> None:
    everybody, one = named
    people = tuple(attrs.evolve(ADA, rank=rank) for rank in range(3))
    made = planned([Work(WORKING, HOUR, OFFICE, all_of=everybody, any_of=one)], people=people)
    assert {each.resource for each in made.placed[0].assigned} == {0, 2}
