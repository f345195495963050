"""Plans proven to be the shortest, or nearly, by OR-Tools CP-SAT."""

from taskcore_ortools.solver import OrToolsSolver, ortools_solver

__all__ = ["OrToolsSolver", "ortools_solver"]
