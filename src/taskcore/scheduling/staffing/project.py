"""Work, links and people made ready for planning: who may do what, what holds each task back, and what is pressing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from heapq import heapify, heappop, heappush

import attrs

from taskcore.errors import Conflict, invalid
from taskcore.scheduling.activities import FF, SF, SS, Activity, Link, Pace
from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.scheduling.elapsed import Dates
from taskcore.scheduling.hierarchy import Arc, Hierarchy
from taskcore.scheduling.plan import Plan, located
from taskcore.scheduling.slack import slack
from taskcore.scheduling.staffing.model import MICRO, Policy, Resource, Work
from taskcore.scheduling.staffing.occupancy import NEVER
from taskcore.scheduling.staffing.pace import Waiting, micros, pace_of
from taskcore.values import EstimateKind, LagUnit

EVER = -(1 << 62)
"""Before everything."""
BEGUN = 1 << 62
"""The class of work in progress, above all priorities."""


@attrs.frozen(slots=True, eq=False)
class Way:
    """One of the ways to do a task: by whom, how fast."""

    team: tuple[int, ...]
    pace: Pace
    rates: tuple[int, ...]
    """Of each in the team, in millionths."""
    together: WorkingCalendar | bool
    """Whether it passes only while everybody works; and the calendar that has to, too."""
    limited: bool


@attrs.frozen(slots=True)
class Held:
    """A link as it binds a node: what it counts from, and with what distance."""

    source: int
    of_start: bool
    finish: bool
    """Whether it holds the finish."""
    lag: int
    calendar: WorkingCalendar | None
    """Of working lag."""

    def bound(self, at: int) -> int:
        """From the date of the source on."""
        if not self.lag:
            return at
        return self.calendar.add(at, self.lag) if self.calendar else at + self.lag


class Project:
    """By place of work and, from there on, by node of its graph. Raises: Cycle, Invalid."""

    def __init__(
        self,
        work: Sequence[Work],
        links: Sequence[Link],
        resources: Sequence[Resource],
        start: int,
        now: int | None,
    ) -> None:
        self.links = list(links)
        self.work, self.resources = _sharing_calendars(work, resources)
        self.start, self.now = start, now
        _check(self.work, len(self.resources))
        self.graph = Hierarchy(self.work, self.links)
        self._apart = [self._keeping_gap(link) for link in self.links]
        """The links, with the distance that they are to keep."""
        if self._apart != self.links:
            self.graph = Hierarchy(self.work, self._apart)
        self.count = len(self.work)
        self.leaves = sorted(
            (place for place in range(self.count) if place not in self.graph.children), key=self.tie
        )
        """Those that are no containers, by rank."""
        self._paces: dict[tuple[EstimateKind, tuple[tuple[int, int], ...], int], Pace] = {}
        self._known_ways: dict[tuple[tuple[tuple[int, ...], ...], EstimateKind, int], tuple[Way, ...]] = {}
        self.ways = [self._ways(place) for place in range(self.count)]
        """None for work that nobody does."""
        self.floors = [self._floor(node) for node in range(len(self.graph.owners))]
        """The start and the finish before which a node cannot be, links aside."""
        self.held = [[self._held(arc) for arc in arcs if arc.type] for arcs in self.graph.into]

    def tie(self, place: int) -> tuple[int, int]:
        return self.work[place].rank, place

    def container(self, place: int) -> bool:
        return place in self.graph.children

    def fixed(self, place: int) -> bool:
        """Whether its dates are given: it is done, or pinned."""
        return self.work[place].finished is not None or self.work[place].pinned

    def pace(self, place: int, way: int = 0) -> Pace:
        ways = self.ways[place]
        return ways[way].pace if ways else self._pace(self.work[place], ())

    @cached_property
    def classes(self) -> list[int]:
        """How pressing each node is: as the most pressing that waits for it."""
        found = [EVER] * len(self.graph.owners)
        for node in reversed(self.graph.order):
            if node < self.count:
                work = self.work[node]
                begun = work.started is not None and not work.splittable and not self.container(node)
                found[node] = BEGUN if begun and work.finished is None else work.priority
            for arc in self.graph.out[node]:
                if not self.fixed(self.graph.owners[arc.target]):
                    found[node] = max(found[node], found[arc.target])
        return found

    @cached_property
    def due(self) -> list[int]:
        """The earliest deadline, or constraint that bounds a date, of each node and of what waits for it."""
        found = [NEVER] * len(self.graph.owners)
        for node in reversed(self.graph.order):
            if node < self.count:
                work = self.work[node]
                bounds = [each.at for each in work.constraints if each.rule.most]
                found[node] = min([*bounds, NEVER if work.deadline is None else work.deadline])
            for arc in self.graph.out[node]:
                found[node] = min(found[node], found[arc.target])
        return found

    @cached_property
    def dates(self) -> Dates:
        """Were there people without end, the first candidate doing each task."""
        return slack(self.network([self._able(place) for place in range(self.count)]))

    def network(
        self, ways: Sequence[int], more: Sequence[Link] = (), spans: Mapping[int, int] | None = None
    ) -> Plan:
        """The plan were there people without end, done in these ways; with more links behind those there are.

        By place, `spans` are seconds that what is left takes all in all, wherever it is.
        """
        activities = [self._activity(place, way) for place, way in enumerate(ways)]
        for place, span in (spans or {}).items():
            activities[place] = attrs.evolve(
                activities[place], duration=span, remaining=span, pace=Waiting(self.pace(place, ways[place]))
            )
        try:
            return Plan(activities, [*self._apart, *more], self.start, self.now)
        except Conflict as error:
            if isinstance(node := error.data.get("place"), int):
                raise self.without_time(error, node) from error
            raise

    def without_time(self, error: Conflict, node: int) -> Conflict:
        """`no_working_time` with the `place` of the task in its data and, where somebody on it has none, the `resource`."""
        place = self.graph.owners[node]
        people = list(dict.fromkeys(each for team in self.work[place].teams() for each in team))
        idle = [each for each in people if not self._works(each)] or (people if len(people) == 1 else [])
        return located(error, place, resource=idle[0]) if idle else located(error, place)

    def _works(self, resource: int) -> bool:
        """Whether there is anything that the resource can do, ever."""
        one = self.resources[resource]
        try:
            one.calendar.next_start(self.start)
        except Conflict:
            return False
        return one.rate > 0

    def order(self, key: Callable[[int], float]) -> list[int]:
        """All nodes, each after what it waits for; by class, then by the key of the place, the lowest first, then by rank."""
        classes, graph = self.classes, self.graph
        leaves = sorted(self.leaves, key=lambda place: (-classes[place], key(place)))
        rank = [-1] * len(graph.owners)
        for number, place in enumerate(leaves):
            rank[place] = number
        missing = [len(arcs) for arcs in graph.into]
        waiting = [(rank[node], node) for node, count in enumerate(missing) if not count]
        heapify(waiting)
        found: list[int] = []
        while waiting:
            node = heappop(waiting)[1]
            found.append(node)
            for arc in graph.out[node]:
                missing[arc.target] -= 1
                if not missing[arc.target]:
                    heappush(waiting, (rank[arc.target], arc.target))
        return found

    def _activity(self, place: int, way: int) -> Activity:
        work = self.work[place]
        return Activity(
            0 if work.kind is EstimateKind.MILESTONE else work.amount,
            work.calendar,
            not_before=work.planned.start if work.pinned and work.planned else None,
            deadline=work.deadline,
            constraints=work.constraints,
            parent=work.parent,
            started=work.started,
            finished=work.finished,
            remaining=work.remaining,
            pace=None if self.container(place) else self.pace(place, way),
        )

    def _ways(self, place: int) -> tuple[Way, ...]:
        work = self.work[place]
        if not work.left or self.container(place):
            return ()
        teams = tuple(work.teams())
        key = teams, work.kind, id(work.calendar)
        if key not in self._known_ways:
            # First those that bind nobody besides who is needed in any case, then by rank: never as they are named.
            by_rank = sorted(
                teams,
                key=lambda team: (len(team), sorted((self.resources[each].rank, each) for each in team)),
            )
            ways = tuple(self._way(work, team) for team in by_rank)
            able = tuple(way for way in ways if len(ways) > 1 and self._ever(way, 1))
            self._known_ways[key] = able or ways
        return self._known_ways[key]

    def _ever(self, way: Way, amount: int) -> bool:
        """Whether the team has so much time at all."""
        try:
            way.pace.add(self.start, amount)
        except Conflict:
            return False
        return True

    def _able(self, place: int) -> int:
        """The first way in which it could be done by people without other tasks."""
        ways, amount = self.ways[place], self.work[place].left
        return next((number for number, way in enumerate(ways) if self._ever(way, amount)), 0)

    def _way(self, work: Work, team: tuple[int, ...]) -> Way:
        members = [self.resources[each] for each in team]
        effort = work.kind is EstimateKind.EFFORT
        return Way(
            team,
            self._pace(work, team),
            tuple(micros(each) if effort else MICRO for each in members),
            not effort and (work.calendar or True),
            work.kind is not EstimateKind.ELAPSED and any(each.limited for each in members),
        )

    def _pace(self, work: Work, team: tuple[int, ...]) -> Pace:
        """One for all who work alike."""
        members = [self.resources[each] for each in team]
        alike = tuple(sorted((id(each.calendar), micros(each)) for each in members))
        key = work.kind, alike, id(work.calendar)
        if key not in self._paces:
            self._paces[key] = pace_of(work.kind, members, work.calendar)
        return self._paces[key]

    def _floor(self, node: int) -> tuple[int, int]:
        place = self.graph.owners[node]
        work, inner = self.work[place], self.container(place)
        begun = work.started is not None and not inner
        start = work.started if begun and work.started is not None else self.start
        finish = EVER
        if self.now is not None:
            start = max(start, self.now)
        for each in work.constraints:
            if not each.rule.least or (inner and each.rule.of_start != (node == self.graph.gates[place][0])):
                continue
            if inner or (each.rule.of_start and not begun):
                start = max(start, each.at)
            elif not each.rule.of_start:
                finish = max(finish, each.at)
        if self._kept(place, Policy.PUSH_ONLY) or (
            self._kept(place, Policy.KEEP_GAP)
            and not any(arc.link is not None for arc in self.graph.into[node])
        ):
            start = max(start, work.planned.start if work.planned else EVER)
        return start, finish

    def _kept(self, place: int, policy: Policy) -> bool:
        work = self.work[place]
        return (
            work.policy is policy
            and work.planned is not None
            and work.started is None
            and not self.container(place)
        )

    def _held(self, arc: Arc) -> Held:
        calendar = self.work[self.graph.owners[arc.target]].calendar
        working = calendar if arc.unit is LagUnit.WORKING else None
        return Held(arc.source, arc.type in (SS, SF), arc.type in (FF, SF), arc.lag, working)

    def _keeping_gap(self, link: Link) -> Link:
        """With as much more lag as its successor was further behind than it had to be."""
        planned = self.work[link.successor].planned
        if planned is None or not self._kept(link.successor, Policy.KEEP_GAP):
            return link
        leaves = (self.work[leaf].planned for leaf in self.graph.leaves(link.predecessor))
        dates = [each for each in leaves if each]
        if not dates:
            return link
        of_start, of_finish = link.type in (SS, SF), link.type in (FF, SF)
        was = min(each.start for each in dates) if of_start else max(each.finish for each in dates)
        calendar = self.work[link.successor].calendar if link.unit is LagUnit.WORKING else None
        bound = Held(link.predecessor, of_start, of_finish, link.lag, calendar).bound(was)
        at = planned.finish if of_finish else planned.start
        gap = calendar.between(bound, at) if calendar else at - bound
        return attrs.evolve(link, lag=link.lag + max(0, gap))


def _sharing_calendars(
    work: Sequence[Work], resources: Sequence[Resource]
) -> tuple[list[Work], list[Resource]]:
    """The same with one calendar for all equal ones: its working time is computed once."""
    known: dict[WorkingCalendar, WorkingCalendar] = {}
    own: dict[int, WorkingCalendar | None] = {id(None): None}
    for calendar in (*(each.calendar for each in work), *(each.calendar for each in resources)):
        if calendar is not None and id(calendar) not in own:
            own[id(calendar)] = known.setdefault(calendar, calendar)
    return (
        [
            each
            if own[id(each.calendar)] is each.calendar
            else attrs.evolve(each, calendar=own[id(each.calendar)])
            for each in work
        ],
        [attrs.evolve(each, calendar=own[id(each.calendar)] or each.calendar) for each in resources],
    )


def _check(work: Sequence[Work], resources: int) -> None:
    for each in work:
        if not all(0 <= place < resources for place in (*each.all_of, *each.any_of)):
            raise invalid("all_of", f"must be places of resources, from 0 to {resources - 1}")
