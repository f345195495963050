"""The library's front: everything that can be done, by noun."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self
from uuid import UUID

from taskcore.caller import Caller
from taskcore.identity.api import Me, Users
from taskcore.identity.ports import PasswordHasher
from taskcore.ports import Store
from taskcore.tasks.api import Tasks
from taskcore.tasks.comments import Comments
from taskcore.tasks.dependencies import Dependencies, Followers
from taskcore.tasks.imports import Imports
from taskcore.tasks.log import Events
from taskcore.tasks.views import Views
from taskcore.teams.api import Members, Teams
from taskcore.teams.invitations import Invitations
from taskcore.teams.projects import Labels, Projects
from taskcore.values import Clock, Ids, UserId


class Acting:
    """Every use case with the rights of one user, by noun."""

    user_id: UserId

    def __init__(self, caller: Caller, new_token: Callable[[], str]) -> None:
        self.user_id = caller.user_id
        self.me = Me(caller)
        self.teams = Teams(caller)
        self.members = Members(caller)
        self.invitations = Invitations(caller, new_token)
        self.projects = Projects(caller)
        self.labels = Labels(caller)
        self.tasks = Tasks(caller)
        self.dependencies = Dependencies(caller)
        self.followers = Followers(caller)
        self.comments = Comments(caller)
        self.views = Views(caller)
        self.events = Events(caller)
        self.imports = Imports(caller)


class TaskCore:
    """
    A task engine on one store.

    `users` is the operator's, without permissions; `acting_as` gives the use cases with the rights
    of one user. Use it as an async context manager, or call `close`.
    """

    store: Store

    def __init__(
        self, *, store: Store, hasher: PasswordHasher, clock: Clock, ids: Ids, new_token: Callable[[], str]
    ) -> None:
        self.store = store
        self.users = Users(store, hasher, clock, ids)
        self._clock = clock
        self._ids = ids
        self._new_token = new_token

    def acting_as(self, user_id: UserId | UUID) -> Acting:
        """Bind the actor once; whether they may is asked by each use case, at its time."""
        return Acting(Caller(UserId(user_id), self.store, self._clock, self._ids), self._new_token)

    async def close(self) -> None:
        """Let go of the store's connections."""
        await self.store.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
