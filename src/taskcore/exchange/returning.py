"""What becomes of the records of one type, within a unit of work: which are new, known, or no good."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from taskcore.errors import Invalid
from taskcore.events import Event
from taskcore.exchange.reading import thing_of
from taskcore.exchange.records import KINDS, Record
from taskcore.exchange.returned import Read, Returned, called, faults_of
from taskcore.exchange.work import Work
from taskcore.query import task_query
from taskcore.tasks import discussion
from taskcore.tasks.model import Comment, SavedView, Task
from taskcore.teams.model import Label, Project
from taskcore.teams.telling import label_created, project_created
from taskcore.values import EventId, TaskId


class Returns(Work):
    """A chunk of records of any type."""

    async def take(self, kind: str, records: Sequence[Record]) -> Returned:
        """What becomes of them; nothing is written yet."""
        returned = Returned(seen_until=self.move.seen_until, beyond=self.move.beyond)
        read = self._read(kind, records, returned)
        if kind != "person":
            await self._meet(read, returned)
        await _TAKE[kind](self, read, returned)
        return returned

    def _read(self, kind: str, records: Sequence[Record], returned: Returned) -> list[Read]:
        given = {} if kind == "person" else {"team_id": self.move.team.id}
        found = []
        for each in records:
            thing, faults, unknown = thing_of(KINDS[kind], each.data, given)
            name = called(kind, each.data)
            faults = faults or faults_of(thing)
            read = Read(each.line, thing, each, name)
            if faults:
                returned.refuse(read, "; ".join(map(str, faults)))
                continue
            if unknown:
                returned.lose(read, f"{', '.join(name[:40] for name in unknown)}: no field of a {kind}")
            found.append(read)
        return found

    async def projects(self, read: Sequence[Read], returned: Returned) -> None:
        for each in await self._fresh(Project, read, returned):
            project: Project = attrs.evolve(
                each.thing,
                id=self.move.place(each.thing.id),
                created_by=self._who(each.thing.created_by, returned),
                lead_id=self._who(each.thing.lead_id, returned),
                guests=tuple(sorted(self._all(each.thing.guests, returned))),
            )
            returned.make(each, project)
            self._tell(returned, project_created(project, self.stamp))

    async def labels(self, read: Sequence[Read], returned: Returned) -> None:
        names = {each.name for each in await self.unit.find(Label, team_id=self.move.team.id)}
        for each in await self._fresh(Label, read, returned):
            if each.thing.name in names | self.move.labels:
                returned.know(each)
                continue
            names.add(each.thing.name)
            returned.labels.add(each.thing.name)
            label: Label = attrs.evolve(each.thing, id=self.move.place(each.thing.id))
            returned.make(each, label)
            self._tell(returned, label_created(label, self.stamp))

    async def comments(self, read: Sequence[Read], returned: Returned) -> None:
        fresh = await self._fresh(Comment, read, returned)
        places = {each.thing.task_id: self.move.place(each.thing.task_id) for each in fresh}
        tasks = await self._there(Task, places.values())
        for each in fresh:
            place = places[each.thing.task_id]
            task = tasks.get(place)
            if (task is None or task.team_id != self.move.team.id) and place not in self.move.would:
                returned.refuse(each, "its task is not there")
                continue
            comment: Comment = attrs.evolve(
                each.thing,
                id=self.move.place(each.thing.id),
                task_id=place,
                author_id=self._who(each.thing.author_id, returned),
                body="" if each.thing.deleted_at is not None else each.thing.body,
                mentions=self._all(each.thing.mentions, returned),
            )
            returned.make(each, comment)
            if task is not None:
                self._tell(returned, discussion.told(comment, task, self.stamp))

    async def views(self, read: Sequence[Read], returned: Returned) -> None:
        for each in await self._fresh(SavedView, read, returned):
            try:
                query = task_query(self.move.moved(each.thing.query)).params()
            except Invalid as error:
                returned.refuse(each, f"query: {error}")
                continue
            owner = self._who(each.thing.owner_id, returned)
            place = self.move.place(each.thing.id)
            returned.make(each, attrs.evolve(each.thing, id=place, owner_id=owner, query=query))

    async def log(self, read: Sequence[Read], returned: Returned) -> None:
        """What happened, appended to what has happened here. An import that is repeated finds its events
        in the order in which they are in the file, so it looks through the team's own log once."""
        if not self.owner:
            if read:
                returned.refuse(
                    read[0], f"takes an owner to bring in, as do {len(read)} with it: who did what"
                )
            return
        events = [self._event(each, returned) for each in read]
        pending = list(zip(read, events, strict=True))
        while pending and not returned.beyond:
            search = attrs.evolve(self.search, after=returned.seen_until)
            own = await self.unit.events(search)
            returned.beyond = not own
            for event in own:
                if not pending:
                    break
                if event.id == pending[0][1].id:
                    returned.know(pending.pop(0)[0])
                returned.seen_until = event.seq
        for each, event in pending:
            returned.make(each)
            returned.events.append(event)

    def _event(self, each: Read, returned: Returned) -> Event:
        event: Event = each.thing
        actor = self._who(event.actor_id, returned)
        place = TaskId(self.move.place(event.task_id)) if event.task_id else None
        return attrs.evolve(
            event,
            id=EventId(self.move.place(event.id)),
            seq=0,
            actor_id=actor,
            task_id=place,
            subject_id=self.move.moved_id(event.subject_id),
            data=self.move.moved(event.data),
        )


_TAKE: Mapping[str, Callable[[Returns, Sequence[Read], Returned], Any]] = {
    "person": Returns.people,
    "project": Returns.projects,
    "label": Returns.labels,
    "task": Returns.tasks,
    "dependency": Returns.dependencies,
    "comment": Returns.comments,
    "view": Returns.views,
    "event": Returns.log,
}
