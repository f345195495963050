"""Tasks that come back, and what ties them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import attrs

from taskcore.exchange.people import People
from taskcore.exchange.returned import Read, Returned
from taskcore.tasks import lifecycle
from taskcore.tasks.model import MAX_LEVELS, Dependency, Task
from taskcore.tasks.recurring import recurrence_faults
from taskcore.tasks.ties import cycle_closers
from taskcore.teams.model import Label, Project
from taskcore.values import ProjectId, TaskId


class Work(People):
    """A chunk of tasks, or of dependencies."""

    async def tasks(self, read: Sequence[Read], returned: Returned) -> None:
        team = self.move.team
        fresh = await self._not_from_there(await self._fresh(Task, read, returned), returned)
        labels = {each.name for each in await self.unit.find(Label, team_id=team.id)} | self.move.labels
        projects = await self._there(
            Project, {self.move.place(p) for each in fresh if (p := each.thing.project_id)}
        )
        numbers = await self._numbers(fresh)
        levels = await self._levels(fresh, returned)
        for each in self._parents_first(fresh, levels, returned):
            task = self._task(each, labels, projects, levels, returned)
            number = numbers.pop(each.thing.id)
            task = attrs.evolve(task, number=number, key=f"{team.key}-{number}" if number else "")
            returned.make(each, task)
            self._tell(returned, lifecycle.created(task, self.stamp, imported="taskcore"))

    async def _not_from_there(self, read: Sequence[Read], returned: Returned) -> list[Read]:
        """Those that did not come in from the same third place before."""
        pairs = {(each.thing.external_source, each.thing.external_id) for each in read}
        known: dict[Any, Any] = {}
        for source in {source for source, _ in pairs if source}:
            names = tuple(name for other, name in pairs if other == source)
            found = await self.unit.find(
                Task, team_id=self.move.team.id, external_source=source, external_id=names
            )
            known |= {(source, task.external_id): task.id for task in found}
        fresh, met = [], set()
        for each in read:
            pair = each.thing.external_source, each.thing.external_id
            if pair in known:
                returned.elsewhere[each.thing.id] = known[pair]
                returned.know(each)
            elif pair[0] and pair in met:
                returned.refuse(each, f"another task came from {pair[0]} {pair[1]}")
            else:
                met.add(pair)
                fresh.append(each)
        return fresh

    async def _numbers(self, read: Sequence[Read]) -> dict[UUID, int]:
        """Each its own number, where no other task has it; else 0, for which the store has the next."""
        team = self.move.team
        keys = tuple(f"{team.key}-{each.thing.number}" for each in read)
        taken = (
            {task.number for task in await self.unit.find(Task, team_id=team.id, key=keys)} if keys else set()
        )
        numbers = {}
        for each in read:
            number = max(each.thing.number, 0)
            numbers[each.thing.id] = 0 if number in taken else number
            taken.add(number)
        return numbers

    async def _levels(self, read: Sequence[Read], returned: Returned) -> dict[UUID, int]:
        """How deep each task lies that is there, or would be, and that one of these is a part of."""
        wanted = {parent for each in read if (parent := self._parent(each, returned)) is not None}
        known: dict[UUID, Any] = {}
        asked = wanted
        for _ in range(MAX_LEVELS):
            found = await self._there(Task, asked - known.keys()) if asked - known.keys() else {}
            known |= {key: task.parent_id for key, task in found.items() if task.team_id == self.move.team.id}
            asked = {parent for parent in known.values() if parent is not None and parent not in known}
            if not asked:
                break
        levels = dict.fromkeys(wanted & self.move.would, 1)
        for place in known:
            level, above = 1, known[place]
            while above is not None and level <= MAX_LEVELS:
                level, above = level + 1, known.get(above)
            levels[place] = level
        return levels

    def _parent(self, each: Read, returned: Returned) -> UUID | None:
        parent = each.thing.parent_id
        if parent is None:
            return None
        return returned.elsewhere.get(parent) or self.move.place(parent)

    def _parents_first(
        self, read: Sequence[Read], levels: dict[UUID, int], returned: Returned
    ) -> Iterable[Read]:
        """In an order in which each task's parent is there before it. One whose parent is still to come
        waits; where none is to come it is taken without."""
        waiting = list(read)
        while waiting:
            later = []
            for each in waiting:
                parent = self._parent(each, returned)
                if parent is None or parent in levels:
                    levels[self.move.place(each.thing.id)] = levels[parent] + 1 if parent else 1
                    yield each
                else:
                    later.append(each)
            if len(later) == len(waiting):
                break
            waiting = later
        else:
            return
        if not self.last:
            returned.waiting += [each.record for each in waiting]
            return
        for each in waiting:
            levels[self.move.place(each.thing.id)] = 1
            yield each

    def _task(
        self,
        each: Read,
        labels: set[str],
        projects: Mapping[UUID, Project],
        levels: Mapping[UUID, int],
        returned: Returned,
    ) -> Task:
        task: Task = each.thing
        parent = self._parent(each, returned)
        if parent is not None and parent not in levels:
            returned.lose(each, f"the parent {task.parent_id}, which is not there")
            parent = None
        elif parent is not None and levels[parent] >= MAX_LEVELS:
            returned.lose(each, f"the parent: subtasks nest at most {MAX_LEVELS} levels deep")
            parent = None
        project = self.move.place(task.project_id) if task.project_id else None
        if project is not None and project not in self.move.would:
            found = projects.get(project)
            if found is None or found.team_id != self.move.team.id:
                returned.lose(each, f"the project {task.project_id}, which is not there")
                project = None
        missing = sorted(set(task.labels) - labels)
        if missing:
            returned.lose(each, f"the labels {', '.join(missing)}, which are not there")
        recurrence, faults = task.recurrence, recurrence_faults(task.recurrence) if task.recurrence else []
        if faults:
            returned.lose(each, f"the recurrence {(recurrence or '')[:60]!r}: {faults[0].reason}")
            recurrence = None
        lease = task.lease
        return attrs.evolve(
            task,
            id=TaskId(self.move.place(task.id)),
            created_by=self._who(task.created_by, returned),
            assignee_id=self._who(task.assignee_id, returned),
            deleted_by=self._who(task.deleted_by, returned),
            followers=tuple(sorted(self._all(task.followers, returned))),
            candidates=tuple(sorted(self._all(task.candidates, returned))),
            recurrence=recurrence,
            labels=tuple(sorted(set(task.labels) & labels)),
            lease=attrs.evolve(lease, user_id=self._who(lease.user_id, returned)) if lease else None,
            parent_id=TaskId(parent) if parent else None,
            project_id=ProjectId(project) if project else None,
        )

    async def dependencies(self, read: Sequence[Read], returned: Returned) -> None:
        team_id, place = self.move.team.id, self.move.place
        ends = {place(end) for each in read for end in (each.thing.predecessor_id, each.thing.successor_id)}
        tasks = {key for key, task in (await self._there(Task, ends)).items() if task.team_id == team_id}
        tasks |= self.move.would & ends
        links = await self.unit.find(Dependency, team_id=team_id)
        present = {(link.predecessor_id, link.successor_id) for link in links}
        wanted: dict[Any, Read] = {}
        for each in read:
            edge = place(each.thing.predecessor_id), place(each.thing.successor_id)
            if edge in present or edge in wanted:
                returned.know(each)
            elif not tasks.issuperset(edge):
                returned.refuse(each, "one of its tasks is not there")
            else:
                wanted[edge] = each
        closing = cycle_closers(present, wanted)
        for edge, each in wanted.items():
            if edge in closing:
                returned.refuse(each, "would close a cycle")
                continue
            before, after = edge
            returned.make(each, attrs.evolve(each.thing, predecessor_id=before, successor_id=after))
