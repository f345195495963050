"""Plans of a team: who does what when, by everybody's calendar and capacity, and why; fit to be used alone."""

from __future__ import annotations

from taskcore.scheduling.staffing.model import Assigned, Move, Placed, Policy, Resource, Work
from taskcore.values import EstimateKind

__all__ = ["Assigned", "EstimateKind", "Move", "Placed", "Policy", "Resource", "Work"]
