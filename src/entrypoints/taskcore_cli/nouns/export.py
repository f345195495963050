"""`taskcore export`: a team's tasks as one JSON document, or an object a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from taskcore.errors import Invalid
from taskcore.events import plain
from taskcore.query import MAX_LIMIT
from taskcore_cli import names
from taskcore_cli.completion import teams
from taskcore_cli.grammar import Verb, single
from taskcore_cli.session import Mode, Session

app = single()
VERSION = 1


@app.command(cls=Verb)
def export(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="Where to; stdout if not given.")
    ] = names.STDIN,
    team: Annotated[
        str | None,
        typer.Option(
            metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
        ),
    ] = None,
    deleted: Annotated[bool, typer.Option("--deleted/--no-deleted", help="Those in the trash too.")] = True,
) -> None:
    """Write all of a team's tasks as one JSON document, or with --ndjson an object a line."""
    session: Session = ctx.obj
    home = session.me.teams.get(names.team(session, team))
    tasks = _tasks(session, str(home.id), deleted=deleted)
    with _opened(file) as out:
        if session.mode is Mode.NDJSON:
            out.writelines(json.dumps(plain(task)) + "\n" for task in tasks)
        else:
            _write_document(session, out, home, tasks)


def _tasks(session: Session, team: str, *, deleted: bool) -> Iterator[Any]:
    for trash in (False, True) if deleted else (False,):
        asked = {"team": team, "deleted": trash, "sort": "number", "limit": MAX_LIMIT}
        page = session.me.tasks.list(**asked)
        yield from page.items
        while page.next_cursor is not None:
            page = session.me.tasks.list(**asked, cursor=page.next_cursor)
            yield from page.items


def _write_document(session: Session, out: TextIO, home: Any, tasks: Iterator[Any]) -> None:
    """Task by task, so that a hundred thousand need no memory."""
    head = {
        "taskcore_export": VERSION,
        "team": plain(home),
        "projects": plain(list(names.every(session.me.projects.list, home.id))),
        "labels": plain(list(names.every(session.me.labels.list, home.id))),
    }
    out.write(json.dumps(head)[:-1] + ', "tasks": [')
    out.writelines(
        ("\n" if number == 0 else ",\n") + json.dumps(plain(task)) for number, task in enumerate(tasks)
    )
    out.write("\n]}\n")


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    if file == names.STDIN:
        yield sys.stdout
        return
    try:
        opened = Path(file).open("w", encoding="utf-8")  # noqa: SIM115  closed below, once it is known that it opened
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}") from error
    with opened:
        yield opened
