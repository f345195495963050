"""
Who looks at which task, and who types there: messages and instants in, changes and messages out.

Each process keeps the windows of its own people and tells the others of each change; the others keep what they
were told. A message may be lost: they are numbered, a process says every 10 s at which number it is, and whoever
has missed one asks for all of its windows. A process that is silent for 30 s is gone, and its people with it.
Instants are seconds of one process's own monotonic clock; between processes go only durations.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

import attrs

from taskcore.values import CommentId, TaskId, TeamId, UserId

TYPING_SECONDS = 6.0
"""After the last sign of it."""
HEARTBEAT_SECONDS = 10.0
SILENT_SECONDS = 30.0
ASK_AGAIN_SECONDS = 2.0
ANSWER_SECONDS = 1.0
"""Between two answers of a process to those who ask for all of its windows."""
EVERYBODY = "*"
FIRST_ASKS = (0.0, 1.0, 3.0)
"""Since a process began, and may not be heard yet."""


class State(StrEnum):
    """What somebody does at a task."""

    LOOKING = "looking"
    TYPING = "typing"
    GONE = "gone"


Key = tuple[TeamId, TaskId, UserId]
Window = tuple[str, int]
"""A process, and the number that it gave one of its windows."""


@attrs.frozen(slots=True)
class Seat:
    """Who looks at what through one window, and until when they count as typing there."""

    team_id: TeamId
    task_id: TaskId
    user_id: UserId
    typing_until: float | None = None

    @property
    def key(self) -> Key:
        return self.team_id, self.task_id, self.user_id


@attrs.frozen(slots=True)
class Change:
    """What somebody does at a task from now on, in whichever of their windows."""

    team_id: TeamId
    task_id: TaskId
    user_id: UserId
    state: State

    @property
    def key(self) -> Key:
        return self.team_id, self.task_id, self.user_id


@attrs.frozen(slots=True)
class Reading:
    """Somebody has read a task's comments up to this one, and lets those who look at the task know."""

    team_id: TeamId
    task_id: TaskId
    user_id: UserId
    comment_id: CommentId


@attrs.frozen(slots=True)
class Step:
    """What comes of something: what has changed, who has read what, and what the other processes are to be told."""

    changes: Sequence[Change] = ()
    readings: Sequence[Reading] = ()
    messages: Sequence[str] = ()


@attrs.define
class Peer:
    """Another process: when it was heard last, the number of its last message, and whether none was missed."""

    heard_at: float
    number: int = -1
    whole: bool = False
    asked_at: float = float("-inf")


