"""
What the library costs on `memory://`, where no database hides it: one process, one core.

`python -m bench memory [TASKS]`
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

import attrs

import taskcore
from taskcore.core import Acting
from taskcore.events import Stamp
from taskcore.system import uuid7_ids
from taskcore.tasks import lifecycle
from taskcore.tasks.model import Task
from taskcore.teams.model import Team
from taskcore.values import Status, TaskId, TeamId, UserId

TASKS = 20_000
REPEATS = 5


@attrs.frozen
class Cost:
    """The least that a repetition took, which other work on the machine disturbed least."""

    name: str
    microseconds: float


async def cost(name: str, times: int, call: Callable[[int], Awaitable[object]]) -> Cost:
    """CPU time a call, in batches of which the best counts."""
    batch = max(times // REPEATS, 1)
    best = float("inf")
    for start in range(0, batch * REPEATS, batch):
        before = time.process_time()
        for place in range(start, start + batch):
            await call(place)
        best = min(best, (time.process_time() - before) / batch)
    return Cost(name, best * 1e6)


async def use_cases(tasks: int) -> list[Cost]:
    """The three commonest and a change, through every layer but a database."""
    async with taskcore.open("memory://") as core:
        ada = await core.users.register("ada@example.org", name="Ada", password="correct horse battery")  # noqa: S106
        me: Acting = core.acting_as(ada.id)
        team = await me.teams.create("Platform", key="PLAT")
        made: list[Task] = []

        async def create(place: int) -> None:
            made.append(await me.tasks.create(team.id, f"Task {place}"))

        created = await cost("create", tasks, create)
        return [
            created,
            await cost("get by id", tasks, lambda place: me.tasks.get(made[place].id)),
            await cost("get by key", tasks, lambda place: me.tasks.get(made[place].key)),
            await cost("complete", tasks // 10, lambda place: me.tasks.complete(made[place].id)),
            await cost("list of 50", 10, lambda _: me.tasks.list(team=team.id)),
        ]


async def transition() -> Cost:
    """The pure verb alone: a task and what surrounds it to the task done, and its event."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    ids = uuid7_ids()
    stamp = Stamp(UserId(ids()), now, ids)
    team = Team(
        id=TeamId(UUID(int=1)), name="Platform", slug="platform", key="PLAT", created_at=now, updated_at=now
    )
    around = lifecycle.Surroundings(team=team)
    task = Task(
        id=TaskId(ids()),
        team_id=team.id,
        number=1,
        key="PLAT-1",
        title="Ship it",
        created_by=stamp.actor_id,
        rank="V",
        created_at=now,
        updated_at=now,
    )

    async def complete(_: int) -> None:
        lifecycle.edit(task, {"status": Status.DONE}, around, stamp)

    return await cost("transition, the pure verb", 50_000, complete)


async def measured(tasks: int) -> list[Cost]:
    return [*await use_cases(tasks), await transition()]


def main(arguments: list[str]) -> int:
    """Print what each costs."""
    tasks = int(arguments[0]) if arguments else TASKS
    for each in asyncio.run(measured(tasks)):
        sys.stdout.write(f"{each.name:26} {each.microseconds:10.1f} µs {1e6 / each.microseconds:10.0f}/s\n")
    return 0
