"""What jobs need from outside: how those who run them come to know of them at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

from taskcore.caller import Outside
from taskcore.jobs.model import Job
from taskcore.ports import Unit
from taskcore.values import JobId

R = TypeVar("R")


class Queue(Protocol):
    """
    How workers come to know of jobs. Never the truth, which is the store's: what it loses costs time only.

    Made by a factory `(url, *, blocking)`, registered in the group `taskcore.queues` under the URL's scheme.
    """

    in_service: bool
    """Whether a service runs jobs itself; else only workers do."""
    feeds: bool
    """Whether it hands out ids, and so has to be offered again what lies due in the store."""

    def offer(self, jobs: Sequence[Job]) -> None:
        """Say that these wait, and return at once. Raises nothing. Offered twice, a job is there once."""

    async def take(self, most: int, within: float) -> Sequence[JobId] | None:
        """Wait, at most for so many seconds, until there is something to do: the ids of at most `most` jobs to claim,
        the most urgent first, or None, for whatever is due in the store. Raises: Unavailable."""

    async def close(self) -> None:
        """Let go of connections."""


class Run(Protocol):
    """One attempt at a job, as its handler has it."""

    @property
    def job(self) -> Job:
        """As it was when this attempt began."""

    @property
    def outside(self) -> Outside:
        """What the core needs from outside."""

    async def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Let others see how far it has come, soon. Raises: Stopped, where the job is to be cancelled, or is this
        attempt's no longer: to be let through."""

    async def finish(self, work: Callable[[Unit], Awaitable[R]]) -> R:
        """
        Do what the job is for in one unit of work with its completion, so that it is done once, whatever dies.

        What `work` gives is the job's result. Raises: Stopped, and does nothing, where this attempt is not the
        job's any more.
        """


Handler = Callable[[Run], Awaitable[Any]]
"""
What does the jobs of a kind: what it returns is the job's result, as JSON, unless it called `finish`.

What it raises is a failure, after which the job is tried again later; `GiveUp` is one after which it is not.
It may run more than once, and twice at a time, where a worker was taken for dead: what it does outside of `finish`
is to be the same done twice.
"""


class GiveUp(Exception):
    """Raised by a handler: it is of no use to try this job again."""


class Later(Exception):
    """Raised by a handler: not now, but after so many seconds; that is no failure."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"in {seconds:g} s")
        self.seconds = seconds


class Stopped(Exception):
    """Raised by a run: this attempt is to end; its job is to be cancelled, or is another attempt's by now."""