class Presence:
    """One process's table of who is where."""

    def __init__(self, process: str, now: float) -> None:
        self._process = process
        self._seats: dict[Window, Seat] = {}
        self._at: dict[Key, set[Window]] = {}
        self._shown: dict[Key, State] = {}
        self._peers: dict[str, Peer] = {}
        self._number = 0
        self._said_at = now
        self._asks = [now + after for after in FIRST_ASKS]
        self._owes_all = False
        self._told_all_at = float("-inf")

    def shown(self, team_id: TeamId) -> list[Key]:
        """Who is where in a team."""
        return [key for key in self._shown if key[0] == team_id]

    def state(self, key: Key) -> State:
        """What somebody does at a task now."""
        return self._shown.get(key, State.GONE)

    def sit(self, number: int, seat: Seat | None, now: float) -> Step:
        """A window of this process shows something else; None, where it shows no task any more."""
        window = (self._process, number)
        if seat is None and window not in self._seats:
            return Step()
        touched = self._put(window, seat)
        self._number += 1
        said = self._said(now, set=[number, *_packed(seat, now)] if seat is not None else [number])
        return Step(self._settled(touched, now), messages=[said])

    def read(self, reading: Reading) -> Step:
        """Somebody here has read; it is told once, and kept nowhere."""
        return Step(readings=[reading], messages=[self._message(read=[*map(str, attrs.astuple(reading))])])

    def hear(self, message: str, now: float) -> Step:
        """What another process says; what is no message is let pass."""
        try:
            said = json.loads(message)
            process = said["process"]
            if not isinstance(process, str) or process == self._process:
                return Step()
            return self._heard(process, said, now)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, ArithmeticError, RecursionError):
            return Step()

    def tick(self, now: float) -> Step:
        """What comes of time alone; to be asked a few times a second."""
        touched = {key for key, state in self._shown.items() if state is State.TYPING}
        for process in [name for name, peer in self._peers.items() if now - peer.heard_at > SILENT_SECONDS]:
            touched |= self._forget(process)
        messages = [*self._answers(now), *self._questions(now)]
        if self._number and now - self._said_at >= HEARTBEAT_SECONDS:
            messages.append(self._said(now, alive=True))
        return Step(self._settled(touched, now), messages=messages)

    def farewell(self) -> Step:
        """What a process that ends says."""
        return Step(messages=[self._message(bye=True)])

    def _heard(self, process: str, said: dict[str, Any], now: float) -> Step:
        if "ask" in said:
            self._owes_all = self._owes_all or said["ask"] in (EVERYBODY, self._process)
            return Step(messages=self._answers(now))
        if "read" in said:
            team, task, user, comment = map(UUID, said["read"])
            return Step(readings=[Reading(TeamId(team), TaskId(task), UserId(user), CommentId(comment))])
        if "bye" in said:
            return Step(self._settled(self._forget(process), now))
        number = int(said["n"])
        rows = said.get("all")
        seats = _unpacked([said["set"]] if "set" in said else rows or [], now)
        peer = self._peers.setdefault(process, Peer(now))
        peer.heard_at = now
        touched: set[Key] = set()
        if rows is not None and number >= peer.number:
            peer.number, peer.whole = number, True
            touched = self._replace(process, seats)
        elif rows is None and number > peer.number:
            missed = number != peer.number + ("set" in said)
            peer.number, peer.whole = number, peer.whole and not missed
            for place, seat in seats.items():
                touched |= self._put((process, place), seat)
        return Step(self._settled(touched, now), messages=self._questions(now))

    def _replace(self, process: str, seats: dict[int, Seat | None]) -> set[Key]:
        """All windows of a process, as it says that they are."""
        left = {number for name, number in self._seats if name == process} - seats.keys()
        touched: set[Key] = set()
        for number, seat in {**dict.fromkeys(left), **seats}.items():
            touched |= self._put((process, number), seat)
        return touched

    def _forget(self, process: str) -> set[Key]:
        self._peers.pop(process, None)
        return self._replace(process, {})

    def _put(self, window: Window, seat: Seat | None) -> set[Key]:
        """Let a window show this; gives the keys that may look otherwise now."""
        before = self._seats.pop(window, None)
        if before is not None:
            windows = self._at[before.key]
            windows.discard(window)
            if not windows:
                del self._at[before.key]
        if seat is not None:
            self._seats[window] = seat
            self._at.setdefault(seat.key, set()).add(window)
        return {each.key for each in (before, seat) if each is not None}

    def _settled(self, touched: Iterable[Key], now: float) -> list[Change]:
        changes = []
        for key in touched:
            state = self._state(key, now)
            if state is self._shown.get(key, State.GONE):
                continue
            changes.append(Change(*key, state))
            if state is State.GONE:
                del self._shown[key]
            else:
                self._shown[key] = state
        return changes

    def _state(self, key: Key, now: float) -> State:
        windows = self._at.get(key)
        if not windows:
            return State.GONE
        until = (self._seats[window].typing_until for window in windows)
        return State.TYPING if any(each is not None and each > now for each in until) else State.LOOKING

    def _answers(self, now: float) -> list[str]:
        """All windows of this process, if somebody wants to know, and did not hear it just now."""
        if not self._owes_all or now - self._told_all_at < ANSWER_SECONDS:
            return []
        self._owes_all, self._told_all_at = False, now
        own = [(number, seat) for (process, number), seat in self._seats.items() if process == self._process]
        return [self._said(now, all=[[number, *_packed(seat, now)] for number, seat in own])]

    def _questions(self, now: float) -> list[str]:
        """What this process has to ask: everybody at its beginning, and those of whom it missed something."""
        if self._asks and now >= self._asks[0]:
            self._asks = [each for each in self._asks if each > now]
            return [self._message(ask=EVERYBODY)]
        asked = []
        for process, peer in self._peers.items():
            if not peer.whole and now - peer.asked_at >= ASK_AGAIN_SECONDS:
                peer.asked_at = now
                asked.append(self._message(ask=process))
        return asked

    def _said(self, now: float, **content: Any) -> str:
        self._said_at = now
        return self._message(n=self._number, **content)

    def _message(self, **content: Any) -> str:
        return json.dumps({"process": self._process, **content}, separators=(",", ":"))


def _packed(seat: Seat, now: float) -> list[Any]:
    left = None if seat.typing_until is None else max(0.0, seat.typing_until - now)
    return [str(seat.team_id), str(seat.task_id), str(seat.user_id), left or None]


def _unpacked(rows: Sequence[Any], now: float) -> dict[int, Seat | None]:
    """Windows by number; None for one that shows no task. Raises what a message that is none makes of it."""
    seats: dict[int, Seat | None] = {}
    for number, *packed in rows:
        if not packed:
            seats[int(number)] = None
            continue
        team, task, user, left = packed
        until = None if left is None else now + min(float(left), TYPING_SECONDS)
        seats[int(number)] = Seat(TeamId(UUID(team)), TaskId(UUID(task)), UserId(UUID(user)), until)
    return seats
