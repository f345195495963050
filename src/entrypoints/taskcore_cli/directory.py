"""What is looked up besides use cases: ids of people, and names for ids where there are people to read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from taskcore.identity.model import User
from taskcore.tasks.model import Task
from taskcore.teams.model import Team

MOST_ALIKE = 50
"""Ids of one prefix that are looked at: some may be of tasks that the caller may not see."""


class Named(Protocol):
    """Somebody, as others see them."""

    @property
    def email(self) -> str | None: ...
    @property
    def name(self) -> str: ...


class Directory(Protocol):
    """Who and what is behind a name or an id."""

    def person(self, email: str) -> UUID:
        """The id of the person with that e-mail. Raises: NotFound."""
        ...

    def people(self, ids: Sequence[UUID]) -> Mapping[UUID, Named]:
        """Those of the people that can be known."""
        ...

    def team_keys(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """The keys of teams."""
        ...

    def task_keys(self, team_id: UUID, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        """The keys of tasks of one team."""
        ...

    def alike(self, team_id: UUID, bare: str) -> Iterator[UUID]:
        """The ids of a team's tasks that begin with these hexadecimal digits, whoever may see them."""
        ...

    def everybody(self) -> Iterator[Named]:
        """People to choose from."""
        ...


class StoreDirectory:
    """By reading the store: whoever has it may."""

    def __init__(self, core: Any, read: Any) -> None:
        self._core = core
        self._read = read

    def person(self, email: str) -> UUID:
        found: UUID = self._core.users.find(email).id
        return found

    def people(self, ids: Sequence[UUID]) -> Mapping[UUID, Named]:
        return {user.id: user for user in self._find(User, id=tuple(ids))}

    def team_keys(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        return {team.id: team.key for team in self._find(Team, id=tuple(ids))}

    def task_keys(self, team_id: UUID, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        return {task.id: task.key for task in self._find(Task, team_id=team_id, id=tuple(ids))}

    def alike(self, team_id: UUID, bare: str) -> Iterator[UUID]:
        least = int(bare.ljust(32, "0"), 16)
        after = UUID(int=least - 1) if least else None
        for each in self._find(Task, team_id=team_id, after=after, limit=MOST_ALIKE):
            if not each.id.hex.startswith(bare):
                return
            yield each.id

    def everybody(self) -> Iterator[Named]:
        yield from (user for user in self._core.users.list() if user.active)

    def _find(self, kind: type[Any], **where: Any) -> Sequence[Any]:
        found: Sequence[Any] = self._read(self._core.store.rows().find(kind, **where))
        return found
