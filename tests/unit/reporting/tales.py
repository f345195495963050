"""Any tale of two teams' tasks, lived through on a store in memory, with a census at the end of each day."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import attrs
from hypothesis import strategies as st

from taskcore.connect import STORES, resolve
from taskcore.errors import TaskCoreError
from taskcore.events import Event
from taskcore.mirror import run_unsuspended
from taskcore.ports import EventSearch
from taskcore.tasks.incoming import Incoming
from taskcore.tasks.model import Task
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.values import Status

VERBS = ("edit", "move", "delete", "restore", "purge", "import")
Census = Counter[tuple[Any, Status]]
"""How many tasks there are of a project in a status, the trash left out."""

deeds = st.tuples(
    st.sampled_from(("create", "edit", "edit", "edit", *VERBS)),
    st.integers(0, 1),
    st.integers(0, 5),
    st.sampled_from(Status),
    st.integers(0, 2),
    st.sampled_from((0, 1, 60 * 7, 60 * 25)),
)
"""What is done, in which team, to which task, to which status, in which project, and the minutes that pass."""


@attrs.define
class Tale:
    """What came of some deeds."""

    logs: list[list[Event]]
    """Of each team."""
    census: list[dict[date, Census]]
    """Of each team, at the end of each day."""
    tasks: list[list[Task]]
    """Of each team, at the end, those in the trash too."""
    purged: list[list[Task]]


def lived(told: list[Any]) -> Tale:
    return run_unsuspended(_lived(told))


async def _lived(told: list[Any]) -> Tale:
    world = World(resolve(STORES, "memory://")("memory://"))
    ada = await world.person()
    teams = [await world.team(ada), await world.team(ada)]
    projects = [
        [None, *[(await ada.me.projects.create(team.id, name)).id for name in ("Hull", "Sail")]]
        for team in teams
    ]
    tale = Tale([], [{}, {}], [], [[], []])
    for number, (verb, which, pick, status, project, minutes) in enumerate(told):
        tasks = await world.store.rows().find(Task, team_id=teams[which].id)
        task = tasks[pick % len(tasks)] if tasks else None
        try:
            if verb == "create":
                await ada.me.tasks.create(
                    teams[which].id, "x", status=status, project_id=projects[which][project]
                )
            elif verb == "import":
                item = _incoming(number, status, world.clock(), project)
                await ada.me.imports.run(teams[which].id, [item])
            elif task is not None and verb == "edit":
                await ada.me.tasks.edit(task.id, status=status, force=True)
            elif task is not None and verb == "move":
                await ada.me.tasks.edit(task.id, project_id=projects[which][project], title=f"x{number}")
            elif task is not None:
                await getattr(ada.me.tasks, verb)(task.id)
                tale.purged[which] += [task] if verb == "purge" else []
        except TaskCoreError:
            pass  # what cannot be done tells nothing
        await _pass(world, minutes, teams, tale)
    await _pass(world, 60 * 24, teams, tale)
    for team in teams:
        tale.logs.append(await world.store.rows().events(EventSearch(team.id, after=0, limit=10_000)))
        tale.tasks.append(await world.store.rows().find(Task, team_id=team.id))
    return tale


def _incoming(number: int, status: Status, now: datetime, how: int) -> Incoming:
    """A task that was made a while ago, and may have been started and finished since."""
    started = min(now, now.replace(hour=1)) if how else None
    return Incoming(
        1,
        "elsewhere",
        str(number),
        "x",
        status=status,
        created_at=now.replace(day=1, hour=0),
        started_at=started if status not in (Status.BACKLOG, Status.OPEN) else None,
        completed_at=min(now, now.replace(hour=2)) if status.finished else None,
    )


async def _pass(world: World, minutes: int, teams: list[Team], tale: Tale) -> None:
    """Time, and at the end of each day that ends meanwhile somebody counts."""
    today = world.clock().astimezone(UTC).date()
    world.clock.advance(minutes=minutes)
    while today < world.clock().astimezone(UTC).date():
        for which, team in enumerate(teams):
            tasks = await world.store.rows().find(Task, team_id=team.id)
            tale.census[which][today] = Counter(
                (task.project_id, task.status) for task in tasks if task.deleted_at is None
            )
        today = date.fromordinal(today.toordinal() + 1)
