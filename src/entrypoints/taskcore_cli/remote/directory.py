"""Looking things up through a service: it tells of those whom one shares a team with, and admins of all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any
from uuid import UUID

from taskcore.errors import Forbidden, Invalid, NotFound
from taskcore.identity.model import folded_email
from taskcore.query import MAX_LIMIT
from taskcore_cli.directory import Named

MOST_LOOKED_THROUGH = 10_000
"""Tasks among which the beginning of an id is looked for: a service has no list by id."""


class ServiceDirectory:
    """By the lists that the service has."""

    def __init__(self, me: Any) -> None:
        self._me = me

    def person(self, email: str) -> UUID:
        wanted = folded_email(email)
        for user_id, person in self._known():
            if person.email == wanted or str(user_id) == email:
                return user_id
        raise NotFound(
            f"no such user {email} among those whom the service tells you of: the people of your teams"
        )

    def people(self, ids: Sequence[UUID]) -> Mapping[UUID, Named]:
        wanted, found = set(ids), dict[UUID, Named]()
        for user_id, person in self._known():
            if wanted <= found.keys():
                break
            if user_id in wanted:
                found[user_id] = person
        return found

    def team_keys(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        return {each: found.key for each in ids if (found := _or_none(self._me.teams.get, each))}

    def task_keys(self, team_id: UUID, ids: Sequence[UUID]) -> Mapping[UUID, str]:  # noqa: ARG002  the port's
        return {each: found.key for each in ids if (found := _or_none(self._me.tasks.get, each))}

    def alike(self, team_id: UUID, bare: str) -> Iterator[UUID]:
        looked_through = 0
        for deleted in (False, True):
            for task in _every(self._me.tasks.list, team=team_id, deleted=deleted, sort="-created_at"):
                looked_through += 1
                if looked_through > MOST_LOOKED_THROUGH:
                    raise Invalid(
                        f"{bare}: there are too many tasks to look for it: give the key or the whole id"
                    )
                if task.id.hex.startswith(bare):
                    yield task.id

    def everybody(self) -> Iterator[Named]:
        return (person for _, person in self._known())

    @cached_property
    def _oneself(self) -> Any:
        return self._me.me.get()

    def _known(self) -> Iterator[tuple[UUID, Any]]:
        """Each of those whose address is told, once."""
        seen: set[UUID] = set()
        for user_id, person in self._told():
            if user_id not in seen and person.email is not None:
                seen.add(user_id)
                yield user_id, person

    def _told(self) -> Iterator[tuple[UUID, Any]]:
        """Oneself, the people of one's teams and, for an instance admin, everybody."""
        yield self._oneself.id, self._oneself
        for team in _every(self._me.teams.list):
            with suppress(Forbidden, NotFound):  # of what a token is not good for
                for member in _every(self._me.members.list, team.id):
                    yield member.user_id, member
        if self._oneself.is_admin:
            with suppress(Forbidden):
                for user in _every(self._me.instance.users):
                    yield user.id, user


def _every(ask: Callable[..., Any], *args: Any, **kwargs: Any) -> Iterator[Any]:
    page = ask(*args, limit=MAX_LIMIT, **kwargs)
    yield from page.items
    while page.next_cursor is not None:
        page = ask(*args, limit=MAX_LIMIT, cursor=page.next_cursor, **kwargs)
        yield from page.items


def _or_none(ask: Callable[[UUID], Any], ref: UUID) -> Any:
    try:
        return ask(ref)
    except (NotFound, Forbidden):
        return None
