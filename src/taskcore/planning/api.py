"""The use cases of a team's plan: shown, tried out, and applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Event
from typing import Any
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, repeatable
from taskcore.errors import Conflict, Fault, PreconditionFailed, refuse
from taskcore.fields import in_utc
from taskcore.permissions import Standing
from taskcore.planning.applying import applied
from taskcore.planning.changes import Change, tried
from taskcore.planning.making import LONGEST, Making, made
from taskcore.planning.model import Schedule
from taskcore.planning.sharing import shared
from taskcore.planning.situation import Situation, situation
from taskcore.ports import Unit
from taskcore.scheduling.leveling.ports import Budget
from taskcore.teams.model import Project, Team
from taskcore.values import Role, integer_faults

MOST_SCHEDULES = 100_000
MOST_ESTIMATE_MINUTES = 366 * 1440
USUAL_EFFORT_MINUTES = 60
_TRIES = 3
OnPlan = Callable[[Schedule], None]


class Schedules(UseCases):
    """`me.schedule`: when a team's tasks are done, by whom, and why then."""

    async def get(self, team: UUID | str) -> Schedule:
        """
        The plan as it stands: the dates in force, moved only where they can no longer hold.

        A guest sees the tasks of projects that are shared with them. Raises: NotFound, Forbidden; Conflict `cycle`;
        `no_working_time`, which names the task, and whose calendar has none; a guest is told no names.
        """
        home, seen = await self._allowed(self._rows, Team, team, "team.read", "schedule.read")
        as_it_is = await situation(self._rows, home, self._caller.clock())
        try:
            schedule = await self._made(Making(as_it_is))
        except Conflict as error:
            if seen.standing.role is not Role.GUEST:
                raise
            raise Conflict("the team's work cannot be planned as it is", code=error.code) from None
        return await self._for(seen.standing, schedule)

    @repeatable
    async def plan(
        self,
        team: UUID | str,
        *,
        start: datetime | None = None,
        keep: bool | None = None,
        changes: Sequence[Change] = (),
        apply: bool = False,
        seconds: float | None = None,
        schedules: int | None = None,
        estimate_minutes: int = USUAL_EFFORT_MINUTES,
        on_plan: OnPlan | None = None,
        idempotency_key: str | None = None,
    ) -> Schedule:
        """
        Plan the team's unfinished work from `start`, now if not given, and with `apply` write the dates.

        With `keep` few tasks move: those in force stay where they can. With False all is planned anew, searching for
        a better plan until `seconds` of the CPU, or so many `schedules`, are spent; by `schedules` alone the same is
        found each time. If it is not said, dates are kept unless there is to be a search. `changes` are tried out, and the answer compares (see `planning.changes`); they cannot be
        applied. Tasks without an estimate count for `estimate_minutes`. `on_plan` is told of each better plan.

        Raises: NotFound, Forbidden, Invalid; Conflict `cycle`; Conflict `plan_overtaken`, where the team's tasks change
        faster than they are planned; `no_working_time`.
        """
        actions = ("schedule.plan", "schedule.apply") if apply else ("schedule.plan",)
        home, seen = await self._allowed(self._rows, Team, team, "team.read", *actions)
        searches = seconds is not None or schedules is not None
        faults = _faults(seconds, schedules, estimate_minutes)
        if apply and changes:
            faults.append(Fault("apply", "is for the team as it is: make the changes, then apply"))
        if keep and searches:
            faults.append(
                Fault("keep", "leaves nothing to search for: leave out seconds and schedules, or keep")
            )
        refuse(faults)
        options: dict[str, Any] = {
            "start": None if start is None else in_utc("start", start),
            "keep": not searches if keep is None else keep,
            "budget": Budget(seconds, schedules) if searches else None,
            "estimate_minutes": estimate_minutes,
        }
        if not apply:
            as_it_is = await situation(self._rows, home, self._caller.clock())
            return await self._for(seen.standing, await self._tried(as_it_is, changes, options, on_plan))
        for _ in range(_TRIES):
            rows = self._caller.newest_rows()
            as_it_is = await situation(rows, home, self._caller.clock())
            making = Making(as_it_is, **options)
            schedule = await self._made(making, on_plan)
            try:
                return await self._applied(making, schedule)
            except PreconditionFailed:
                continue
        raise Conflict("tasks were changed while they were planned: plan again", code="plan_overtaken")

    async def _tried(
        self, as_it_is: Situation, changes: Sequence[Change], options: dict[str, Any], on_plan: OnPlan | None
    ) -> Schedule:
        if not changes:
            return await self._made(Making(as_it_is, **options), on_plan)
        trial = tried(as_it_is, changes, self._caller.outside.ids)
        budget: Budget | None = options["budget"]
        if budget is not None and budget.seconds is not None:  # for two plans
            options["budget"] = attrs.evolve(budget, seconds=budget.seconds / 2)
        before = await self._made(Making(as_it_is, **options))
        after = Making(trial.team, held_back=trial.held_back, before=before, **options)
        return await self._made(after, on_plan)

    async def _made(self, making: Making, on_plan: OnPlan | None = None) -> Schedule:
        """The plan; beside the event loop, where there is one: it may take seconds. Nobody waits: it ends soon."""
        solver, given_up = self._caller.outside.solver, Event()
        if not self._caller.store.suspends:
            return made(making, solver, on_plan)
        from asyncio import to_thread  # noqa: PLC0415  a blocking program never loads the event loop

        try:
            return await to_thread(made, making, solver, on_plan, given_up.is_set)
        finally:
            given_up.set()

    async def _for(self, standing: Standing, schedule: Schedule) -> Schedule:
        """What the caller may see of it; the first answer again, where it is asked for under the same key."""
        if standing.role is Role.GUEST:
            projects = await self._rows.find(Project, team_id=schedule.team_id, guests=self._caller.user_id)
            return shared(schedule, {project.id for project in projects})
        if self._caller.attempt is not None:
            return await self._answered(schedule)
        return schedule

    @command
    async def _answered(self, unit: Unit, schedule: Schedule) -> Schedule:
        await self._allowed(unit, Team, schedule.team_id, "team.read", "schedule.plan")
        return schedule

    @command
    async def _applied(self, unit: Unit, making: Making, schedule: Schedule) -> Schedule:
        """The dates written. Raises: PreconditionFailed, where something that they were planned on has changed."""
        home, _ = await self._allowed(
            unit, Team, schedule.team_id, "team.read", "schedule.plan", "schedule.apply"
        )
        newest = await situation(unit, home, making.team.now)
        if not making.posed.asks_the_same(attrs.evolve(making, team=newest).posed):
            raise PreconditionFailed("tasks were changed while they were planned", code="plan_overtaken")
        stamp = self._caller.stamp()
        changed, events = applied(newest.tasks, schedule, stamp)
        await unit.save(changed, events=events)
        return attrs.evolve(schedule, applied=True)


def _faults(seconds: float | None, schedules: int | None, estimate_minutes: int) -> list[Fault]:
    faults = integer_faults("schedules", schedules, most=MOST_SCHEDULES) + integer_faults(
        "estimate_minutes", estimate_minutes, most=MOST_ESTIMATE_MINUTES
    )
    if seconds is not None and not 0 <= seconds <= LONGEST:
        faults.append(Fault("seconds", f"must be from 0 to {LONGEST:.0f}"))
    return faults
