"""What a shell offers at <TAB>: looked up where the command works, in silence if it cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import click
from click.shell_completion import CompletionItem

from taskcore.errors import Forbidden
from taskcore_cli.session import Session

Complete = Callable[[click.Context, str], list[tuple[str, str]]]
"""Words to go on with, each with what it is about; of the shape that Typer asks for."""
_MOST = 50


def offered(complete: Complete) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """The same in the shape that Click asks for."""

    def items(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(word, help=about) for word, about in complete(ctx, incomplete)]

    return items


def words(known: Iterable[str]) -> Complete:
    """One of a few words that are known beforehand; behind a comma too."""
    choices = [str(word) for word in known]

    def complete(ctx: click.Context, incomplete: str) -> list[tuple[str, str]]:  # noqa: ARG001  as looked up
        head, comma, begun = incomplete.rpartition(",")
        return [(head + comma + word, "") for word in choices if word.startswith(begun)]

    return complete


def _looked_up(find: Callable[[Session, str], Iterator[tuple[str, str]]]) -> Complete:
    def complete(ctx: click.Context, incomplete: str) -> list[tuple[str, str]]:
        root = ctx.find_root().params
        session = Session()
        session.flags = {name: root[name] for name in ("store", "server", "token") if root.get(name)}
        session.acting, session.context = root.get("acting"), root.get("context")
        try:
            with session:
                return list(find(session, incomplete))
        except Exception:  # noqa: BLE001  a shell that waits for words has no place for an error
            return []

    return complete


def _teams(session: Session, begun: str) -> Iterator[tuple[str, str]]:
    for team in session.me.teams.list(limit=200).items:
        if team.key.startswith(begun.upper()):
            yield team.key, team.name


def _tasks(session: Session, begun: str) -> Iterator[tuple[str, str]]:
    """Unfinished tasks, the latest first; a key that is typed in part narrows them."""
    key, _, number = begun.upper().partition("-")
    asked: dict[str, Any] = {"team": key} if number else {}
    unfinished = "backlog,open,in_progress,in_review"
    for task in session.me.tasks.list(status=unfinished, sort="-updated_at", limit=200, **asked).items:
        if task.key.startswith(begun.upper()):
            yield task.key, task.title


def _people(session: Session, begun: str) -> Iterator[tuple[str, str]]:
    for person in islice(session.directory.everybody(), _MOST * 20):
        if person.email and person.email.startswith(begun.lower()):
            yield person.email, person.name


def _tokens(session: Session, begun: str) -> Iterator[tuple[str, str]]:
    for token in session.me.tokens.list(limit=200).items:
        if str(token.id).startswith(begun):
            yield str(token.id), f"{token.name} {token.hint}"


def _sessions(session: Session, begun: str) -> Iterator[tuple[str, str]]:
    for each in session.me.sessions.list(limit=200).items:
        if str(each.id).startswith(begun):
            yield str(each.id), each.origin or ""


def _of_teams(noun: str) -> Callable[[Session, str], Iterator[tuple[str, str]]]:
    def find(session: Session, begun: str) -> Iterator[tuple[str, str]]:
        for team in session.me.teams.list(limit=_MOST).items:
            for thing in getattr(session.me, noun).list(team.id, limit=200).items:
                if thing.name.startswith(begun):
                    yield thing.name, team.key

    return find


def _webhooks(session: Session, begun: str) -> Iterator[tuple[str, str]]:
    for team in session.me.teams.list(limit=_MOST).items:
        with suppress(Forbidden):  # of a team that one does not run
            for each in session.me.webhooks.list(team.id, limit=200).items:
                if str(each.id).startswith(begun):
                    yield str(each.id), each.url


def _escalations(session: Session, begun: str) -> Iterator[tuple[str, str]]:
    for team in session.me.teams.list(limit=_MOST).items:
        with suppress(Forbidden):  # of a team that one does not run
            for each in session.me.escalations.list(team.id, limit=200).items:
                if str(each.id).startswith(begun):
                    yield str(each.id), each.name


teams = _looked_up(_teams)
tasks = _looked_up(_tasks)
people = _looked_up(_people)
tokens = _looked_up(_tokens)
sessions = _looked_up(_sessions)
projects = _looked_up(_of_teams("projects"))
labels = _looked_up(_of_teams("labels"))
views = _looked_up(_of_teams("views"))
webhooks = _looked_up(_webhooks)
escalations = _looked_up(_escalations)
