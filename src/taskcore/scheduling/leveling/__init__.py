"""Plans that keep to capacity: the resource-constrained project scheduling problem, fit to be used alone."""

from __future__ import annotations

from taskcore.scheduling.leveling.heuristic import HeuristicSolver
from taskcore.scheduling.leveling.ports import Budget, Solution, Solver
from taskcore.scheduling.leveling.problem import Problem

__all__ = ["Budget", "HeuristicSolver", "Problem", "Solution", "Solver"]
