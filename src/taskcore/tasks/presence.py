"""The use cases of presence: who looks at which task of a team, and who types there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from uuid import UUID

from taskcore.caller import UseCases
from taskcore.live.place import News, Place
from taskcore.permissions import missing
from taskcore.tasks.comments import Comments
from taskcore.tasks.model import Task, TaskRef
from taskcore.tasks.reading import ReadMarker
from taskcore.teams.model import Team


class Presences(UseCases):
    """
    `me.presence`. What is said here is kept nowhere, and may be lost: it tells who is there now.

    A `Place` is one window of the caller's. Whoever has several is gone when the last one shows a task no more.
    """

    async def follow(self, team: UUID | str, place: Place) -> AsyncGenerator[Sequence[News], None]:
        """
        What others do at the tasks of a team, as far as the caller sees these: first what they do now (nothing, if
        nobody is there), then each change. Who is slow is told the newest of each, and no more.

        The place shows a task as long as this is read. Raises: NotFound, Forbidden, Unauthenticated.
        """
        home, _ = await self._allowed(self._rows, Team, team, "team.read", "realtime.subscribe_team")
        from asyncio import Event  # noqa: PLC0415  few programs have an event loop

        gathering, woken = self._caller.outside.gathering(), Event()
        place.actor, place.wake = self._caller.actor, woken.set
        try:
            await gathering.join(place, home.id)
            yield place.take()
            while True:
                await woken.wait()
                woken.clear()
                yield place.take()
        finally:
            gathering.leave(place)

    async def look(self, place: Place, task: TaskRef | None) -> None:
        """A place shows this task from now on, or none. Raises: NotFound."""
        about = await self._shown(place, task, "task.read") if task is not None else None
        self._caller.outside.gathering().look(place, about)

    async def type(self, place: Place, task: TaskRef, *, active: bool = True) -> None:
        """The caller writes a comment on a task there, or stops; it ends by itself 6 s after the last sign of it.
        Raises: NotFound, Forbidden."""
        about = await self._shown(place, task, "task.read", "comment.create")
        self._caller.outside.gathering().type(place, about, active=active)

    async def read(self, place: Place, task: TaskRef, comment: UUID | str | None = None) -> ReadMarker:
        """As `comments.mark_read`, and those who look at the task are told, where the marker moves. Raises: NotFound,
        Invalid."""
        about = await self._shown(place, task, "task.read", "comment.read")
        known = await self._caller.newest_rows().find(
            ReadMarker, team_id=about.team_id, task_id=about.id, user_id=self._caller.user_id
        )
        marker = await Comments(self._caller).mark_read(about.id, comment)
        if marker.comment_id is not None and marker not in known:
            self._caller.outside.gathering().read(place, about, marker.comment_id)
        return marker

    async def _shown(self, place: Place, task: TaskRef, *rights: str) -> Task:
        """A task of the place's team, once the caller may do all of that to it."""
        about, _ = await self._allowed(self._rows, Task, task, *rights)
        if about.deleted_at is not None or place.team_id not in (None, about.team_id):
            raise missing(f"task {task}")
        place.actor = self._caller.actor
        return about
