"""`taskcore export`: a team's whole work as one JSON document or an object a line, or its tasks as a table."""

from __future__ import annotations

import gc
import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Self, TextIO

import typer

from taskcore.errors import Invalid, invalid
from taskcore_cli import names
from taskcore_cli.completion import teams, words
from taskcore_cli.grammar import Verb, single
from taskcore_cli.session import Mode, Session
from taskcore_cli.terminal import tell

app = single()
FORMATS = ("json", "ndjson", "csv")
BETWEEN_LINES, BETWEEN_STROKES = 5.0, 0.1
"""Seconds between two signs of progress: in a log, and on a terminal."""


@app.command(cls=Verb)
def export(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="Where to; stdout if not given.")
    ] = names.STDIN,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORMAT", help=", ".join(FORMATS) + ".", autocompletion=words(FORMATS)
        ),
    ] = None,
    team: Annotated[
        str | None,
        typer.Option(
            metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
        ),
    ] = None,
    deleted: Annotated[
        bool | None,
        typer.Option("--deleted/--no-deleted", help="Those in the trash too; csv: only if asked."),
    ] = None,
    events: Annotated[bool, typer.Option("--events/--no-events", help="The team's log too.")] = True,
) -> None:
    """
    Write a team's whole work; for its owners and admins.

    JSON, and NDJSON with an object a line, hold all of it and can be imported again: people, projects,
    labels, tasks, dependencies, comments, views and the log. CSV holds the tasks, a row each. That it was
    written stands in the team's audit.
    """
    session: Session = ctx.obj
    wanted = form or (session.mode.value if session.mode in (Mode.NDJSON, Mode.CSV) else "json")
    if wanted not in FORMATS:
        raise invalid("format", f"must be one of {', '.join(FORMATS)}, not {wanted!r}")
    home = names.team(session, team)
    if session.place is not None:
        _write_elsewhere(session, home, wanted, file, {"deleted": deleted, "events": events})
        return
    exports = session.me.exports
    if wanted == "csv":
        pages = _pages(exports.rows, home, {"deleted": bool(deleted)})
    else:
        pages = _pages(exports.page, home, {"deleted": deleted is not False, "events": events})
    first = next(pages)  # refused, if it is, before a file is touched
    with _opened(file) as out, Progress() as progress:
        _write(out, wanted, first, pages, progress)


def _write_elsewhere(
    session: Session, home: str, form: str, file: str, flags: dict[str, bool | None]
) -> None:
    """The service writes, and this takes it down."""
    from taskcore_cli.remote.exchange import exported  # noqa: PLC0415  a store needs no client

    deleted = flags["deleted"] if flags["deleted"] is not None else form != "csv"
    pieces = exported(session.door, home, form, deleted=deleted, events=bool(flags["events"]))
    first = next(pieces)  # as above
    with _opened(file) as out:
        out.write(first)
        out.writelines(pieces)


def _pages(ask: Callable[..., Any], home: str, fields: dict[str, Any]) -> Iterator[list[Any]]:
    page = ask(home, **fields)
    yield page.items
    while page.next_cursor is not None:
        page = ask(home, cursor=page.next_cursor, **fields)
        yield page.items


def _write(out: TextIO, form: str, first: list[Any], pages: Iterator[list[Any]], progress: Progress) -> None:
    """Page by page, so that a hundred thousand tasks need no more memory than a thousand."""
    from taskcore.exchange.writing import WRITERS  # noqa: PLC0415  `--help` needs no core

    gc.enable()  # this may go on for long
    writer = WRITERS[form]()
    out.write(writer.write(first))
    for items in pages:
        out.write(writer.write(items))
        progress.tell(len(items))
    out.write(writer.end())


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    if file == names.STDIN:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="")  # what it is read as, wherever it goes
        yield sys.stdout
        return
    try:
        opened = Path(file).open("w", encoding="utf-8", newline="")  # noqa: SIM115  closed below, once it is known that it opened
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}") from error
    with opened:
        yield opened


class Progress:
    """Signs of life on stderr: one line that is written over on a terminal, a few elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._written = 0
        self._last = time.monotonic()

    def tell(self, more: int) -> None:
        self._written += more
        now = time.monotonic()
        if now - self._last < (BETWEEN_STROKES if self._terminal else BETWEEN_LINES):
            return
        self._last = now
        if self._terminal:
            sys.stderr.write(f"\r\x1b[K{self._written} written")
            sys.stderr.flush()
        else:
            tell(f"{self._written} written")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
