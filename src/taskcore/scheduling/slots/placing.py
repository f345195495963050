"""One task is placed: slot after slot, onwards or back, until it has what it needs."""

from __future__ import annotations

from collections.abc import Sequence

from taskcore.scheduling.slots.board import Board
from taskcore.scheduling.slots.project import Leaf
from taskcore.scheduling.slots.work import Allocation, Kind, Resource

Dates = tuple[int, int]
"""The start and the end."""


class Placing:
    """
    A task on its way through the slots, with what was booked for it before. Nothing is booked before `now`.

    Efficiencies are added up slot by slot as floats, as TaskJuggler does: ten slots at 0.8 are a little less than 8.
    """

    def __init__(
        self,
        leaf: Leaf,
        board: Board,
        resources: Sequence[Resource],
        scarce: Sequence[float],
        working: bytes,
        now: int,
    ) -> None:
        self._leaf = leaf
        self._board = board
        self._resources = resources
        self._scarce = scarce
        self._working = working
        self._now = now
        self._held = len(board.booked[leaf.place])
        self._begin()

    def _begin(self) -> None:
        self._board.release(self._leaf.place, self._held)
        self._kept: dict[int, int] = {}
        self._effort = 0.0
        for _, resource in self._board.booked[self._leaf.place]:
            self._effort += self._resources[resource].efficiency
        self._passed = 0

    @property
    def done(self) -> bool:
        """Whether what was booked before is all its effort."""
        return self._leaf.task.kind is Kind.EFFORT and self._effort >= self._leaf.task.slots

    def onwards(self, earliest: int) -> Dates | None:
        """Placed from `earliest` on; None, where the project ends before the task."""
        leaf = self._leaf
        first = max(earliest, self._now) if leaf.allocations else earliest
        return self._walk(range(first, len(self._working) - 1), earliest)

    def back(self, latest: int, earliest: int = 0) -> Dates | None:
        """Placed back from `latest`; None, where it would begin before `earliest`."""
        return self._walk(range(latest - 1, earliest - 1, -1), latest)

    def behind(self, earliest: int, finish: int) -> Dates | None:
        """Placed from `earliest` on and, where it would end before `finish`, back from the first end that is not."""
        found = self.onwards(earliest)
        if found is None or found[1] >= finish:
            return found
        for end in range(finish, len(self._working)):
            self._begin()
            found = self._walk(range(end - 1, earliest - 1, -1), end, at_once=True)
            if found and found[1] >= finish:
                return found
        return None

    def _walk(self, slots: range, given: int, *, at_once: bool = False) -> Dates | None:
        """Through `slots` until it is done; None, if they are not enough, or do not let it begin `at_once`."""
        task, before = self._leaf.task, self._effort
        for slot in slots:
            self._book(slot, slots.step)
            if at_once and task.kind is Kind.EFFORT and self._effort == before:
                return None
            if task.kind is Kind.EFFORT:
                if self._effort >= task.slots:
                    return self.booked_dates
                continue
            self._passed += self._working[slot] if task.kind is Kind.WORKING else 1
            if self._passed >= task.slots:
                return (given, slot + 1) if slots.step > 0 else (slot, given)
        return None

    @property
    def booked_dates(self) -> Dates:
        """From the first to the last slot that is booked for it."""
        slots = [slot for slot, _ in self._board.booked[self._leaf.place]]
        return min(slots), max(slots) + 1

    def _book(self, slot: int, step: int) -> None:
        if slot < self._now or not self._board.allows(self._leaf.place, slot):
            return
        for number, allocation in enumerate(self._leaf.allocations):
            kept = self._kept.get(number)
            if kept is not None:
                if self._take(kept, slot) or not self._gone(kept, slot, step):
                    continue
                del self._kept[number]
            for candidate in self._asked(allocation):
                if self._take(candidate, slot):
                    if allocation.persistent:
                        self._kept[number] = candidate
                    break

    def _take(self, resource: int, slot: int) -> bool:
        task = self._leaf.task
        efficiency = self._resources[resource].efficiency
        if task.kind is Kind.EFFORT and efficiency and self._effort >= task.slots:
            return False  # others finish it in this slot
        if not self._board.available(resource, slot) or not self._board.allows(self._leaf.place, slot):
            return False
        self._board.book(self._leaf.place, resource, slot)
        self._effort += efficiency
        return True

    def _gone(self, resource: int, slot: int, step: int) -> bool:
        """Whether who began has no slot any more, so that somebody else may go on."""
        first, last = self._board.spans[resource]
        return slot >= last if step > 0 else slot <= first

    def _asked(self, allocation: Allocation) -> Sequence[int]:
        """The candidates in the order in which they are asked; equals as they were given."""
        if len(allocation.candidates) == 1:
            return allocation.candidates
        if allocation.persistent:
            return sorted(
                allocation.candidates, key=lambda each: (self._board.load[each], self._scarce[each])
            )
        return sorted(allocation.candidates, key=self._scarce.__getitem__)
