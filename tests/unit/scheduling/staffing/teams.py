"""Generated teams and their work, and an independent judge of plans for them, who counts quarters of an hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import accumulate, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st

from taskcore.scheduling.activities import FF, FS, SS, Constraint, Link, Rule
from taskcore.scheduling.calendars import CalendarException, WeeklyHours, WorkingCalendar
from taskcore.scheduling.order import Cycle
from taskcore.scheduling.staffing import EstimateKind, Placed, Policy, Resource, StaffPlan, Work
from taskcore.scheduling.staffing.project import Project
from taskcore.values import DependencyType, LagUnit

HOUR, QUARTER, DAY = 3600, 900, 86_400
NOW = int(datetime(2026, 3, 25, 10, tzinfo=UTC).timestamp())  # a Wednesday; clocks change on Sunday
FIRST = NOW - 60 * DAY
SLOTS = 700 * 96


class Rules(NamedTuple):
    """A calendar, and the same once more: its zone, hours by weekday, and days off."""

    calendar: WorkingCalendar
    zone: ZoneInfo
    hours: dict[int, list[tuple[time, time]]]
    off: frozenset[date] = frozenset()


def rules(zone: str, hours: dict[str, list[str]], off: list[date]) -> Rules:
    weekly = WeeklyHours.parse(hours)
    clock = [time(minute // 60, minute % 60) for minute in range(1440)]
    return Rules(
        WorkingCalendar(ZoneInfo(zone), weekly, [CalendarException.days(each) for each in off]),
        ZoneInfo(zone),
        {day: [(clock[start], clock[end]) for start, end in parts] for day, parts in enumerate(weekly.days)},
        frozenset(off),
    )


CALENDARS = [
    rules("Europe/Berlin", {"mon-fri": ["09:00-12:00", "13:00-17:00"]}, [date(2026, 4, 3), date(2026, 4, 6)]),
    rules("Asia/Kathmandu", {"sun-sun": ["10:00-13:00"], "mon-thu": ["10:00-20:00"]}, []),
    rules("America/New_York", {"tue-sat": ["08:00-14:00"]}, [date(2026, 4, 1)]),
]
OFFICE, KATHMANDU, NEW_YORK = (each.calendar for each in CALENDARS)


def _counted(each: Rules) -> list[int]:
    """Working seconds from FIRST until each slot."""
    found = []
    for slot in range(SLOTS):
        local = datetime.fromtimestamp(FIRST + slot * QUARTER, each.zone)
        parts = each.hours.get(local.weekday(), [])
        works = local.date() not in each.off and any(start <= local.time() < end for start, end in parts)
        found.append(QUARTER if works else 0)
    return [0, *accumulate(found)]


COUNTED = {id(each.calendar): _counted(each) for each in CALENDARS}


def works(calendar: WorkingCalendar | None, at: int) -> bool:
    if calendar is None:
        return True
    counted, slot = COUNTED[id(calendar)], (at - FIRST) // QUARTER
    return counted[slot + 1] > counted[slot]


def worked(calendar: WorkingCalendar | None, start: int, end: int) -> int:
    """Working seconds from `start` until `end`."""
    if calendar is None:
        return end - start
    counted = COUNTED[id(calendar)]

    def until(at: int) -> int:
        slot, rest = divmod(at - FIRST, QUARTER)
        return counted[slot] + (rest if counted[slot + 1] > counted[slot] else 0)

    return until(end) - until(start)


def moments(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The parts of that time in which no calendar changes."""
    while start < end:
        after = min(end, start + QUARTER - (start - FIRST) % QUARTER)
        yield start, after
        start = after


# Teams and their work.

RATES = [(1.0, 1.0), (0.5, 1.0), (1.0, 2.0), (0.25, 1.0)]
COUNT = 7
PARENTS = (None, None, 1, 1, None, None, 4)
"""1 holds 2 and 3; 4 holds 6."""
LEAVES = (0, 2, 3, 5, 6)


@st.composite
def resources(draw: st.DrawFn, calendars: tuple[WorkingCalendar, ...], *, limits: bool = True) -> Resource:
    units, efficiency = draw(st.sampled_from(RATES))
    return Resource(
        draw(st.sampled_from(calendars)),
        units,
        efficiency,
        max_per_day=draw(st.sampled_from([None, None, 2 * HOUR, 4 * HOUR])) if limits else None,
        max_per_week=draw(st.sampled_from([None, None, None, 9 * HOUR])) if limits else None,
        rank=draw(st.integers(0, 9)),
    )


hours = st.integers(-40, 200).map(lambda each: NOW + each * HOUR)


