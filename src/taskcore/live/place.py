"""One window of somebody's: what it shows, and what it is still to be told of others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count

import attrs

from taskcore.live.presence import Key, Reading, Seat, State
from taskcore.permissions import Actor
from taskcore.tasks.model import Task
from taskcore.values import CommentId, TaskId, TeamId, UserId

_numbers = count(1)


@attrs.frozen(slots=True)
class Sighting:
    """What somebody does at a task."""

    task_id: TaskId
    task: str
    """The task's key."""
    user_id: UserId
    state: State
    at: datetime


@attrs.frozen(slots=True)
class Read:
    """Up to which comment somebody has read what is said about a task."""

    task_id: TaskId
    user_id: UserId
    comment_id: CommentId


News = Sighting | Read


@attrs.define(eq=False)
class Place:
    """One window of somebody's: what it shows, and what it is to be told next."""

    number: int = attrs.field(factory=lambda: next(_numbers), init=False)
    actor: Actor | None = None
    team_id: TeamId | None = None
    """Whose people it is told of; None, where it only shows something."""
    seat: Seat | None = None
    wake: Callable[[], object] = lambda: None
    """Called when there is something to take."""
    _pending: dict[tuple[object, ...], News] = attrs.field(factory=dict, init=False)
    _shown: dict[Key, tuple[str, State]] = attrs.field(factory=dict, init=False)
    """Those of whom it was told that they are there: the task's key, and what they do."""

    def take(self) -> list[News]:
        """All that it is to be told by now."""
        taken, self._pending = [*self._pending.values()], {}
        return taken

    def see(self, key: Key, state: State, task: Task | None, at: datetime) -> None:
        """Be told of it, unless it was told already; `task` is None, where it is hidden from here: then whoever was
        seen there is gone."""
        known = self._shown.get(key)
        if task is not None and state is not State.GONE:
            name = task.key
            if known == (name, state):
                return
            self._shown[key] = name, state
        elif known is not None:
            name, state = known[0], State.GONE
            del self._shown[key]
        else:
            return
        self._tell(key, Sighting(key[1], name, key[2], state, at))

    def hear(self, reading: Reading) -> None:
        read = Read(reading.task_id, reading.user_id, reading.comment_id)
        self._tell(("read", read.task_id, read.user_id), read)

    def _tell(self, about: tuple[object, ...], news: News) -> None:
        self._pending[about] = news
        self.wake()
