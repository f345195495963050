"""
Cycles of tasks that wait for each other, by dependencies and through their parents.

What a parent waits for its subtasks wait for, and who waits for it waits for each of them: so a way leads from what
lets a parent begin to what lets its subtasks begin, and from the end of a subtask to that of its parent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from taskcore.ports import Unit
from taskcore.tasks.lifecycle import cycle
from taskcore.tasks.model import Dependency, Task
from taskcore.values import TaskId, TeamId

Node = tuple[TaskId, bool]
"""A task, and whether it is what lets it begin (else its end); of a task without parts both are one."""


async def refuse_link(unit: Unit, predecessor: Task, successor: Task) -> None:
    """Raise Conflict `cycle`, naming the shortest, where the predecessor waits for the successor already."""
    search = _Search(unit, successor.team_id, {})
    way = await search.way((successor.id, True), {(predecessor.id, False)})
    if way is not None:
        raise cycle(await search.named([predecessor.id, *way]))


async def refuse_parent(unit: Unit, task: Task, lineage: Iterable[Task]) -> None:
    """Raise Conflict `cycle` where tasks would wait for each other, were `task` a part of the first of `lineage`."""
    parent = next(iter(lineage))
    search = _Search(unit, task.team_id, {task.id: parent.id})
    for start, goal in (((parent.id, False), (task.id, False)), ((task.id, True), (parent.id, True))):
        way = await search.way(start, {goal})
        if way is not None:
            raise cycle(await search.named([*way, way[0]]))


class _Search:
    """Breadth first, a level a read. `parents` are those that tasks would have."""

    def __init__(self, unit: Unit, team_id: TeamId, parents: Mapping[TaskId, TaskId]) -> None:
        self._unit, self._team_id, self._parents = unit, team_id, parents
        self._tasks: dict[TaskId, Task] = {}

    async def way(self, start: Node, goals: set[Node]) -> list[TaskId] | None:
        """The tasks on a shortest way from one to the other; None, if there is none."""
        came_from: dict[Node, Node | None] = {start: None}
        frontier = [start]
        while frontier:
            following: list[Node] = []
            for here, there in await self._steps(frontier):
                if there not in came_from:
                    came_from[there] = here
                    following.append(there)
            if found := goals & came_from.keys():
                return _back(came_from, min(found))
            frontier = following
        return None

    async def _steps(self, frontier: Iterable[Node]) -> list[tuple[Node, Node]]:
        begins = [task_id for task_id, begin in frontier if begin]
        ends = [task_id for task_id, begin in frontier if not begin]
        parts = await self._parts(begins)
        steps: list[tuple[Node, Node]] = []
        for task_id in begins:
            children = parts.get(task_id)
            steps += [((task_id, True), (child, True)) for child in children or ()]
            if not children:
                steps.append(((task_id, True), (task_id, False)))
        if ends:
            await self._read(ends)
            for task_id in ends:
                task = self._tasks.get(task_id)
                parent = self._parents.get(task_id, task.parent_id if task else None)
                if parent is not None:
                    steps.append(((task_id, False), (parent, False)))
            links = await self._unit.find(Dependency, team_id=self._team_id, predecessor_id=tuple(ends))
            steps += [((link.predecessor_id, False), (link.successor_id, True)) for link in links]
        return steps

    async def _parts(self, ids: list[TaskId]) -> dict[TaskId, list[TaskId]]:
        if not ids:
            return {}
        found: dict[TaskId, list[TaskId]] = {}
        for child in await self._unit.find(Task, team_id=self._team_id, parent_id=tuple(ids)):
            self._tasks[child.id] = child
            parent = self._parents.get(child.id, child.parent_id)
            if parent is not None:
                found.setdefault(parent, []).append(child.id)
        for child_id, parent in self._parents.items():
            if parent in ids and child_id not in found.get(parent, ()):
                found.setdefault(parent, []).append(child_id)
        return found

    async def _read(self, ids: Iterable[TaskId]) -> None:
        missing = tuple(task_id for task_id in ids if task_id not in self._tasks)
        if missing:
            tasks = await self._unit.find(Task, team_id=self._team_id, id=missing)
            self._tasks |= {task.id: task for task in tasks}

    async def named(self, ids: Iterable[TaskId]) -> list[str]:
        """The keys of the tasks, each once where it follows itself."""
        way = [task_id for task_id, _ in groupby(ids)]
        await self._read(way)
        return [self._tasks[task_id].key for task_id in way if task_id in self._tasks]


def _back(came_from: Mapping[Node, Node | None], goal: Node) -> list[TaskId]:
    way: list[TaskId] = []
    here: Node | None = goal
    while here is not None:
        way.append(here[0])
        here = came_from[here]
    return way[::-1]
