"""`taskcore export`: a team's whole work as one JSON document, or its tasks, an object a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TextIO
from uuid import UUID

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
AT_ONCE = 5000
"""Comments in one question to the store."""


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
    """
    Write a team's whole work as one JSON document; for its owners and admins.

    It holds its tasks, their comments and dependencies, its projects and labels. That it was
    written stands in the team's audit. With --ndjson: the tasks alone, an object a line.
    """
    session: Session = ctx.obj
    home = session.me.teams.export(names.team(session, team))
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
    """Thing by thing, so that a hundred thousand tasks need no memory but for their ids."""
    head = {
        "taskcore_export": VERSION,
        "team": plain(home),
        "projects": plain(list(names.every(session.me.projects.list, home.id))),
        "labels": plain(list(names.every(session.me.labels.list, home.id))),
    }
    out.write(json.dumps(head)[:-1])
    written: set[UUID] = set()
    _write_list(out, "tasks", _noted(tasks, written))
    _write_list(out, "comments", _comments(session, home.id, written))
    _write_list(out, "dependencies", _dependencies(session, home.id, written))
    out.write("}\n")


def _write_list(out: TextIO, name: str, things: Iterable[Any]) -> None:
    out.write(f', "{name}": [')
    out.writelines(
        ("\n" if number == 0 else ",\n") + json.dumps(plain(thing)) for number, thing in enumerate(things)
    )
    out.write("\n]")


def _noted(tasks: Iterable[Any], written: set[UUID]) -> Iterator[Any]:
    for task in tasks:
        written.add(task.id)
        yield task


def _comments(session: Session, team_id: UUID, tasks: Container[UUID]) -> Iterator[Any]:
    """What was said about `tasks`, which the caller sees; asked of the store at once, since one by one a
    hundred thousand tasks would take minutes."""
    from taskcore.tasks.model import Comment  # noqa: PLC0415  `--help` needs no core

    rows, after = session.core.store.rows(), None
    while found := session.read(rows.find(Comment, team_id=team_id, after=after, limit=AT_ONCE)):
        yield from (each for each in found if each.deleted_at is None and each.task_id in tasks)
        after = found[-1].id


def _dependencies(session: Session, team_id: UUID, tasks: Container[UUID]) -> Iterator[Any]:
    """What ties two of `tasks` together."""
    from taskcore.tasks.model import Dependency  # noqa: PLC0415  as above

    found = session.read(session.core.store.rows().find(Dependency, team_id=team_id))
    return (link for link in found if link.predecessor_id in tasks and link.successor_id in tasks)


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
