"""Mail on its way out: kept in memory, delivered in turn by a thread of its own, tried again for a while."""

from __future__ import annotations

import heapq
import logging
import math
import random
from collections.abc import Callable, Iterable
from datetime import datetime
from threading import TIMEOUT_MAX, Condition, Thread
from time import monotonic
from typing import Protocol

import attrs

from taskcore.delivery.ports import Message

log = logging.getLogger("taskcore.mail")


class Deferred(Exception):
    """Not now; perhaps later."""


class Refused(Exception):
    """Not now, nor ever."""


@attrs.frozen
class Patience:
    """How long a server is put up with."""

    retry_seconds: tuple[float, ...] = (1, 5, 30, 120, 600)
    """How long a mail waits after each failure; one more, and it is dropped."""
    keep_seconds: float = 30
    """How long an idle connection is kept."""
    trust_seconds: float = 1
    """How soon after its last use a connection is taken to be still there without asking."""
    close_seconds: float = 10
    most_waiting: int = 1_000

    def pause_seconds(self, failures: int, chance: float) -> float | None:
        """Up to a quarter longer, by `chance` from 0 to 1, so that many do not come back at once."""
        if failures > len(self.retry_seconds):
            return None
        return self.retry_seconds[failures - 1] * (1 + chance / 4)


@attrs.frozen
class Posted:
    """A mail with what makes it known again when it is tried again."""

    id: str
    message: Message
    at: datetime


@attrs.frozen(order=True)
class Waiting:
    """A mail to be tried when it is due; the first posted is the first tried."""

    due: float
    number: int
    posted: Posted = attrs.field(order=False)
    failures: int = attrs.field(default=0, order=False)


class Way(Protocol):
    """A connection, used by the outbox's thread alone."""

    @property
    def is_open(self) -> bool: ...

    def open(self) -> None:
        """Be connected. Raises: Deferred, Refused."""

    def deliver(self, posted: Posted) -> None:
        """Raises: Deferred, Refused."""

    def close(self) -> None: ...


class Outbox:
    """Takes mail from any thread and never makes one wait, except for the one that drains it."""

    def __init__(self, way: Callable[[], Way], patience: Patience) -> None:
        self._make_way = way
        self._patience = patience
        self._changed = Condition()
        self._waiting: list[Waiting] = []
        self._in_hand: dict[int, Waiting] = {}
        self._posted = 0
        self._ends_at = math.inf
        self._thread: Thread | None = None

    def post(self, posted: Posted) -> None:
        """Have it delivered; where there is no room, say whose mail is lost."""
        with self._changed:
            reason = self._no_room()
            if reason is None:
                self._posted += 1
                heapq.heappush(self._waiting, Waiting(monotonic(), self._posted, posted))
                self._changed.notify_all()
                self._start()
        if reason is not None:
            _dropped(posted, reason)

    def drain(self) -> None:
        """Try once what is left, in a bounded time, and say whose mail is lost; then take no more."""
        with self._changed:
            self._ends_at = min(self._ends_at, monotonic() + self._patience.close_seconds)
            self._waiting = [attrs.evolve(each, due=0.0) for each in self._waiting]
            heapq.heapify(self._waiting)
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(max(0.0, self._ends_at - monotonic()))
        with self._changed:
            left = [*self._in_hand.values(), *self._waiting]
            self._in_hand, self._waiting = {}, []
        for each in left:
            _dropped(each.posted, "it was not accepted in the time there is to close")

    def _no_room(self) -> str | None:
        if self._ends_at < math.inf:
            return "the mailer is closed"
        if len(self._waiting) + len(self._in_hand) >= self._patience.most_waiting:
            return f"{self._patience.most_waiting} others are waiting already"
        return None

    def _start(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._run, name="taskcore-mail", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        way = self._make_way()
        while (due := self._take(way)) is not None:
            if due:
                self._try(way, due)
            else:
                way.close()
        way.close()

    def _take(self, way: Way) -> list[Waiting] | None:
        """All that is due; nothing when the connection has been idle for long; None at the end."""
        with self._changed:
            idle_at = monotonic() + self._patience.keep_seconds if way.is_open else math.inf
            while True:
                now = monotonic()
                if now >= self._ends_at or (self._ends_at < math.inf and not self._waiting):
                    return None
                if due := self._due(now):
                    return due
                if now >= idle_at:
                    return []
                next_due = self._waiting[0].due if self._waiting else math.inf
                self._changed.wait(min(idle_at, self._ends_at, next_due, now + TIMEOUT_MAX / 2) - now)

    def _due(self, now: float) -> list[Waiting]:
        due = []
        while self._waiting and self._waiting[0].due <= now:
            due.append(heapq.heappop(self._waiting))
        self._in_hand = {each.number: each for each in due}
        return due

    def _try(self, way: Way, due: list[Waiting]) -> None:
        for index, each in enumerate(due):
            if monotonic() >= self._ends_at:
                return
            try:
                way.open()
            except Exception as error:  # noqa: BLE001  whatever it is, the thread goes on
                # One connection that is not to be had speaks for all that wait for it.
                self._failed(due[index:], error)
                return
            try:
                way.deliver(each.posted)
            except Exception as error:  # noqa: BLE001  as above
                self._failed([each], error)
            else:
                self._done(each)

    def _done(self, waiting: Waiting) -> bool:
        """No longer in hand; False where it had been given up for lost meanwhile."""
        with self._changed:
            return self._in_hand.pop(waiting.number, None) is not None

    def _failed(self, tried: Iterable[Waiting], error: Exception) -> None:
        for each in tried:
            if self._done(each):
                self._defer_or_drop(each, error)

    def _defer_or_drop(self, waiting: Waiting, error: Exception) -> None:
        failures = waiting.failures + 1
        pause = self._patience.pause_seconds(failures, random.random())  # noqa: S311  chance, not a secret
        if pause is None or not isinstance(error, Deferred) or not self._put_off(waiting, failures, pause):
            _dropped(waiting.posted, error)
        else:
            log.warning("a mail to %s waits for %.0f s: %s", waiting.posted.message.to, pause, error)

    def _put_off(self, waiting: Waiting, failures: int, pause_seconds: float) -> bool:
        """False where the end comes before its turn would."""
        with self._changed:
            due = monotonic() + pause_seconds
            if due < self._ends_at:
                heapq.heappush(self._waiting, attrs.evolve(waiting, due=due, failures=failures))
            return due < self._ends_at


def _dropped(posted: Posted, reason: str | Exception) -> None:
    """Say whose mail is lost and why, but not what it said: it may hold a token."""
    if isinstance(reason, (str, Deferred, Refused)):
        log.error("a mail to %s is lost: %s", posted.message.to, reason)
    else:
        log.error("a mail to %s is lost", posted.message.to, exc_info=reason)