@st.composite
def works_of(
    draw: st.DrawFn, place: int, people: int, calendars: tuple[WorkingCalendar, ...], *, plain: bool
) -> Work:
    places = st.integers(0, people - 1)
    begun = None if plain else draw(st.sampled_from([None, None, None, None, "begun", "done"]))
    started = NOW - draw(st.integers(1, 30)) * HOUR if begun else None
    at = NOW + draw(st.integers(0, 90)) * HOUR
    return Work(
        draw(st.sampled_from([EstimateKind.EFFORT] * 4 + [EstimateKind.WORKING, *EstimateKind])),
        draw(st.integers(0, 16)) * HOUR,
        draw(st.sampled_from([None, *calendars])),
        all_of=tuple(draw(st.lists(places, max_size=2, unique=True))),
        any_of=tuple(draw(st.just([]) | st.lists(places, max_size=3, unique=True))),
        priority=draw(st.integers(0, 2)),
        deadline=draw(st.none() | hours),
        constraints=() if plain else draw(constraints),
        as_late_as_possible=not plain and draw(st.sampled_from([False, False, True])),
        parent=PARENTS[place],
        started=started,
        finished=NOW - HOUR if begun == "done" else None,
        remaining=draw(st.none() | st.integers(0, 9).map(lambda each: each * HOUR)),
        splittable=not plain and draw(st.sampled_from([False, False, True])),
        policy=Policy.PULL_AND_PUSH
        if plain
        else draw(st.sampled_from([Policy.PULL_AND_PUSH, *list(Policy)[:3]])),
        planned=draw(st.none() | st.just(Placed(at, at + HOUR))),
        rank=place,
    )


constraints = st.just(()) | st.lists(st.builds(Constraint, st.sampled_from(Rule), hours), max_size=2).map(
    tuple
)


class Team(NamedTuple):
    work: list[Work]
    links: list[Link]
    resources: list[Resource]


@st.composite
def teams(
    draw: st.DrawFn,
    calendars: tuple[WorkingCalendar, ...] = (OFFICE, KATHMANDU, NEW_YORK),
    *,
    plain: bool = False,
    limits: bool = True,
) -> Team:
    """Any whose links have no cycle. Plain work has no progress, constraints, policies, and is done in one piece."""
    people = draw(st.lists(resources(calendars, limits=limits), min_size=1, max_size=3))
    made = [draw(works_of(place, len(people), calendars, plain=plain)) for place in range(COUNT)]
    return Team(made, draw(linked(made)), people)


@st.composite
def linked(draw: st.DrawFn, made: list[Work]) -> list[Link]:
    ends = st.integers(0, COUNT - 1)
    lags = st.just(0) | st.integers(-9, 9).map(lambda each: each * HOUR)
    types = st.sampled_from([FS, FS, FS, *DependencyType])
    kept: list[Link] = []
    for link in draw(
        st.lists(st.builds(Link, ends, ends, types, lags, st.sampled_from(LagUnit)), max_size=8)
    ):
        try:
            Project(made, [*kept, link], [Resource(OFFICE)] * 3, NOW, NOW)
        except Cycle:
            continue
        kept.append(link)
    return kept


# The judge.


def faults(made: StaffPlan) -> list[str]:
    """What is wrong with a plan, in words."""
    return [*_links(made), *_doing(made), *_people(made), *_pinned(made)]


def leaves(place: int) -> list[int]:
    below = [each for each, parent in enumerate(PARENTS) if parent == place]
    return [leaf for each in below for leaf in leaves(each)] or [place]


def resumes(made: StaffPlan, place: int) -> int:
    """Where its work begins or goes on."""
    work, placed = made.work[place], made.placed[place]
    if work.started is None:
        return placed.start
    if placed.assigned:
        return min(each.start for each in placed.assigned)
    at = placed.finish
    while worked(None if work.kind is EstimateKind.ELAPSED else work.calendar, at, placed.finish) < work.left:
        at -= QUARTER
    return at


def _links(made: StaffPlan) -> Iterator[str]:
    for link in made.links:
        source = made.placed[link.predecessor]
        bound = source.finish if link.type in (FS, FF) else source.start
        calendar = made.work[link.successor].calendar if link.unit is LagUnit.WORKING else None
        for leaf in leaves(link.successor):
            work = made.work[leaf]
            if work.finished is not None or work.pinned:
                continue
            at = resumes(made, leaf) if link.type in (FS, SS) else made.placed[leaf].finish
            least = _lagged(bound, link.lag, calendar)
            if at < least:
                yield f"{leaf} is at {at}, before {least} as {link} lets it"


def _lagged(at: int, lag: int, calendar: WorkingCalendar | None) -> int:
    if calendar is None:
        return at + lag
    left = abs(lag)
    while left:
        step = min(QUARTER - (at - FIRST) % QUARTER if lag > 0 else (at - FIRST) % QUARTER or QUARTER, left)
        after = at + step if lag > 0 else at - step
        left -= step if works(calendar, min(at, after)) else 0
        at = after
    return at


