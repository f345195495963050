"""Running the projection, and reading what came of it, on an event loop of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from contextlib import AsyncExitStack, suppress
from datetime import date
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Self

from taskcore.connect import REPORTS, SOURCES, STORES, build, resolve
from taskcore.errors import invalid
from taskcore.reporting.log import StoreLog
from taskcore.reporting.measures import TeamReport
from taskcore.reporting.ports import Reports, Source
from taskcore.reporting.running import Progress, project
from taskcore_cli.terminal import tell

if TYPE_CHECKING:
    from taskcore_cli.session import Session

BETWEEN_STROKES, BETWEEN_LINES = 0.1, 10.0
"""Seconds between two signs of life, on a terminal and elsewhere."""


def run(session: Session, into: str | None, source: str, *, from_start: bool, once: bool) -> None:
    """Raises: Invalid; LogGap; Unavailable."""
    url, origin = _reports_url(session, into), _source_url(session, source)
    with Told() as told:
        asyncio.run(_run(url, origin, told, from_start=from_start, once=once))


def kept(session: Session, into: str | None, team: str | None, since: date) -> list[TeamReport]:
    """What the tables have of the teams. Raises: Invalid; NotFound, where there are none yet; Unavailable."""
    url = _reports_url(session, into)

    async def read() -> list[TeamReport]:
        reports = _reports(url)
        try:
            return await reports.read(team, since)
        finally:
            await reports.close()

    return asyncio.run(read())


def _reports_url(session: Session, into: str | None) -> str:
    if into is not None:
        session.flags["reports"] = into
    url = session.resolved.settings.reports
    if url is None:
        raise invalid("reports", "say where they are: --into postgresql://…, or TASKCORE_REPORTS")
    return url


def _source_url(session: Session, source: str) -> str:
    """A store's URL, or a broker's."""
    settings = session.resolved.settings
    url: str | None = source
    if source == "store":
        session.resolved.make_data_folder(os.environ)
        url = settings.store
    elif source == "stream":
        url = getattr(settings, "stream", None)
    if url is None:
        raise invalid("stream", "is not set: say --from URL, or --from store")
    if url.startswith("memory://"):
        raise invalid("store", "memory:// is this process's own, and empty")
    return url


async def _run(url: str, origin: str, told: Told, *, from_start: bool, once: bool) -> None:
    task = asyncio.ensure_future(_project(url, origin, told, from_start=from_start, once=once))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows: there Ctrl-C is an exception
            loop.add_signal_handler(number, told.end, task)
    try:
        await task
    except asyncio.CancelledError:
        if not told.ended:
            raise


async def _project(url: str, origin: str, told: Told, *, from_start: bool, once: bool) -> None:
    async with AsyncExitStack() as opened:
        reports = _reports(url)
        opened.push_async_callback(reports.close)
        source = await _source(origin, opened)
        await project(source, reports, once=once, from_start=from_start, progress=told.tell)


def _reports(url: str) -> Reports:
    reports: Reports = build(resolve(REPORTS, url), url, "report")
    return reports


async def _source(url: str, opened: AsyncExitStack) -> Source:
    scheme = url.partition(":")[0]
    if scheme in {point.name for point in entry_points(group=STORES)}:
        store: Any = build(resolve(STORES, url), url, "store")
        opened.push_async_callback(store.close)
        await store.check()
        return StoreLog(store)
    source: Source = build(resolve(SOURCES, url), url, "source")
    opened.push_async_callback(source.close)
    return source


class Told:
    """Signs of life on stderr: one line that is written over on a terminal, a few elsewhere."""

    def __init__(self) -> None:
        self.ended = False
        """Whether somebody has asked for the end."""
        self._terminal = sys.stderr.isatty()
        self._last = time.monotonic()
        self._progress = Progress(0, 0)

    def end(self, task: asyncio.Future[None]) -> None:
        self.ended = True
        task.cancel()

    def tell(self, progress: Progress) -> None:
        if progress == self._progress:
            return
        self._progress = progress
        now = time.monotonic()
        if now - self._last >= (BETWEEN_STROKES if self._terminal else BETWEEN_LINES):
            self._last = now
            self._write(f"\r\x1b[K{self._line}" if self._terminal else f"taskcore: {self._line}\n")

    @property
    def _line(self) -> str:
        return f"{self._progress.events} events read, {self._progress.teams} teams"

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """How far it came; nothing, where it failed before it began."""
        if self._terminal:
            self._write("\r\x1b[K")
        if kind is None or self._progress.events:
            tell(self._line)
