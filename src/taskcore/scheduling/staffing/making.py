"""Making a team's plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from taskcore.scheduling.activities import Link
from taskcore.scheduling.leveling.ports import Budget, Solver
from taskcore.scheduling.staffing.generation import FREE, Draft
from taskcore.scheduling.staffing.improving import CLOCK, Search
from taskcore.scheduling.staffing.keeping import adopted, way_of
from taskcore.scheduling.staffing.model import Placed, Resource, Work
from taskcore.scheduling.staffing.project import Project
from taskcore.scheduling.staffing.staffplan import StaffPlan

OnPlan = Callable[[StaffPlan], None]


def plan(
    work: Sequence[Work],
    links: Sequence[Link],
    resources: Sequence[Resource],
    *,
    start: int,
    now: int | None = None,
    solver: Solver | None = None,
    budget: Budget | None = None,
    on_progress: OnPlan | None = None,
    incumbent: Sequence[Placed] | None = None,
    seed: int = 1,
    clock: Callable[[], float] = CLOCK,
) -> StaffPlan:
    """
    A plan that holds, at once; with a budget, the best that is found until it is spent.

    Better is what breaks fewer constraints, then misses deadlines by less, of the highest priority first, then ends
    earlier, then has its tasks done earlier. It is never worse than an incumbent that holds, nor than any plan that
    `on_progress` was told of. Seconds of the budget are of this thread's CPU (`clock`); with schedules alone, the plan is the
    same everywhere. Raises: Cycle, Invalid, Conflict `no_working_time`, in its data the
    `place` of the work and, where somebody on it has none, the `resource`.
    """
    project = Project(work, links, resources, start, now)
    tell = on_progress or (lambda _: None)

    def found(draft: Draft, schedules: int) -> None:
        tell(StaffPlan(project, draft, schedules))

    search = Search(project, found, seed, clock)
    if incumbent is not None:
        _begin_with(search, project, incumbent)
    search.by_rules()
    if budget is not None:
        if solver is not None:
            search.by_solver(solver, budget)
        search.by_chance(budget)
    return StaffPlan(project, search.made, search.schedules)


def _begin_with(search: Search, project: Project, incumbent: Sequence[Placed]) -> None:
    draft = adopted(project, incumbent)
    if draft is not None:
        search.offer(draft)
    if len(incumbent) == project.count:
        ways = [way_of(project, place, each) for place, each in enumerate(incumbent)]
        search.try_order([each.finish for each in incumbent], [way if way >= 0 else FREE for way in ways])
