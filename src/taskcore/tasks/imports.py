"""
Bringing tasks in from elsewhere, in chunks: each is one transaction, so an interruption loses
nothing that was reported, and a second run goes on where the first stopped.

What came in before is known by its external id and left as it is. Dependencies follow once all
tasks are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command
from taskcore.errors import Fault
from taskcore.events import Event, Stamp
from taskcore.ports import Entity, Unit
from taskcore.tasks import lifecycle, links
from taskcore.tasks.model import Comment, Dependency, Task, comment_faults, task_faults
from taskcore.tasks.rank import last_rank
from taskcore.teams.model import Label, Project, Team, label_faults, project_faults
from taskcore.values import CommentId, LabelId, Priority, ProjectId, Status, TaskId, TeamId

CHUNK = 1000
T = TypeVar("T")


@attrs.frozen(slots=True)
class Note:
    """Something said about a task elsewhere."""

    at: datetime
    text: str


@attrs.frozen(slots=True)
class Incoming:
    """A task as another program gave it. `line` says where in its file, for reports."""

    line: int
    external_source: str
    external_id: str
    title: str
    description: str = ""
    status: Status = Status.OPEN
    priority: Priority = Priority.NONE
    project: str | None = None
    labels: tuple[str, ...] = ()
    start_at: datetime | None = None
    due_at: datetime | None = None
    estimate_minutes: int | None = None
    recurrence: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    deleted_at: datetime | None = None
    notes: tuple[Note, ...] = ()
    predecessors: tuple[str, ...] = ()
    """External ids, of the same source, of the tasks that come before it."""
    parent: str | None = None
    """External id of the task it is part of."""


@attrs.frozen(slots=True)
class Refusal:
    """A line that was not taken, or not whole, and why."""

    line: int
    reason: str


@attrs.define(slots=True)
class ImportReport:
    """What became of an import so far."""

    read: int = 0
    created: int = 0
    known: int = 0
    comments: int = 0
    dependencies: int = 0
    labels: int = 0
    projects: int = 0
    refused: list[Refusal] = attrs.field(factory=list)


class Imports(UseCases):
    """`me.imports`."""

    async def run(
        self,
        team: UUID | str,
        items: Iterable[Incoming | Refusal],
        *,
        progress: Callable[[ImportReport], None] | None = None,
    ) -> ImportReport:
        """
        Take in `items`; a `Refusal` among them is passed on to the report.

        `progress` is called after each chunk is committed, with the report so far.
        Raises: NotFound, Forbidden. A faulty item is refused, with its line, and the rest goes on.
        """
        home, _ = await self._allowed(self._rows, Team, team, "team.read", "import.run")
        report = ImportReport()
        tied: list[Incoming] = []
        for chunk in _chunks(items, CHUNK):
            sound = [item for item in chunk if isinstance(item, Incoming)]
            report.read += len(chunk)
            report.refused += [item for item in chunk if isinstance(item, Refusal)]
            tied += [item for item in sound if item.predecessors or item.parent]
            await self.take_chunk(home.id, sound, report)
            if progress is not None:
                progress(report)
        for chunk in _chunks(tied, CHUNK):
            await self.tie_chunk(home.id, chunk, report)
            if progress is not None:
                progress(report)
        return report

    @command
    async def take_chunk(self, unit: Unit, team_id: TeamId, items: Sequence[Incoming], report: ImportReport) -> None:
        """Create those of `items` that are not known yet, with their comments, labels and projects."""
        team, _ = await self._allowed(unit, Team, team_id, "team.read", "import.run")
        await unit.lock(team.id)
        known = await _known(unit, team.id, items)
        fresh = list({(i.external_source, i.external_id): i for i in items if _pair(i) not in known}.values())
        stamp = self._caller.stamp()
        projects, labels, new = await _names(unit, team.id, fresh, stamp)
        changed: list[Entity] = list(new)
        events = [_name_event(each, stamp) for each in new]
        tasks, comments, refused = [], [], []
        for item in fresh:
            task = _task(item, team.id, projects, stamp)
            said = [_comment(note, task, stamp) for note in item.notes]
            faults = task_faults(task) + [fault for comment in said for fault in comment_faults(comment)]
            faults += [Fault("labels", f"no sound label: {name!r}") for name in item.labels if name not in labels]
            if faults:
                refused.append(Refusal(item.line, "; ".join(map(str, faults))))
                continue
            tasks.append(task)
            comments += said
            events.append(lifecycle.task_event(stamp, "task.created", task, imported=item.external_source))
        await unit.save([*changed, *tasks, *comments], events=events)
        report.created += len(tasks)
        report.known += len(items) - len(fresh)
        report.comments += len(comments)
        report.labels += sum(isinstance(each, Label) for each in new)
        report.projects += sum(isinstance(each, Project) for each in new)
        report.refused += refused

    @command
    async def tie_chunk(self, unit: Unit, team_id: TeamId, items: Sequence[Incoming], report: ImportReport) -> None:
        """Add the dependencies and parents of `items` that are not there yet."""
        team, _ = await self._allowed(unit, Team, team_id, "team.read", "import.run")
        await unit.lock(team.id)
        source = items[0].external_source
        names = {name for item in items for name in (item.external_id, *item.predecessors, item.parent) if name}
        found = await unit.find(Task, team_id=team.id, external_source=source, external_id=tuple(sorted(names)))
        tasks = {task.external_id: task for task in found}
        present = {(link.predecessor_id, link.successor_id) for link in await unit.find(Dependency, team_id=team.id)}
        graph = _Graph(present)
        stamp = self._caller.stamp()
        changed: list[Entity] = []
        events: list[Event] = []
        for item in items:
            task = tasks.get(item.external_id)
            if task is None:
                continue
            for name in item.predecessors:
                reason = self._tie(task, tasks.get(name), graph, stamp, changed, events)
                if reason:
                    report.refused.append(Refusal(item.line, f"depends on {name}: {reason}"))
            if item.parent and task.parent_id is None and (parent := tasks.get(item.parent)) is not None:
                if parent.parent_id is not None or parent.id == task.id:
                    report.refused.append(Refusal(item.line, f"parent {item.parent}: is no top-level task"))
                    continue
                nested, told = lifecycle.unlinked(task, stamp, parent_id=parent.id)
                changed.append(nested)
                events += told
        await unit.save(changed, events=events)
        report.dependencies += sum(isinstance(each, Dependency) for each in changed)

    def _tie(
        self,
        task: Task,
        before: Task | None,
        graph: _Graph,
        stamp: Stamp,
        changed: list[Entity],
        events: list[Event],
    ) -> str | None:
        if before is None:
            return "no such task"
        if (before.id, task.id) in graph.edges:
            return None
        if not graph.add(before.id, task.id):
            return "would close a cycle"
        wanted = Dependency(task.team_id, before.id, task.id, stamp.now)
        dependency, told = links.link(wanted, None, before, task, stamp)
        changed.append(dependency)
        events += told
        return None


class _Graph:
    """Dependencies, growing by one edge at a time without ever closing a cycle."""

    def __init__(self, edges: set[tuple[TaskId, TaskId]]) -> None:
        self.edges = edges
        self._successors: dict[TaskId, set[TaskId]] = {}
        for before, after in edges:
            self._successors.setdefault(before, set()).add(after)

    def add(self, before: TaskId, after: TaskId) -> bool:
        if before == after or links.path(after, before, self._successors) is not None:
            return False
        self.edges.add((before, after))
        self._successors.setdefault(before, set()).add(after)
        return True


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _pair(item: Incoming) -> tuple[str, str]:
    return item.external_source, item.external_id


async def _known(unit: Unit, team_id: TeamId, items: Sequence[Incoming]) -> set[tuple[str, str]]:
    known: set[tuple[str, str]] = set()
    for source in {item.external_source for item in items}:
        names = tuple(item.external_id for item in items if item.external_source == source)
        found = await unit.find(Task, team_id=team_id, external_source=source, external_id=names)
        known |= {(source, task.external_id or "") for task in found}
    return known


async def _names(
    unit: Unit, team_id: TeamId, items: Sequence[Incoming], stamp: Stamp
) -> tuple[dict[str, ProjectId], set[str], list[Label | Project]]:
    """The team's projects and labels that the items name, and those that have to be made."""
    projects = {project.name: project.id for project in await unit.find(Project, team_id=team_id)}
    labels = {label.name for label in await unit.find(Label, team_id=team_id)}
    new: list[Label | Project] = []
    for name in dict.fromkeys(item.project for item in items if item.project):
        project = Project(ProjectId(stamp.new_id()), team_id, name, stamp.actor_id, stamp.now, stamp.now)
        if name not in projects and not project_faults(project):
            projects[name] = project.id
            new.append(project)
    for name in dict.fromkeys(name for item in items for name in item.labels):
        label = Label(LabelId(stamp.new_id()), team_id, name, stamp.now)
        if name not in labels and not label_faults(label):
            labels.add(name)
            new.append(label)
    return projects, labels, new


