"""Taking a plan over as it is, as far as it holds."""

from __future__ import annotations

from collections.abc import Sequence

from taskcore.errors import Conflict
from taskcore.scheduling.staffing.generation import FREE, Draft, Generator, Spot
from taskcore.scheduling.staffing.model import Placed
from taskcore.scheduling.staffing.project import EVER, Project


def way_of(project: Project, place: int, placed: Placed | None) -> int:
    """The way in which it was done there; FREE, where there is no such way any more."""
    doing = {each.resource for each in placed.assigned} if placed else set()
    for number, way in enumerate(project.ways[place]):
        if set(way.team) == doing:
            return number
    return FREE


def resumed(project: Project, place: int, placed: Placed) -> int:
    """Where its work begins, or goes on: with its people, or as long before its finish as it takes."""
    if project.work[place].started is None:
        return placed.start
    if placed.assigned:
        return min(each.start for each in placed.assigned)
    return project.pace(place).add(placed.finish, -project.work[place].left)


def kept(generator: Generator, place: int, placed: Placed, way: int) -> Spot | None:
    """The spot where it was, in the same pieces, if that is free and it is done by then."""
    project = generator.project
    work, start = project.work[place], resumed(project, place, placed)
    if work.started is not None:
        start = max(start, project.floors[place][0])
    if not work.left:
        return Spot(start, start, 0) if placed.finish == start else None
    if project.ways[place] and way == FREE:
        return None
    pace = project.pace(place, max(way, 0))
    try:
        if work.started is not None:
            start = pace.next_start(start)
        if not project.ways[place]:
            spot = Spot(pace.next_start(start), pace.add(start, work.left), 0)
        elif generator.stepwise(place, way):
            pieces = [(each.resource, each.start, each.end) for each in placed.assigned]
            spot = generator.walked(place, way, start, pieces)
        else:
            spot = generator.spot(place, way, start, EVER)
    except Conflict:
        return None
    return spot if (spot.start, spot.finish) == (start, placed.finish) else None


def adopted(project: Project, placed: Sequence[Placed]) -> Draft | None:
    """The plan as it is; nothing, where it does not hold (any more)."""
    if len(placed) != project.count:
        return None
    generator = Generator(project)
    draft = generator.draft
    ways = [way_of(project, place, each) for place, each in enumerate(placed)]
    spots: dict[int, Spot] = {}
    for place in sorted(project.leaves, key=lambda place: placed[place].finish):
        if not project.fixed(place):
            spot = kept(generator, place, placed[place], ways[place])
            if spot is None:
                return None
            generator.put(place, spot)
            spots[place] = spot
    for node in project.graph.order:
        if not generator.settled(node) and not generator.allows(node, spots[node]):
            return None
    return draft
