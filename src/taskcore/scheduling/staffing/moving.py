"""What one plan has elsewhere than another, and what moved it: first what has changed, then what holds it now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taskcore.scheduling.activities import Cause, Reason
from taskcore.scheduling.staffing.model import Assigned, Move, Placed
from taskcore.scheduling.staffing.staffplan import StaffPlan
from taskcore.values import EstimateKind


def moves(before: Sequence[Placed | None], after: StaffPlan) -> list[Move]:
    """Tasks, and containers, that the plan has elsewhere than they were, or in other hands, each with what moved it."""
    return list(_Moving(before, after).moves())


class _Moving:
    def __init__(self, before: Sequence[Placed | None], after: StaffPlan) -> None:
        self._before, self._after = before, after
        self._moved = {
            place
            for place, (was, now) in enumerate(zip(before, after.placed, strict=True))
            if was is None or _shape(was) != _shape(now)
        }

    def moves(self) -> Iterator[Move]:
        for place in sorted(self._moved):
            was, now = self._before[place], self._after.placed[place]
            yield Move(place, was, now, self._cause(place, was, now))

    def _cause(self, place: int, was: Placed | None, now: Placed) -> Reason:
        after, work = self._after, self._after.work[place]
        stays = was is not None and was.start == now.start
        if after.container(place):
            return self._of_container(place, after.reasons(place, finish=stays)[0])
        if work.finished is not None:
            return Reason(Cause.ACTUAL, work.finished if stays else now.start)
        if work.started is None and stays:
            return Reason(Cause.ESTIMATE, now.finish)
        found = after.reasons(place)
        if was is None:
            return found[0]
        changed = self._later(place, was, found) if now.start > was.start else self._sooner(place, was, found)
        if changed is not None:
            return changed
        if found[0].cause is not Cause.CALENDAR or found[1].at <= was.start < now.start:
            return found[0]
        return found[1]

    def _of_container(self, place: int, found: Reason) -> Reason:
        """A part that has moved, rather than one that is first or last now."""
        parts = [each for each in sorted(self._moved) if self._after.work[each].parent == place]
        return found if found.by in parts or not parts else Reason(Cause.CHILD, found.at, parts[0])

    def _later(self, place: int, was: Placed, found: Sequence[Reason]) -> Reason | None:
        """What has moved, and does not let it be where it was; or that it takes longer."""
        for reason in found:
            if reason.by in self._moved and reason.at > was.start:
                return reason
        if self._takes(place, was) != self._takes(place, self._after.placed[place]):
            return Reason(Cause.ESTIMATE, self._after.placed[place].finish)
        there = [
            Reason(Cause.RESOURCE, theirs.end, other, resource=theirs.resource)
            for other in self._moved - {place}
            for theirs in self._after.placed[other].assigned
            if theirs.resource in _doers(was) and theirs.start < was.finish and was.start < theirs.end
        ]
        return max(there, key=lambda reason: (reason.at, reason.by or 0), default=None)

    def _sooner(self, place: int, was: Placed, found: Sequence[Reason]) -> Reason | None:
        """What it waited for and is sooner; or what its people did before it, and do not there any more."""
        for reason in found:
            if reason.link is not None and reason.by in self._moved and self._is_sooner(reason):
                return reason
        left = [
            (theirs.end, other, theirs.resource)
            for other in self._moved - {place}
            for theirs in self._assigned(other)
            if theirs.resource in _doers(was) and theirs.end <= was.start
        ]
        if not left:
            return None
        _, other, resource = max(left)
        return Reason(Cause.LEFT, self._after.placed[place].start, other, resource=resource)

    def _is_sooner(self, reason: Reason) -> bool:
        assert reason.by is not None and reason.link is not None  # noqa: S101, PT018  of a link
        was, now = self._before[reason.by], self._after.placed[reason.by]
        if was is None:
            return False
        if self._after.links[reason.link].type in ("FS", "FF"):
            return now.finish < was.finish
        return now.start < was.start

    def _assigned(self, place: int) -> Sequence[Assigned]:
        was = self._before[place]
        return was.assigned if was else ()

    def _takes(self, place: int, placed: Placed) -> float:
        """Person-seconds of an effort in one piece; of anything else, nothing that could be compared."""
        work, resources = self._after.work[place], self._after.resources
        if work.kind is not EstimateKind.EFFORT or work.splittable:
            return 0
        if any(resources[each].limited for each in _doers(placed)):
            return 0
        done = (
            resources[each.resource].calendar.between(each.start, each.end) * each.rate
            for each in placed.assigned
        )
        return round(sum(done))


def _doers(placed: Placed) -> set[int]:
    return {each.resource for each in placed.assigned}


def _shape(placed: Placed) -> tuple[int, int, frozenset[int]]:
    return placed.start, placed.finish, frozenset(_doers(placed))