def _name_event(thing: Label | Project, stamp: Stamp) -> Event:
    noun = "label" if isinstance(thing, Label) else "project"
    data: dict[str, Any] = {noun: {"name": thing.name}, "name": {"from": None, "to": thing.name}}
    return stamp.event(f"{noun}.created", thing.team_id, noun, thing.id, data)


def _task(item: Incoming, team_id: TeamId, projects: dict[str, ProjectId], stamp: Stamp) -> Task:
    task_id = TaskId(stamp.new_id())
    return Task(
        id=task_id,
        team_id=team_id,
        number=0,
        key="",
        title=item.title,
        created_by=stamp.actor_id,
        rank=last_rank(task_id),
        created_at=item.created_at or stamp.now,
        updated_at=item.updated_at or stamp.now,
        description=item.description,
        status=item.status,
        priority=item.priority,
        project_id=projects.get(item.project) if item.project else None,
        labels=tuple(sorted(set(item.labels))),
        start_at=item.start_at,
        due_at=item.due_at,
        estimate_minutes=item.estimate_minutes,
        recurrence=item.recurrence,
        started_at=item.started_at,
        completed_at=item.completed_at,
        deleted_at=item.deleted_at,
        deleted_by=stamp.actor_id if item.deleted_at else None,
        external_source=item.external_source,
        external_id=item.external_id,
    )


def _comment(note: Note, task: Task, stamp: Stamp) -> Comment:
    return Comment(CommentId(stamp.new_id()), task.team_id, task.id, stamp.actor_id, note.text, note.at)
