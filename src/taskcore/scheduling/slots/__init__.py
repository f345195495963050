"""
The profile `tj`: plans slot by slot, as TaskJuggler makes them, fit to be used alone.

Time is cut into slots of one length. Tasks are placed one after the other, each as a whole: of those that know when they
may begin, always the one of highest priority, then the most critical, then the first. It takes every slot in which what it
needs is free and in which its limits allow it; so who comes later works in the slots that are left between.
"""

from __future__ import annotations

from taskcore.scheduling.slots.grid import Grid
from taskcore.scheduling.slots.schedule import Broken, Schedule, schedule
from taskcore.scheduling.slots.work import Allocation, Booking, Kind, Limits, Resource, SlotLink, SlotTask

__all__ = [
    "Allocation",
    "Booking",
    "Broken",
    "Grid",
    "Kind",
    "Limits",
    "Resource",
    "Schedule",
    "SlotLink",
    "SlotTask",
    "schedule",
]