def _doing(made: StaffPlan) -> Iterator[str]:
    """Each is done exactly when it ends, by whom it may be done, and begins no sooner than it may."""
    for place in LEAVES:
        work, placed = made.work[place], made.placed[place]
        if work.finished is not None:
            continue
        begin = resumes(made, place)
        if begin < NOW and not work.pinned:
            yield f"{place} goes on in the past"
        if work.left and (work.all_of or work.any_of):
            team = {each.resource for each in placed.assigned}
            one = team - set(work.all_of)
            if not set(work.all_of) <= team or len(one) > 1 or not one <= set(work.any_of):
                yield f"{place} is done by {team}"
            if work.any_of and not team & set(work.any_of):
                yield f"{place} is done by none of {work.any_of}"
        done, before = _done(made, place, placed.finish), _done(made, place, placed.finish - 1)
        if not before < work.left <= done and work.left:
            yield f"of {place}, {done} is done and {before} a second before, of {work.left}"
        if not work.left and placed.finish != begin:
            yield f"{place} takes time"
        for each in work.constraints:
            at = placed.start if each.rule.of_start else placed.finish
            bound = work.started is None or not each.rule.of_start
            if each.rule.least and bound and at < each.at:
                yield f"{place} does not heed {each}"


def _done(made: StaffPlan, place: int, until: int) -> float:
    """What is done of it, in seconds of its amount."""
    work, placed = made.work[place], made.placed[place]
    begin = resumes(made, place)
    if work.kind is EstimateKind.ELAPSED:
        return until - begin
    if not placed.assigned:
        return worked(work.calendar, begin, until)
    done = 0.0
    cuts = {
        begin,
        until,
        *(at for each in placed.assigned for at in (each.start, each.end) if begin < at < until),
    }
    for start, end in (one for pair in pairwise(sorted(cuts)) for one in moments(*pair)):
        on_it = {
            each.resource: each.rate
            for each in placed.assigned
            if each.start <= start < each.end and works(made.resources[each.resource].calendar, start)
        }
        if work.kind is EstimateKind.EFFORT:
            done += sum(on_it.values()) * (end - start)
        elif len(on_it) == len({each.resource for each in placed.assigned}) and works(work.calendar, start):
            done += end - start
    return done


def _people(made: StaffPlan) -> Iterator[str]:
    """Nobody does two things at a time, or more than a day or a week allows."""
    for number, resource in enumerate(made.resources):
        pieces = sorted(
            (each.start, each.end, place)
            for place, placed in enumerate(made.placed)
            for each in placed.assigned
            if each.resource == number
        )
        latest = 0
        for start, end, place in pieces:
            if (
                start < latest
                and worked(resource.calendar, start, min(latest, end))
                and not made.work[place].pinned
            ):
                yield f"{number} does {place} beside another at {start}"
            latest = max(latest, end)
        used: dict[tuple[str, int], float] = defaultdict(float)
        for start, end, place in pieces:
            for moment, after in moments(start, end):
                if made.work[place].kind is EstimateKind.ELAPSED or not works(resource.calendar, moment):
                    continue
                if made.work[place].kind is EstimateKind.WORKING and not _all_work(made, place, moment):
                    continue
                day = datetime.fromtimestamp(moment, resource.calendar.local_zone).date()
                used["day", day.toordinal()] += (after - moment) * resource.units
                used["week", (day.toordinal() - day.weekday())] += (after - moment) * resource.units
        for (what, key), seconds in used.items():
            most = resource.max_per_day if what == "day" else resource.max_per_week
            if most is not None and seconds > most + 1e-6:
                yield f"{number} works {seconds} in {what} {key} of {most}"


def _all_work(made: StaffPlan, place: int, at: int) -> bool:
    team = {each.resource for each in made.placed[place].assigned}
    there = {each.resource for each in made.placed[place].assigned if each.start <= at < each.end}
    everybody = all(works(made.resources[each].calendar, at) for each in team)
    return team == there and everybody and works(made.work[place].calendar, at)


def _pinned(made: StaffPlan) -> Iterator[str]:
    for place in range(COUNT):
        work, placed, below = made.work[place], made.placed[place], leaves(place)
        if below != [place]:
            envelope = (
                min(made.placed[each].start for each in below),
                max(made.placed[each].finish for each in below),
            )
            if (placed.start, placed.finish) != envelope:
                yield f"{place} does not reach over its children"
            continue
        if work.started is not None and placed.start != work.started:
            yield f"{place} has begun at another time"
        if work.finished is not None and placed.finish != work.finished:
            yield f"{place} was done at another time"


def shifted(team: Team, by: int) -> Team:
    """All instants so much later."""

    def later(at: int | None) -> int | None:
        return None if at is None else at + by

    return team._replace(
        work=[
            attrs.evolve(
                each,
                deadline=later(each.deadline),
                started=later(each.started),
                finished=later(each.finished),
                constraints=tuple(attrs.evolve(one, at=one.at + by) for one in each.constraints),
                planned=each.planned and Placed(each.planned.start + by, each.planned.finish + by),
            )
            for each in team.work
        ]
    )
