"""Of which tasks a team's log tells that other people may see them than before."""

from __future__ import annotations

from collections.abc import Collection

from taskcore.events import Event
from taskcore.ports import EventSearch, Rows
from taskcore.values import TaskId, TeamId

PAGE = 500
OF_ALL = ("member.", "team.", "project.")
"""Nouns of which an event may change what somebody sees of any task."""
OF_ONE = frozenset({"task.deleted", "task.restored", "task.purged"})

Shifted = Collection[TaskId] | None
"""These tasks; None: it may be any of the team's."""


class Shifts:
    """How far the logs of teams were looked through for it. What is not known yet counts as changed."""

    def __init__(self) -> None:
        self._seen: dict[TeamId, int] = {}

    def forget(self, team_id: TeamId) -> None:
        """Count all of a team as changed the next time."""
        self._seen.pop(team_id, None)

    async def look(self, rows: Rows, teams: Collection[TeamId]) -> dict[TeamId, Shifted]:
        """What has changed of these teams since this was asked last: one read, and one more for each log that has
        grown. Raises: Unavailable, after which the same is asked again."""
        if not teams:
            return {}
        heads = await rows.heads(list(teams))
        found: dict[TeamId, Shifted] = {}
        for team_id in teams:
            head, seen = heads.get(team_id, 0), self._seen.get(team_id)
            if seen is None:
                found[team_id] = None
            elif head > seen:
                search = EventSearch(team_id, after=seen, limit=PAGE)
                found[team_id] = shifted(await rows.events(search))
        self._seen = {team_id: heads.get(team_id, 0) for team_id in teams}
        return {team_id: tasks for team_id, tasks in found.items() if tasks is None or tasks}


def shifted(events: Collection[Event]) -> Shifted:
    """The tasks of which these tell that; a full page may have left something out."""
    if len(events) == PAGE or any(event.kind.startswith(OF_ALL) for event in events):
        return None
    return {
        event.task_id
        for event in events
        if event.task_id is not None and (event.kind in OF_ONE or "project_id" in event.data)
    }
