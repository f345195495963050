"""
Making a plan again after something has happened, so that few tasks move.

Everything stays in its order, with its people, and where it is, as long as it can. What cannot is put where it next
fits; what then finds room before it that was not there may use it, where its policy lets it.
"""

from __future__ import annotations

from collections.abc import Sequence

from taskcore.errors import Conflict
from taskcore.scheduling.activities import Cause, Link, Reason
from taskcore.scheduling.staffing.generation import FREE, Draft, Generator, Spot
from taskcore.scheduling.staffing.keeping import kept, resumed, way_of
from taskcore.scheduling.staffing.latest import put_late
from taskcore.scheduling.staffing.model import Move, Placed, Policy, Resource, Work
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
        self._left = [NEVER] * len(project.resources)
        """By resource, the first moment at which it has room that it had not."""
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
        team = self._project.ways[place][way].team if way != FREE else ()
        if self._may_come_forward(place, team, at):
            return generator.best(place, way)
        spot = kept(generator, place, placed, way)
        if spot and generator.allows(place, spot):
            return spot
        held = generator.bounds(place)[1] > EVER and self._project.work[place].policy is not Policy.PUSH_ONLY
        # Work that has become longer may begin sooner, where it is its end that is held.
        return generator.best(place, way, EVER if held else at)

    def _may_come_forward(self, place: int, team: Sequence[int], at: int) -> bool:
        """Whether what it waits for has moved, or its people have room before it that they had not."""
        project = self._project
        if project.work[place].policy is Policy.PUSH_ONLY:
            return False
        return any(held.source in self._moved for held in project.held[place]) or any(
            self._left[each] < at for each in team
        )

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
                    self._left[each.resource] = min(self._left[each.resource], free)

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
            or any(self._left[each] < NEVER for each, _, _ in draft.pieces(project, place))
        }


def moves(before: Sequence[Placed | None], after: StaffPlan) -> list[Move]:
    """Tasks, and containers, that the plan has elsewhere than they were, or in other hands, each with what moved it."""
    return [
        Move(place, was, now, _cause(place, was, after))
        for place, (was, now) in enumerate(zip(before, after.placed, strict=True))
        if was != now and (was is None or _shape(was) != _shape(now))
    ]


def _shape(placed: Placed) -> tuple[int, int, frozenset[int]]:
    return placed.start, placed.finish, frozenset(each.resource for each in placed.assigned)


def _cause(place: int, was: Placed | None, after: StaffPlan) -> Reason:
    """What holds it where it is now; where that has not changed, what it takes."""
    now, work = after.placed[place], after.work[place]
    stays = was is not None and was.start == now.start
    if after.container(place):
        return after.reasons(place, finish=stays)[0]
    if work.finished is not None:
        return Reason(Cause.ACTUAL, work.finished if stays else now.start)
    if work.started is None and stays:
        return Reason(Cause.ESTIMATE, now.finish)
    found = after.reasons(place)
    if was is None or found[0].cause is not Cause.CALENDAR:
        return found[0]
    return found[0] if found[1].at <= was.start < now.start else found[1]
