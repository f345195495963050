"""From what people type to what use cases take: tasks by key or prefix, people by e-mail, projects by name."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from taskcore.errors import Invalid, NotFound, TaskCoreError, invalid
from taskcore.query import MAX_LIMIT
from taskcore.tasks.model import Task
from taskcore_cli.failures import ERROR, PARTLY, exit_code
from taskcore_cli.session import Session
from taskcore_cli.terminal import tell

W = TypeVar("W", bound=StrEnum)
NONE = "none"
STDIN = "-"
_KEY = re.compile(r"[A-Za-z]{2,10}-[0-9]+")
_PREFIX = re.compile(r"[0-9a-f]{4,32}")


def spoken(refs: Iterable[str]) -> Iterator[str]:
    """The references, with those on standard input where one is `-`: the first word of each line."""
    for ref in refs:
        if ref == STDIN:
            yield from (line.split()[0] for line in sys.stdin if line.strip())
        else:
            yield ref


def task(session: Session, ref: str) -> str:
    """The key or id that `ref` means: a key, an id, or the beginning of one id alone. Raises: NotFound,
    Invalid."""
    bare = ref.lower().replace("-", "")
    if _KEY.fullmatch(ref):
        return ref.upper()
    if len(bare) == len(UUID(int=0).hex) or not _PREFIX.fullmatch(bare):
        return ref
    alike = [found for home in _teams(session) for found in _alike(session, home.id, bare)]
    if not alike:
        raise NotFound(f"no such task {ref}")
    if len(alike) > 1:
        raise Invalid(
            f"{ref} is the beginning of several ids: {', '.join(sorted(each.key for each in alike))}"
        )
    return str(alike[0].id)


def _alike(session: Session, team_id: UUID, bare: str) -> Iterator[Task]:
    """The tasks of a team that the caller sees and whose id begins so."""
    for each in session.directory.alike(team_id, bare):
        with suppress(NotFound):
            yield session.me.tasks.get(each, deleted=True)


def each_task(session: Session, refs: Iterable[str], act: Callable[[str], Any]) -> tuple[list[Any], int]:
    """As `each`, of tasks."""
    return each(refs, lambda ref: act(task(session, ref)))


def each(refs: Iterable[str], act: Callable[[str], Any]) -> tuple[list[Any], int]:
    """
    What `act` gives for each thing that is meant, and the exit code.

    One that is refused is told of, and the rest goes on.
    """
    done: list[Any] = []
    codes: list[int] = []
    for ref in spoken(refs):
        try:
            done.append(act(ref))
        except TaskCoreError as error:
            tell(error.message if ref in error.message else f"{ref}: {error.message}")
            codes.append(exit_code(error))
    if not codes:
        return done, 0
    return done, PARTLY if done else codes[0] if len(set(codes)) == 1 else ERROR


def person(session: Session, name: str) -> UUID:
    """The id of the person with that e-mail; `me` is whoever acts. Raises: NotFound."""
    if name == "me":
        return session.me.user_id  # type: ignore[no-any-return]
    return session.directory.person(name)


def person_or_none(session: Session, name: str) -> UUID | None:
    return None if name == NONE else person(session, name)


def team(session: Session, name: str | None) -> str:
    """The team that is meant; where none is named, the only one of whoever acts. Raises: Invalid."""
    if name is not None:
        return name
    teams = list(_teams(session))
    if len(teams) == 1:
        return str(teams[0].key)
    known = f": {', '.join(home.key for home in teams)}" if teams else "; you are in none"
    raise Invalid(f"say which team with --team{known}")


def only_team(session: Session) -> str | None:
    """The team of whoever is in one alone."""
    teams = session.me.teams.list(limit=2).items
    return str(teams[0].id) if len(teams) == 1 else None


def _teams(session: Session) -> Iterator[Any]:
    yield from every(session.me.teams.list)


def every(ask: Callable[..., Any], *args: Any) -> Iterator[Any]:
    """All of a list that comes in pages."""
    page = ask(*args, limit=MAX_LIMIT)
    yield from page.items
    while page.next_cursor is not None:
        page = ask(*args, limit=MAX_LIMIT, cursor=page.next_cursor)
        yield from page.items


def project(session: Session, name: str, teams: Iterable[str] = ()) -> UUID | None:
    """The id of the project with that name in one of `teams` (or of all the caller's); `none` is none.

    Raises: NotFound; Invalid, where several have the name.
    """
    if name == NONE:
        return None
    try:
        return UUID(name)
    except ValueError:
        homes = list(teams) or [home.key for home in _teams(session)]
    named = [each for home in homes for each in every(session.me.projects.list, home) if each.name == name]
    if not named:
        raise NotFound(f"no such project {name}")
    if len(named) > 1:
        raise invalid("project", f"{len(named)} projects are called {name}: give the id")
    return named[0].id  # type: ignore[no-any-return]


def view(session: Session, name: str, home: str | None = None) -> Any:
    """The saved query with that name or id, in the team `home` (or in all the caller's).

    Raises: NotFound; Invalid, where several have the name.
    """
    try:
        return session.me.views.get(UUID(name))
    except ValueError:
        homes = [home] if home else [each.key for each in _teams(session)]
    named = [each for home in homes for each in every(session.me.views.list, home) if each.name == name]
    if not named:
        raise NotFound(f"no such view {name}")
    if len(named) > 1:
        raise invalid("view", f"{len(named)} views are called {name}: give the id")
    return named[0]


def label(session: Session, home: str, name: str) -> UUID:
    """The id of a team's label. Raises: NotFound."""
    for each in every(session.me.labels.list, home):
        if name in (each.name, str(each.id)):
            return each.id  # type: ignore[no-any-return]
    raise NotFound(f"no such label {name}")


def one_of(option: str, kind: type[W], text: str) -> W:
    """The word of `kind` that `text` is. Raises: Invalid, which lists them."""
    if text not in list(kind):
        raise invalid(option, f"must be one of {', '.join(kind)}, not {text!r}")
    return kind(text)
