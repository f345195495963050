"""When a broker that failed is asked again, and for whom: all teams rest, and one of them asks."""

from __future__ import annotations

import time
from collections.abc import Collection
from math import inf

import attrs

from taskcore.values import TeamId

FIRST_SECONDS = 1.0
"""How long to rest after the first failure; twice as long after each that follows."""
MOST_SECONDS = 8.0


def _longer(seconds: float) -> float:
    return min(MOST_SECONDS, max(FIRST_SECONDS, 2 * seconds))


@attrs.define
class _Fault:
    """What came of a team's events since they were last taken."""

    at: float
    seconds: float = 0.0
    is_own: bool = False
    """Whether others' events were taken meanwhile: it is then no sign that the broker is down."""


class Rests:
    """Of one relay, by its own monotonic clock."""

    def __init__(self) -> None:
        self._is_down = False
        self._until = -inf
        self._seconds = 0.0
        self._taken_at = -inf
        self._asking: TeamId | None = None
        self._faults: dict[TeamId, _Fault] = {}

    def choose(self, teams: Collection[TeamId], *, every: bool) -> Collection[TeamId]:
        """
        Who of them may publish now. While the broker is down that is one at most, once the rest is over and if
        these are `every` team that is late: whoever failed least lately, so that none keeps asking for all.
        """
        now = time.monotonic()
        ready = [each for each in teams if not self._rests(each, now)]
        if not self._is_down:
            return ready
        if self._asking is not None or now < self._until or not every or not ready:
            return ()
        self._asking = min(ready, key=self._order)
        return (self._asking,)

    def may_try(self, team_id: TeamId) -> bool:
        """Whether that still holds for a team that was chosen before."""
        if self._is_down:
            return team_id == self._asking
        return not self._rests(team_id, time.monotonic())

    def failed(self, team_id: TeamId) -> bool:
        """Whether that is new: the first failure of all, or the first that is the team's alone."""
        now = time.monotonic()
        fault = self._faults.setdefault(team_id, _Fault(now))
        was_own, fault.is_own = fault.is_own, fault.is_own or self._taken_at > fault.at
        fault.at, fault.seconds = now, _longer(fault.seconds)
        if fault.is_own:
            return not was_own
        was_down, self._is_down = self._is_down, True
        if now >= self._until:  # those that were under way with it fail for the same reason
            self._seconds = _longer(self._seconds)
            self._until = now + self._seconds
        return not was_down

    def taken(self, team_id: TeamId) -> bool:
        """Whether that ends an outage, or a fault of the team's alone."""
        fault = self._faults.pop(team_id, None)
        was_down, self._is_down = self._is_down, False
        self._taken_at, self._until, self._seconds = time.monotonic(), -inf, 0.0
        return was_down or (fault is not None and fault.is_own)

    def done(self, team_id: TeamId) -> None:
        """It asks no longer, whatever came of it."""
        if self._asking == team_id:
            self._asking = None

    def _rests(self, team_id: TeamId, now: float) -> bool:
        fault = self._faults.get(team_id)
        return fault is not None and now < fault.at + fault.seconds

    def _order(self, team_id: TeamId) -> tuple[bool, float]:
        fault = self._faults.get(team_id, _Fault(-inf))
        return fault.is_own, fault.at
