"""Plans of a team: who does what when, by everybody's calendar and capacity, and why; fit to be used alone."""

from __future__ import annotations

from taskcore.scheduling.staffing.making import plan
from taskcore.scheduling.staffing.model import Assigned, Move, Placed, Policy, Resource, Work
from taskcore.scheduling.staffing.moving import moves
from taskcore.scheduling.staffing.replanning import replan
from taskcore.scheduling.staffing.staffplan import StaffPlan
from taskcore.values import EstimateKind

__all__ = [
    "Assigned",
    "EstimateKind",
    "Move",
    "Placed",
    "Policy",
    "Resource",
    "StaffPlan",
    "Work",
    "moves",
    "plan",
    "replan",
]
