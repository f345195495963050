"""`taskcore import`: a team's export, or tasks from elsewhere, chunk by chunk, so that an interruption loses none."""

from __future__ import annotations

import gc
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Self

import typer

from taskcore.errors import Invalid, invalid
from taskcore_cli import names
from taskcore_cli.completion import teams, words
from taskcore_cli.failures import INTERRUPTED, PARTLY, USAGE
from taskcore_cli.render import show_all, show_one
from taskcore_cli.session import Mode, Session
from taskcore_cli.terminal import tell

FORMATS = ("json", "ndjson", "csv", "todoist", "trello", "jira", "taskwarrior")
BETWEEN_LINES, BETWEEN_STROKES = 5.0, 0.1
"""Seconds between two signs of progress: in a log, and on a terminal."""
COLUMNS = {
    name: lambda report, name=name: getattr(report, name)
    for name in (
        "read",
        "created",
        "known",
        "comments",
        "dependencies",
        "labels",
        "projects",
        "people",
        "views",
        "events",
    )
} | {"refused": lambda report: len(report.refused)}
OUTCOME = {name: attrgetter(name) for name in ("line", "outcome", "what", "reason")}
COUNTS = {
    "created": "task",
    "comments": "comment",
    "dependencies": "dependency",
    "labels": "label",
    "projects": "project",
    "people": "user",
    "views": "saved view",
}
"""What a dry run says would be created, by the report's name of it."""


def bring(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="What the other program wrote; - reads stdin.")],
    form: Annotated[
        str,
        typer.Option(
            "--format", metavar="FORMAT", help=", ".join(FORMATS) + ".", autocompletion=words(FORMATS)
        ),
    ] = "taskwarrior",
    team: Annotated[
        str | None,
        typer.Option(
            metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
        ),
    ] = None,
) -> int:
    """
    Bring in a team's export (json, ndjson), or tasks from a table or another program.

    What came in before is known again and left as it is, so a second run goes on where the first
    was stopped. Lines that are refused are told on stderr, each with its reason. With --dry-run: what
    would become of each line.
    """
    session: Session = ctx.obj
    if form not in FORMATS:
        raise invalid("format", f"must be one of {', '.join(FORMATS)}, not {form!r}")
    home = names.team(session, team)
    with _opened(file) as opened, Progress() as progress, Stop() as stop:
        report = _run(session, home, form, opened, progress, stop)
    session.would += Counter({f"{thing} created": getattr(report, count) for count, thing in COUNTS.items()})
    if session.dry_run and session.mode is None:
        show_all(session, report.outcomes, OUTCOME)
    if session.mode is not Mode.QUIET:
        show_one(session, report, COLUMNS)
    if stop.early:
        tell(f"interrupted: {_sum(report)}; run it again to go on")
        return INTERRUPTED
    if not report.refused:
        return 0
    return PARTLY if any(getattr(report, each) for each in ("known", *COUNTS, "events")) else USAGE


def _run(session: Session, home: str, form: str, file: BinaryIO, progress: Progress, stop: Stop) -> Any:
    """The report; of the chunks that are in, if a second Ctrl-C would not wait."""
    from taskcore.exchange.files import format_called  # noqa: PLC0415  a task list needs neither
    from taskcore.tasks.imports import ImportReport  # noqa: PLC0415

    gc.enable()  # this may go on for long
    progress.report, wanted = ImportReport(), format_called(form)
    if session.place is not None:
        from taskcore_cli.remote.exchange import imported  # noqa: PLC0415  a store needs no client

        progress.tell(imported(session.door, home, form, file, dry_run=session.dry_run))
        return progress.report
    take = getattr(session.me, wanted.takes).run
    try:
        items = stop.until(wanted.read(file))
        return take(home, items, progress=progress.tell, dry_run=session.dry_run)
    except KeyboardInterrupt:
        stop.early = True
        return progress.report


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == names.STDIN:
        yield sys.stdin.buffer
        return
    try:
        opened = Path(file).open("rb")  # noqa: SIM115  closed below, once it is known that it opened
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}") from error
    with opened:
        yield opened


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, while we wait for more to read."""


class Stop:
    """Ctrl-C as a wish to read no further: what was read still goes in. The second one is an order."""

    def __init__(self) -> None:
        self.early = False
        """Whether anything was left unread."""
        self._asked = False
        self._reading = False
        self._before: Any = None

    def until(self, items: Iterable[Any]) -> Iterator[Any]:
        """`items`, up to the wish."""
        iterator = iter(items)
        while not self._asked:
            try:
                self._reading = True
                item = next(iterator)
            except StopIteration:
                return
            except Interrupted:
                break
            finally:
                self._reading = False
            yield item
        self.early = True

    def _ask(self, *_: object) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        if self._reading:
            raise Interrupted

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)


def _sum(report: Any) -> str:
    return f"{report.created} created, {report.known} known already, {len(report.refused)} refused"


class Progress:
    """Signs of life on stderr: one line that is written over on a terminal, a few elsewhere."""

    def __init__(self) -> None:
        self.report: Any = None
        self._terminal = sys.stderr.isatty()
        self._told = 0
        self._last = time.monotonic()

    def tell(self, report: Any) -> None:
        self.report = report
        self._refusals()
        now = time.monotonic()
        if now - self._last < (BETWEEN_STROKES if self._terminal else BETWEEN_LINES):
            return
        self._last = now
        line = f"{report.read} read: {_sum(report)}, {report.dependencies} dependencies"
        if self._terminal:
            sys.stderr.write(f"\r\x1b[K{line}")
        else:
            sys.stderr.write(f"taskcore: {line}\n")
        sys.stderr.flush()

    def _refusals(self) -> None:
        for refusal in self.report.refused[self._told :]:
            self._clear()
            tell(f"line {refusal.line}: {refusal.reason}")
        self._told = len(self.report.refused)

    def _clear(self) -> None:
        if self._terminal:
            sys.stderr.write("\r\x1b[K")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()
