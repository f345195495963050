"""A plan made again moves what a change reaches, and nothing else; each move has its cause."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.scheduling.activities import FF, SF
from taskcore.scheduling.staffing import (
    Assigned,
    Placed,
    StaffPlan,
    moves,
    plan,
    replan,
)
from tests.unit.scheduling.staffing.teams import (
    HOUR,
    LEAVES,
    NOW,
    Team,
    faults,
    leaves,
    resumes,
    teams,
)

some = settings(max_examples=20, deadline=None)


def first(team: Team) -> StaffPlan:
    return plan(*team, start=NOW, now=NOW)


def again(team: Team, previous: Sequence[Placed | None], now: int = NOW) -> StaffPlan:
    return replan(*team, start=NOW, now=now, previous=previous)


def slipped(team: Team, place: int, hours: int) -> Team:
    """One task takes longer, of whatever is left of it."""
    work = list(team.work)
    left = work[place].left + hours * HOUR
    work[place] = attrs.evolve(work[place], amount=left, remaining=left)
    return team._replace(work=work)


def reached(team: Team, before: StaffPlan, after: StaffPlan, changed: int) -> set[int]:
    """Whatever a change may concern: those linked behind it, those who share people with them, and so on; and before it,
    what is to be as late as it lets them."""
    found, waiting = {changed}, [changed]
    while waiting:
        place = waiting.pop()
        others = [
            leaf
            for link in team.links
            for one, two in ((link.predecessor, link.successor), (link.successor, link.predecessor))
            for leaf in leaves(two)
            if place in leaves(one) and (two == link.successor or team.work[leaf].as_late_as_possible)
        ]
        people = doing(place, before, after)
        others += [each for each in LEAVES if people & doing(each, before, after)]
        waiting += set(others) - found
        found |= set(others)
    return found


def doing(place: int, *plans: StaffPlan) -> set[int]:
    return {each.resource for made in plans for each in made.placed[place].assigned}


@some
@given(teams())
def test_where_nothing_has_changed_nothing_moves(team: Team) -> None:
    before = first(team)

    assert moves(before.placed, again(team, before.placed)) == []


@some
@given(teams(limits=False))
def test_where_only_dates_and_people_were_kept_nothing_moves_either(team: Team) -> None:
    """The pieces of what gave way to other tasks are found again, where nothing else gave way too; of work that has begun,
    it is known when it goes on."""
    work = [attrs.evolve(each, splittable=each.splittable and not each.rank) for each in team.work]
    team = team._replace(work=work)
    before = first(team)
    kept = [
        attrs.evolve(
            each,
            assigned=tuple(
                Assigned(who, resumes(before, place), each.finish, 1.0)
                for who in sorted({one.resource for one in each.assigned})
            ),
        )
        for place, each in enumerate(before.placed)
    ]

    assert moves(kept, again(team, kept)) == []


@some
@given(teams(), st.sampled_from(LEAVES), st.integers(1, 20))
def test_a_slip_moves_only_what_it_reaches_by_links_and_people(team: Team, place: int, hours: int) -> None:
    before = first(team)
    after = again(slipped(team, place, hours), before.placed)
    moved = {move.place for move in moves(before.placed, after) if move.place in LEAVES}

    assert faults(after) == []
    assert moved <= reached(team, before, after, place)


@some
@given(teams(limits=False), st.sampled_from(LEAVES), st.integers(1, 20))
def test_after_a_slip_only_what_was_behind_something_that_has_gone_is_sooner(
    team: Team, place: int, hours: int
) -> None:
    """By a link that is met sooner, or by a person who did something else before."""
    before = first(team)
    after = again(slipped(team, place, hours), before.placed)
    moved = {move.place for move in moves(before.placed, after)}
    for leaf in LEAVES:
        was = before.placed[leaf].start
        if after.placed[leaf].start < was and not finish_held(team, leaf):
            assert any(
                link.predecessor in moved and leaf in leaves(link.successor) for link in team.links
            ) or any(
                before.placed[other].finish <= was and doing(leaf, before) & doing(other, before)
                for other in moved.intersection(LEAVES) - {leaf}
            )


def finish_held(team: Team, leaf: int) -> bool:
    """Whether it may begin sooner for its end alone."""
    above = [work for place, work in enumerate(team.work) if leaf in leaves(place)]
    return (
        team.work[leaf].as_late_as_possible
        or any(each.rule.least and not each.rule.of_start for work in above for each in work.constraints)
        or any(link.type in (FF, SF) and leaf in leaves(link.successor) for link in team.links)
    )
