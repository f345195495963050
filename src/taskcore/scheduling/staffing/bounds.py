"""
How early no plan can end: the critical path by calendars, and what people have to do once they can begin.

Whatever starts at `head` at the earliest and can only be done by people of a set takes all their working time from there on, were
they never to wait; for every set that a task names, and every head.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge

from taskcore.errors import Conflict
from taskcore.scheduling.activities import start_for
from taskcore.scheduling.spans import DAY_SECONDS, Span
from taskcore.scheduling.staffing.model import MICRO, Resource
from taskcore.scheduling.staffing.occupancy import Allowance
from taskcore.scheduling.staffing.pace import micros, pace_of
from taskcore.scheduling.staffing.project import EVER, Project
from taskcore.scheduling.staffing.walk import HORIZON_SECONDS
from taskcore.values import EstimateKind

MOST_SETS = 12
"""Of people: those who have most to do for what they can."""
MOST_HEADS = 4
"""From which limits are counted, day by day: those behind which there is most to do."""


def finish_bound(project: Project) -> int:
    """No plan ends before: proven."""
    starts, finishes = relaxed(project)
    path = max(finishes[: project.count], default=project.start)
    return max([path, *_energy(project, starts)])


def relaxed(project: Project) -> tuple[list[int], list[int]]:
    """By node, the start and the finish before which it is in no plan: everybody who may do it does, at once."""
    nodes = len(project.graph.owners)
    starts, finishes = [EVER] * nodes, [EVER] * nodes
    for node in project.graph.order:
        children = project.graph.children.get(node)
        if node < project.count and children:
            starts[node] = min(starts[child] for child in children)
            finishes[node] = max(finishes[child] for child in children)
            continue
        start, finish = project.floors[node]
        for held in project.held[node]:
            at = held.bound(starts[held.source] if held.of_start else finishes[held.source])
            if held.finish:
                finish = max(finish, at)
            else:
                start = max(start, at)
        if node >= project.count:
            starts[node] = finishes[node] = max(start, finish)
        else:
            starts[node], finishes[node] = _least(project, node, start, finish)
    return starts, finishes


def _least(project: Project, place: int, start: int, finish: int) -> tuple[int, int]:
    work = project.work[place]
    if work.started is not None and work.finished is not None:
        return work.started, work.finished
    if work.pinned and work.planned:
        start, finish = work.planned.start, EVER
    if not work.left:
        at = max(start, finish)
        return (at, at) if work.started is None else (work.started, at)
    found = []
    for way in range(max(len(project.ways[place]), 1)):
        pace = project.pace(place, way)
        try:
            pieces = work.splittable or (bool(project.ways[place]) and project.ways[place][way].limited)
            begin = start  # what is done in pieces may begin at any time and last until then
            if finish > start and not pieces:
                begin = max(start, start_for(pace, finish, work.left))
            begin = begin if work.pinned else pace.next_start(begin)
            found.append((begin, max(finish, pace.add(begin, work.left))))
        except Conflict:
            continue
    least = min((start for start, _ in found), default=start)
    return (
        least if work.started is None else work.started,
        min((finish for _, finish in found), default=start),
    )


def _energy(project: Project, starts: list[int]) -> Iterator[int]:
    tasks = []
    for place in project.leaves:
        ways, work = project.ways[place], project.work[place]
        if ways and not project.fixed(place) and work.kind is not EstimateKind.ELAPSED:
            who = frozenset(each for way in ways for each in way.team)
            head = starts[place] if work.started is None else project.floors[place][0]
            tasks.append((head, who, _effort(project, place)))
    tasks.sort(key=lambda task: -task[0])
    for people in _busiest(project, tasks):
        pace = pace_of(EstimateKind.EFFORT, _members(project, people), None)
        theirs = [(head, effort) for head, who, effort in tasks if who <= people]
        energies: dict[int, int] = {}
        energy = 0
        for head, effort in theirs:
            energy += effort
            energies[head] = energy
        for head, energy in energies.items():
            try:
                yield pace.add(head, energy)
            except Conflict:  # they have no such time in the years to come
                break
        if any(project.resources[each].limited for each in people):
            for head in list(energies)[-MOST_HEADS:]:
                at = _within_limits(_members(project, people), head, energies[head])
                if at is not None:
                    yield at


def _within_limits(members: Sequence[Resource], head: int, energy: int) -> int | None:
    """When they can have done so much since `head`, as much at every moment as a day and a week allow; None, if never."""
    left, rate, last = energy * MICRO, 0, head
    for at, change in merge(*(_changes(each, head) for each in members)):
        if rate and left <= (at - last) * rate:
            return last - -left // rate
        left -= (at - last) * rate
        rate, last = rate + change, at
    return None


def _changes(resource: Resource, head: int) -> Iterator[tuple[int, int]]:
    """By how much the rate changes when, of one who works from `head` on whenever limits allow."""
    rate = micros(resource)
    if rate:
        for start, end in _worked(resource, head):
            yield start, rate
            yield end, -rate


def _worked(resource: Resource, at: int) -> Iterator[Span]:
    allowance, calendar = Allowance(resource), resource.calendar
    last = at + HORIZON_SECONDS
    while at < last:
        try:
            at = calendar.next_start(at)
        except Conflict:
            return
        room, midnight = allowance.left(at)
        end = min(midnight, at + room, calendar.working(at, at + DAY_SECONDS)[0][1])
        if room:
            allowance.use(at, end - at)
            yield at, end
        at = end if room else midnight


def _busiest(project: Project, tasks: list[tuple[int, frozenset[int], int]]) -> list[frozenset[int]]:
    """Sets of people by the time that they need for what nobody else can do."""
    everybody = frozenset(range(len(project.resources)))
    own: dict[frozenset[int], int] = {everybody: 0}
    for _, who, effort in tasks:
        own[who] = own.get(who, 0) + effort
    needed = {
        people: sum(effort for who, effort in own.items() if who <= people)
        / (sum(project.resources[each].rate for each in people) or 1)
        for people in own
    }
    return sorted(needed, key=lambda people: (-needed[people], sorted(people)))[:MOST_SETS]


def _members(project: Project, people: frozenset[int]) -> list[Resource]:
    return [project.resources[each] for each in sorted(people)]


def _effort(project: Project, place: int) -> int:
    """The least person-seconds that it takes of those who do it."""
    work = project.work[place]
    if work.kind is EstimateKind.EFFORT:
        return work.left
    rates = (sum(micros(project.resources[each]) for each in way.team) for way in project.ways[place])
    return work.left * min(rates) // 1_000_000
