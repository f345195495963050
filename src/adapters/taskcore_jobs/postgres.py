"""
`postgresql://…`: workers sleep until PostgreSQL notifies them, and take from the store what is due there.

It is notified after the commit, on a connection of its own, and never within the transaction that saved a job: all
transactions that notify wait for each other when they commit. Behind PgBouncer in transaction mode nothing is heard:
let the URL lead to the server itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

from taskcore.delivery.alarm import Alarm
from taskcore.errors import invalid
from taskcore.jobs.model import Job
from taskcore.values import JobId
from taskcore_jobs.errand import Errand
from taskcore_jobs.line import PATIENCE_SECONDS, Line

CHANNEL = "taskcore_jobs"
SECONDS_BETWEEN = 0.02
"""Between two notifications of one process: each wakes every worker, which takes all that is due."""
QUIET_SECONDS = 5.0
"""After so long without a notification the server is asked whether it is there: a cut line says nothing."""
SECONDS_TO_CLOSE = 0.5
SOON = timedelta(seconds=1)
"""Clocks differ: what is due in so long is worth waking somebody for."""
_OF_THE_STORE = ("pool_size", "statement_cache_size", "rls", "replica")


def open_queue(url: str, *, blocking: bool = False) -> PostgresQueue:  # noqa: ARG001  it needs a loop to be of use
    """`postgresql://…` as for the store, whose own parameters mean nothing here. Raises: Invalid."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # it quotes what it cannot read, and that may be a part of the password
        raise invalid("queue", "must be written postgresql://USER:PASSWORD@HOST/NAME") from None
    rest = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in _OF_THE_STORE]
    return PostgresQueue(urlunsplit(parts._replace(query=urlencode(rest))))


class PostgresQueue:
    """A `Queue` that says no more than that there is something to do. While the server is away it tells the jobs of
    its own process, and goes on by itself."""

    in_service = False
    feeds = False

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._alarm = Alarm()
        self._telling = Errand(self._tell)
        self._speaker: Any = None
        self._to_tell = Line("PostgreSQL", "this process wakes no worker")
        self._to_hear = Line("PostgreSQL", "this worker hears of no job")
        self._listening: asyncio.Task[None] | None = None

    def offer(self, jobs: Sequence[Job]) -> None:
        soon = datetime.now(UTC) + SOON
        if any(job.due_at is not None and job.due_at <= soon for job in jobs):
            self._alarm.ring()
            self._telling.want()

    async def take(self, most: int, within: float) -> Sequence[JobId] | None:  # noqa: ARG002  it names none
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        await self._alarm.sleep(within)
        return None

    async def close(self) -> None:
        await self._telling.close(SECONDS_TO_CLOSE)
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        self._hang_up()

    async def _tell(self) -> None:
        """Notify, if need be again and again, for what was saved while the server was away is there when it is back."""
        while True:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._notify()
                self._to_tell.works()
                break
            except Exception as error:  # noqa: BLE001  whatever is wrong with it, workers look by themselves
                self._hang_up()
                await asyncio.sleep(self._to_tell.broke(error))
        await asyncio.sleep(SECONDS_BETWEEN)

    async def _notify(self) -> None:
        if self._speaker is None or self._speaker.is_closed():
            self._speaker = await _connected(self._dsn)
        await self._speaker.execute(f"NOTIFY {CHANNEL}")

    def _hang_up(self) -> None:
        if self._speaker is not None:
            self._speaker.terminate()
            self._speaker = None

    async def _listen(self) -> None:
        """For ever: whenever the line breaks, anew."""
        while True:
            try:
                await self._hear()
            except Exception as error:  # noqa: BLE001  as above
                await asyncio.sleep(self._to_hear.broke(error))

    async def _hear(self) -> None:
        """Be rung by notifications, until the line breaks: raises what the driver does, and TimeoutError. Those missed
        before are made up for by ringing at once."""
        ended = asyncio.Event()
        connection = await _connected(self._dsn)
        try:
            connection.add_termination_listener(lambda _: ended.set())
            async with asyncio.timeout(PATIENCE_SECONDS):
                await connection.add_listener(CHANNEL, lambda *_: self._alarm.ring())
            self._to_hear.works()
            self._alarm.ring()
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(QUIET_SECONDS):
                        await ended.wait()
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await connection.execute("SELECT 1")
        finally:
            connection.terminate()


async def _connected(dsn: str) -> Any:
    return await asyncpg.connect(dsn, statement_cache_size=0, timeout=PATIENCE_SECONDS)
