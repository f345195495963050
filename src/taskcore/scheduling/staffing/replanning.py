"""
Making a plan again after something has happened, so that few tasks move.

Everything stays in its order, with its people, and where it is, as long as it can. What cannot is put where it next
fits. Nothing comes forward but what was held where it is by something that has gone from there: a predecessor that is done sooner,
or what its people did right before; and only where its policy lets it.
"""

from __future__ import annotations

from collections.abc import Sequence

from taskcore.errors import Conflict
from taskcore.scheduling.activities import Link, Pace
from taskcore.scheduling.spans import Span
from taskcore.scheduling.staffing.generation import FREE, Draft, Generator, Spot
from taskcore.scheduling.staffing.keeping import kept, resumed, way_of
from taskcore.scheduling.staffing.latest import put_late
from taskcore.scheduling.staffing.model import Placed, Policy, Resource, Work
from taskcore.scheduling.staffing.occupancy import NEVER
from taskcore.scheduling.staffing.project import EVER, Project
from taskcore.scheduling.staffing.staffplan import StaffPlan


def replan(
    work: Sequence[Work],
    links: Sequence[Link],
    resources: Sequence[Resource],
    *,
    start: int,
    now: int | None,
    previous: Sequence[Placed | None],
) -> StaffPlan:
    """
    The previous plan, by the places of `work`, with what has changed since; None for what was not in it.

    Only tasks that follow a changed one, by links or by the people they share, may move. The rest stays, though there be a better
    plan: that is for `plan` with this one as its incumbent. Raises: Cycle, Invalid, Conflict `no_working_time`, in its data the
    `place` of the work and, where somebody on it has none, the `resource`.
    """
    project = Project(work, links, resources, start, now)
    return StaffPlan(project, _Repair(project, previous).made())


class _Repair:
    def __init__(self, project: Project, previous: Sequence[Placed | None]) -> None:
        self._project, self._previous = project, previous
        self._generator = Generator(project)
        self._moved: set[int] = set()
        """Nodes whose dates may not be those that were."""
        self._were = _dates(project, previous)
        self._left: list[list[Span]] = [[] for _ in project.resources]
        """By resource, the time in which it did what it does no longer."""
        for place in project.leaves:
            if project.fixed(place):
                self._note(place)

    def made(self) -> Draft:
        """Every node in the order that was: by class, then by finish; new tasks behind those of their class."""
        project, generator = self._project, self._generator
        for node in project.order(self._key):
            try:
                settled = generator.settled(node)
                if not settled:
                    generator.put(node, self._spot(node))
            except Conflict as error:
                raise project.without_time(error, node) from error
            if not settled:
                self._note(node)
            elif node >= project.count:
                if any(held.source in self._moved for held in project.held[node]):
                    self._moved.add(node)
            elif project.container(node) and self._has_moved(node):
                self._moved.add(node)
        put_late(project, generator.draft, self._touched())
        return generator.draft

    def _key(self, place: int) -> float:
        """Who does two tasks finishes one before the other, unless one gives way; then that one is the later to finish."""
        placed = self._previous[place]
        return self._project.dates.late_finish[place] + NEVER if placed is None else placed.finish

    def _spot(self, place: int) -> Spot:
        """Where it was, unless it cannot stay or may come forward; then where it next fits."""
        generator, placed = self._generator, self._previous[place]
        way = way_of(self._project, place, placed)
        if placed is None or (self._project.ways[place] and way == FREE):
            return generator.best(place)
        at = resumed(self._project, place, placed)
        least = self._freed(place, way, at, placed.finish)
        if least is not None:
            return generator.best(place, way, least)
        spot = kept(generator, place, placed, way)
        if spot and generator.allows(place, spot):
            return spot
        held = generator.bounds(place)[1] > EVER and self._project.work[place].policy is not Policy.PUSH_ONLY
        # Work that has become longer may begin sooner, where it is its end that is held.
        return generator.best(place, way, EVER if held else at)

    def _freed(self, place: int, way: int, at: int, finish: int) -> int | None:
        """From when on it may be sooner than at that start and finish: since when that by which it was held there, a link
        or what its people did right before, holds it no longer. None: it may not."""
        project = self._project
        if project.work[place].policy is Policy.PUSH_ONLY:
            return None
        pace, found = project.pace(place, max(way, 0)), []
        for held in project.held[place]:
            was, now = (dates[0 if held.of_start else 1][held.source] for dates in (self._were, self._are))
            if EVER < now < was and _held(pace, held.bound(was), finish if held.finish else at):
                found.append(EVER if held.finish else held.bound(now))
        if way != FREE:
            done = project.ways[place][way]
            spans = [span for each in done.team for span in self._left[each]]
            found += [start for start, end in spans if start < at and (done.limited or _held(pace, end, at))]
        return min(found, default=None)

    @property
    def _are(self) -> tuple[list[int], list[int]]:
        return self._generator.draft.starts, self._generator.draft.finishes

    def _note(self, place: int) -> None:
        """Whether it has moved, and which time of its people it has left."""
        placed, now = self._previous[place], self._project.now
        pieces = self._generator.draft.pieces(self._project, place)
        if placed is None:
            self._moved.add(place)
            return
        others = {each.resource for each in placed.assigned} != {who for who, _, _ in pieces}
        if self._has_moved(place):
            self._moved.add(place)
        elif not others:
            return
        for each in placed.assigned:
            if each.resource < len(self._left):
                start = each.start if now is None else max(each.start, now)
                begun = [end for who, begin, end in pieces if who == each.resource and begin <= start]
                free = max(*begun, start) if begun else start
                if free < each.end:
                    self._left[each.resource].append((free, each.end))

    def _has_moved(self, place: int) -> bool:
        placed, draft = self._previous[place], self._generator.draft
        if placed is None:
            return not self._project.container(place) or any(
                child in self._moved for child in self._project.graph.children[place]
            )
        return (placed.start, placed.finish) != (draft.starts[place], draft.finishes[place])

    def _touched(self) -> set[int]:
        """What stands beside something that has moved, by a link or by a person."""
        project, draft = self._project, self._generator.draft
        return {
            place
            for place in project.leaves
            if place in self._moved
            or any(arc.type and arc.target in self._moved for arc in project.graph.out[place])
            or any(self._left[each] for each, _, _ in draft.pieces(project, place))
        }


def _dates(project: Project, previous: Sequence[Placed | None]) -> tuple[list[int], list[int]]:
    """By node, the starts and finishes that were; EVER of what was not there."""
    nodes = len(project.graph.owners)
    starts, finishes = [EVER] * nodes, [EVER] * nodes
    for node in project.graph.order:
        placed = previous[node] if node < project.count else None
        if placed is not None:
            starts[node], finishes[node] = placed.start, placed.finish
        elif node >= project.count:
            dates = [
                (held, (starts if held.of_start else finishes)[held.source]) for held in project.held[node]
            ]
            bounds = [held.bound(at) for held, at in dates if at > EVER]
            starts[node] = finishes[node] = max([*project.floors[node], *bounds])
    return starts, finishes


def _held(pace: Pace, bound: int, at: int) -> bool:
    """Whether it was the bound for which it was there: nothing could be done between."""
    return bound >= at or pace.next_start(bound) >= at
