"""
Bringing tasks in from elsewhere, in chunks: each is one transaction, so an interruption loses
nothing that was reported, and a second run goes on where the first stopped.

What came in before is known by its external id and left as it is. Dependencies follow once all
tasks are there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, refusals_entered
from taskcore.events import Event, Stamp
from taskcore.identity.model import User
from taskcore.ports import Unit
from taskcore.tasks import discussion, lifecycle
from taskcore.tasks.incoming import (
    Incoming,
    Note,
    Outcome,
    Place,
    Refusal,
    comments_of,
    incoming_faults,
    task_of,
)
from taskcore.tasks.model import Comment, Dependency, Task
from taskcore.tasks.ties import refusal, tie
from taskcore.teams.model import Label, Membership, Project, Team, label_faults, project_faults
from taskcore.teams.telling import label_created, project_created
from taskcore.values import WORKERS, LabelId, ProjectId, TeamId

__all__ = ["ImportReport", "Imports", "Incoming", "Note", "Refusal"]

FIRST_CHUNK, MOST_IN_CHUNK = 1000, 16_000
"""Tasks in one transaction: each has twice as many as the one before. A commit writes anew what it
touches of every index, which is most of it, so chunks of one size would cost the square of the whole."""
NAMES = 5000
"""Names in one question to the store."""
TIES = 20_000
"""Tasks whose ties are made in one transaction: each reads all the dependencies of the team."""
T = TypeVar("T")


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
    people: int = 0
    views: int = 0
    events: int = 0
    refused: list[Refusal] = attrs.field(factory=list)
    outcomes: list[Outcome] = attrs.field(factory=list)
    """In a dry run: what would become of each line."""


@attrs.frozen(slots=True)
class Taken:
    """What became of one chunk."""

    created: int
    known: int
    comments: int
    made: list[Label | Project]
    refused: list[Refusal]
    outcomes: list[Outcome]
    tasks: list[Task]
    """Those that are new."""


@attrs.frozen(slots=True)
class Names:
    """The projects and labels of a team, by name, with those that the items make it need; and its people,
    by name and by address."""

    projects: dict[str, ProjectId]
    labels: set[str]
    made: list[Label | Project]
    people: dict[str, User]

    def person(self, called: str | None) -> User | None:
        return self.people.get(called.casefold()) if called else None


class Imports(UseCases):
    """`me.imports`."""

    async def run(
        self,
        team: UUID | str,
        items: Iterable[Incoming | Refusal],
        *,
        progress: Callable[[ImportReport], None] | None = None,
        dry_run: bool = False,
    ) -> ImportReport:
        """
        Take in `items`; a `Refusal` among them is passed on to the report.

        `progress` is called after each chunk is committed, with the report so far. In a `dry_run` nothing
        is, and the report has an outcome for each line.
        Raises: NotFound, Forbidden. A faulty item is refused, with its line, and the rest goes on.
        """
        async with refusals_entered(self._caller):
            home, _ = await self._allowed(self._rows, Team, team, "team.read", "import.run")
        report, made, tied = ImportReport(), set(), []
        would: dict[tuple[str, str], Task] = {}
        tell = progress or (lambda _: None)
        for chunk in _growing_chunks(items):
            sound = [item for item in chunk if isinstance(item, Incoming)]
            tied += [item for item in sound if item.predecessors or item.parent]
            taken = await self.take_chunk(home.id, sound, dry_run=dry_run, would=would)
            if dry_run:
                would |= {(task.external_source or "", task.external_id or ""): task for task in taken.tasks}
                report.outcomes += taken.outcomes
                report.outcomes += [
                    Outcome(item.line, "refused", "", item.reason)
                    for item in chunk
                    if isinstance(item, Refusal)
                ]
            made |= {(type(thing), thing.name) for thing in taken.made}
            report.read += len(chunk)
            report.created += taken.created
            report.known += taken.known
            report.comments += taken.comments
            report.labels = sum(kind is Label for kind, _ in made)
            report.projects = len(made) - report.labels
            report.refused += [item for item in chunk if isinstance(item, Refusal)]
            report.refused += taken.refused
            tell(report)
        for ends in _chunks(tied, TIES):
            dependencies, refused = await self.tie_chunk(home.id, ends, dry_run=dry_run, would=would)
            report.dependencies += dependencies
            report.refused += refused
            tell(report)
        return report

    @command
    async def take_chunk(
        self,
        unit: Unit,
        team_id: TeamId,
        items: Sequence[Incoming],
        *,
        dry_run: bool = False,
        would: dict[tuple[str, str], Task] | None = None,
    ) -> Taken:
        """Create those of `items` that are not known yet, with their comments, labels and projects."""
        team, _ = await self._allowed(unit, Team, team_id, "team.read", "import.run")
        await unit.lock(team.id)
        known = await _known(unit, team.id, {item.pair for item in items}) | (would or {})
        fresh = list({item.pair: item for item in items if item.pair not in known}.values())
        new = {id(item) for item in fresh}
        outcomes = [Outcome(item.line, "known", item.title) for item in items if id(item) not in new]
        stamp = self._caller.stamp()
        names = await _names(unit, team.id, fresh, stamp)
        tasks: list[Task] = []
        comments: list[Comment] = []
        refused: list[Refusal] = []
        events: list[Event] = []
        for item in fresh:
            place = Place(
                team,
                names.projects.get(item.project or ""),
                names.person(item.assignee),
                names.person(item.created_by),
                tuple(each for called in item.candidates if (each := names.person(called))),
            )
            task = task_of(item, place, stamp)
            said = comments_of(item, task, stamp)
            faults = incoming_faults(item, task, said, names.projects, names.labels)
            if faults:
                refused.append(refusal(item, "; ".join(map(str, faults))))
                outcomes.append(Outcome(item.line, "refused", item.title, "; ".join(map(str, faults))))
                continue
            refused += [
                refusal(item, f"{field} {called[:60]!r}: nobody here is called so; left out")
                for field, called, found in (
                    ("assignee", item.assignee, place.assignee),
                    ("created_by", item.created_by, place.created_by),
                    *(("candidates", called, names.person(called)) for called in item.candidates),
                )
                if called and found is None
            ]
            outcomes.append(Outcome(item.line, "created", item.title))
            tasks.append(task)
            comments += said
            events.append(lifecycle.created(task, stamp, imported=item.external_source))
            events += [discussion.told(comment, task, stamp) for comment in said]
        made = _needed(names, tasks)
        if tasks and not dry_run:
            told = [_created(thing, stamp) for thing in made]
            entry = stamp.audit(
                "import.run", "team", team.id, team_id=team.id, data={"type": "task", "new": len(tasks)}
            )
            await unit.save([*made, *tasks, *comments, entry], events=[*told, *events])
        return Taken(len(tasks), len(items) - len(fresh), len(comments), made, refused, outcomes, tasks)

    @command
    async def tie_chunk(
        self,
        unit: Unit,
        team_id: TeamId,
        items: Sequence[Incoming],
        *,
        dry_run: bool = False,
        would: dict[tuple[str, str], Task] | None = None,
    ) -> tuple[int, list[Refusal]]:
        """Add the dependencies and parents of `items` that are not there yet: how many, and what not."""
        team, _ = await self._allowed(unit, Team, team_id, "team.read", "import.run")
        await unit.lock(team.id)
        ends = {(item.external_source, name) for item in items for name in item.predecessors}
        ends |= {(item.external_source, item.parent) for item in items if item.parent}
        tasks = await _known(unit, team.id, ends | {item.pair for item in items}) | (would or {})
        tasks |= await _ancestors(unit, team.id, tasks)
        there = await unit.find(Dependency, team_id=team.id)
        present = {(link.predecessor_id, link.successor_id) for link in there}
        ties = tie(items, tasks, present, team.id, self._caller.stamp())
        if ties.events and not dry_run:
            await unit.save([*ties.nested, *ties.dependencies], events=ties.events)
        return len(ties.dependencies), ties.refused


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _growing_chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator, size = iter(items), FIRST_CHUNK
    while chunk := list(islice(iterator, size)):
        yield chunk
        size = min(2 * size, MOST_IN_CHUNK)


async def _known(unit: Unit, team_id: TeamId, pairs: set[tuple[str, str]]) -> dict[tuple[str, str], Task]:
    """The tasks of the team that came from there, by external source and id."""
    known: dict[tuple[str, str], Task] = {}
    for source in {source for source, _ in pairs}:
        for names in _chunks((name for other, name in pairs if other == source), NAMES):
            found = await unit.find(Task, team_id=team_id, external_source=source, external_id=tuple(names))
            known |= {(source, task.external_id or ""): task for task in found}
    return known


async def _ancestors(
    unit: Unit, team_id: TeamId, tasks: dict[tuple[str, str], Task]
) -> dict[tuple[str, str], Task]:
    """What these tasks are parts of, up to the top; by their own ids, since not all came from elsewhere."""
    found: dict[tuple[str, str], Task] = {}
    known = {task.id for task in tasks.values()}
    wanted = {task.parent_id for task in tasks.values()} - known - {None}
    while wanted:
        level = await unit.find(Task, team_id=team_id, id=tuple(wanted))
        found |= {("", str(task.id)): task for task in level}
        known |= {task.id for task in level}
        wanted = {task.parent_id for task in level} - known - {None}
    return found


async def _names(unit: Unit, team_id: TeamId, items: Sequence[Incoming], stamp: Stamp) -> Names:
    names = Names(
        {project.name: project.id for project in await unit.find(Project, team_id=team_id)},
        {label.name for label in await unit.find(Label, team_id=team_id)},
        [],
        await _people(unit, team_id)
        if any(item.assignee or item.created_by or item.candidates for item in items)
        else {},
    )
    for name in dict.fromkeys(item.project for item in items if item.project):
        project = Project(ProjectId(stamp.new_id()), team_id, name, stamp.actor_id, stamp.now, stamp.now)
        if name not in names.projects and not project_faults(project):
            names.projects[name] = project.id
            names.made.append(project)
    for name in dict.fromkeys(name for item in items for name in item.labels):
        label = Label(LabelId(stamp.new_id()), team_id, name, stamp.now)
        if name not in names.labels and not label_faults(label):
            names.labels.add(name)
            names.made.append(label)
    return names


async def _people(unit: Unit, team_id: TeamId) -> dict[str, User]:
    """Whoever works in the team, by address and, where only one has it, by name."""
    members = await unit.find(Membership, team_id=team_id)
    ids = tuple(each.user_id for each in members if each.role in WORKERS)
    users = [user for user in await unit.find(User, id=ids) if user.active] if ids else []
    names = Counter(user.name.casefold() for user in users)
    people = {user.name.casefold(): user for user in users if names[user.name.casefold()] == 1}
    return people | {user.email.casefold(): user for user in users}


def _needed(names: Names, tasks: Sequence[Task]) -> list[Label | Project]:
    """Of the labels and projects that were to be made, those of tasks that were taken."""
    projects = {task.project_id for task in tasks}
    labels = {name for task in tasks for name in task.labels}
    return [
        thing
        for thing in names.made
        if (thing.name in labels if isinstance(thing, Label) else thing.id in projects)
    ]


def _created(thing: Label | Project, stamp: Stamp) -> Event:
    return label_created(thing, stamp) if isinstance(thing, Label) else project_created(thing, stamp)
