"""What is to be done, by whom, and what holds it: tasks, resources and links, counted in slots."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import attrs

from taskcore.scheduling.activities import FS
from taskcore.values import DependencyType


class Kind(StrEnum):
    """By what a task's length is counted."""

    EFFORT = "effort"
    """Slots of work, by whoever is allocated, times their efficiency."""
    WORKING = "working"
    """Slots of the project's calendar."""
    ELAPSED = "elapsed"
    """All slots."""
    MILESTONE = "milestone"
    """None: it finishes as it starts."""
    CONTAINER = "container"
    """From the first start of its children to their last finish; a milestone, if it has none."""


@attrs.frozen(slots=True)
class Limits:
    """How many slots may be booked in a local day, week from Monday and calendar month at most."""

    day: int | None = None
    week: int | None = None
    month: int | None = None


NO_LIMITS = Limits()


@attrs.frozen(slots=True)
class Resource:
    """Somebody who does one task in a slot, in those of `works` (`Grid.worked`) that are a one."""

    works: bytes
    efficiency: float = attrs.field(default=1.0, validator=attrs.validators.ge(0))
    """Effort done in a slot."""
    limits: Limits = NO_LIMITS


def _places(places: Iterable[int]) -> tuple[int, ...]:
    return tuple(places)


@attrs.frozen(slots=True)
class Allocation:
    """
    One of `candidates`, by their places, the first that is free in the slot.

    They are asked by how scarce they are: the least effort wanted of them for each of their free slots comes first. A
    `persistent` allocation keeps who began, and asks first who has the least booked already.
    """

    candidates: tuple[int, ...] = attrs.field(converter=_places)
    persistent: bool = False


@attrs.frozen(slots=True)
class SlotLink:
    """
    A task is held by `other`; where both lags are given, the one that holds more counts.

    In `SlotTask.depends` the other is the predecessor, and a lag is counted onwards from its date. In
    `SlotTask.precedes` it is the successor: the task ends at or before its start, or, by FF, its finish, and a lag is
    counted back from there.
    """

    other: int
    type: DependencyType = FS
    working_lag: int = 0
    """Slots of the project's calendar."""
    elapsed_lag: int = 0


@attrs.frozen(slots=True)
class Booking:
    """Work that a resource has done, in the slots from `start` until before `end`."""

    resource: int
    start: int
    end: int


@attrs.frozen(slots=True, kw_only=True)
class SlotTask:
    """
    Dates are numbers of slots, each the beginning of its slot; a task that ends at 8 has slot 7 for its last.

    It is planned from its earliest start on or, `alap`, back from its latest end. A container lends its children what it
    waits for and, where they have none of their own, dates, direction, priority and allocations.
    """

    kind: Kind = Kind.EFFORT
    slots: int = attrs.field(default=0, validator=attrs.validators.ge(0))
    """How long it takes, by its kind."""
    parent: int | None = None
    start: int | None = None
    """Not before; links can make it later."""
    end: int | None = None
    """Not after, where it is planned backwards; links can make it earlier."""
    alap: bool | None = None
    priority: int | None = None
    """From 1 to 1000; 500 where nothing is said."""
    allocations: tuple[Allocation, ...] = ()
    """Those who work in parallel."""
    depends: tuple[SlotLink, ...] = ()
    precedes: tuple[SlotLink, ...] = ()
    limits: Limits = NO_LIMITS
    """Each slot of each resource counts; a container's hold for all that is below it together."""
    booked: tuple[Booking, ...] = ()
    """What was done already. The task starts with it; the rest of its effort follows from now on."""
    deadline: int | None = None
    """Moves nothing; a later end is told."""
