"""Plans hold whatever is asked of them, by an independent judge; and come out alike where they should."""

from __future__ import annotations

from random import Random

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.scheduling.activities import Cause
from taskcore.scheduling.leveling import Budget, HeuristicSolver
from taskcore.scheduling.staffing import EstimateKind, Placed, Resource, StaffPlan, Work, plan
from taskcore.scheduling.staffing.generation import FREE, Generator
from taskcore.scheduling.staffing.objective import Cost, Objective
from taskcore.scheduling.staffing.project import Project
from tests.unit.scheduling.staffing.teams import (
    COUNT,
    DAY,
    HOUR,
    KATHMANDU,
    NOW,
    OFFICE,
    Team,
    faults,
    shifted,
    teams,
)

some = settings(max_examples=20, deadline=None)
ROOTS = (Cause.PROJECT_START, Cause.NOW, Cause.ACTUAL, Cause.CONSTRAINT, Cause.POLICY, Cause.LIMIT)


def made(team: Team, schedules: int = 6, incumbent: list[Placed] | None = None) -> StaffPlan:
    return plan(*team, start=NOW, now=NOW, budget=Budget(schedules=schedules), incumbent=incumbent)


def cost(team: Team, made: StaffPlan) -> Cost:
    project = Project(*team, NOW, NOW)
    generator = Generator(project)
    for place, placed in enumerate(made.placed):
        generator.draft.starts[place], generator.draft.finishes[place] = placed.start, placed.finish
    return Objective(project)(generator.draft)


@some
@given(teams())
def test_no_task_is_before_its_links_allow_and_nobody_is_over_capacity(team: Team) -> None:
    assert faults(made(team)) == []


@some
@given(teams(), st.permutations(range(COUNT)), st.permutations(range(3)))
def test_the_order_in_which_tasks_and_people_are_named_changes_nothing(
    team: Team, names: list[int], people: list[int]
) -> None:
    """Where ranks tell them apart."""
    people = [each for each in people if each < len(team.resources)]
    ranked = team._replace(
        resources=[attrs.evolve(each, rank=rank) for rank, each in enumerate(team.resources)]
    )
    work = [team.work[0]] * COUNT
    for place, each in enumerate(team.work):
        work[names[place]] = attrs.evolve(
            each,
            parent=None if each.parent is None else names[each.parent],
            all_of=tuple(people[who] for who in each.all_of)[::-1],
            any_of=tuple(people[who] for who in each.any_of)[::-1],
        )
    resources = [ranked.resources[0]] * len(people)
    for place, resource in enumerate(ranked.resources):
        resources[people[place]] = resource
    links = [
        attrs.evolve(each, predecessor=names[each.predecessor], successor=names[each.successor])
        for each in team.links
    ]
    one, two = made(ranked, 8), made(Team(work, links[::-1], resources), 8)

    assert [(each.start, each.finish) for each in one.placed] == [
        (two.placed[name].start, two.placed[name].finish) for name in names
    ]
    assert [{people[each.resource] for each in placed.assigned} for placed in one.placed] == [
        {each.resource for each in two.placed[name].assigned} for name in names
    ]


@some
@given(teams())
def test_planning_twice_is_planning_once(team: Team) -> None:
    assert made(team, 8).placed == made(team, 8).placed


@some
@given(teams((KATHMANDU,)), st.integers(-3, 3))
def test_a_week_later_all_is_a_week_later(team: Team, weeks: int) -> None:
    by = 7 * weeks * DAY
    one = made(team, 10)
    two = plan(*shifted(team, by), start=NOW + by, now=NOW + by, budget=Budget(schedules=10))

    assert [(each.start + by, each.finish + by) for each in one.placed] == [
        (each.start, each.finish) for each in two.placed
    ]
    assert (one.bound + by, one.total_slack, one.free_slack) == (two.bound, two.total_slack, two.free_slack)


@some
@given(teams(), st.randoms(use_true_random=False))
def test_a_plan_is_never_worse_than_the_one_that_was_there_nor_than_any_told_of(
    team: Team, random: Random
) -> None:
    project = Project(*team, NOW, NOW)
    order = project.order(lambda _: random.random())
    before = StaffPlan(project, Generator(project).make(order, [FREE] * len(order)))
    told: list[Cost] = []
    after = plan(
        *team,
        start=NOW,
        now=NOW,
        incumbent=before.placed,
        budget=Budget(schedules=8),
        on_progress=lambda each: told.append(cost(team, each)),
    )

    assert cost(team, after) <= cost(team, before)
    assert told == sorted(told, reverse=True)
    assert cost(team, after) == told[-1]


@some
@given(teams())
def test_no_plan_ends_before_the_bound(team: Team) -> None:
    plans = made(team, 10)

    assert plans.bound <= plans.finish
    assert plans.gap >= 0


@some
@given(teams())
def test_the_driving_path_leads_to_a_reason_that_waits_for_nobody(team: Team) -> None:
    plans = made(team)
    for place in range(COUNT):
        path = plans.why(place)

        assert path[0][0] == place
        assert path[-1][1].cause in ROOTS
        assert path[-1][1].by is None


@some
@given(teams(plain=True))
def test_slack_is_room(team: Team) -> None:
    """Where nothing is pinned, begun or bound: never less than none, but for a deadline that is missed."""
    undue = team._replace(work=[attrs.evolve(each, deadline=None) for each in team.work])
    plans = made(undue)

    assert min(plans.total_slack) >= 0
    assert all(0 <= free <= total for free, total in zip(plans.free_slack, plans.total_slack, strict=True))
    assert plans.critical()


@settings(max_examples=8, deadline=None)
@given(teams())
def test_whatever_order_a_solver_finds_the_plan_holds(team: Team) -> None:
    plans = plan(*team, start=NOW, now=NOW, solver=HeuristicSolver(), budget=Budget(schedules=40))

    assert faults(plans) == []


def test_a_solver_finds_the_order_in_which_two_share_the_long_and_the_short() -> None:
    resources = [Resource(OFFICE), Resource(OFFICE)]
    lengths = (5, 4, 3, 3, 3)
    work = [Work(EstimateKind.EFFORT, each * HOUR, OFFICE, any_of=(0, 1)) for each in lengths]
    monday = NOW + 4 * DAY + 22 * HOUR - 10 * HOUR
    plans = plan(work, [], resources, start=monday, solver=HeuristicSolver(), budget=Budget(schedules=400))

    assert plans.finish == plans.bound
    assert plans.gap == 0
