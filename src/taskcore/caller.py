"""
Whoever acts: what a use case needs besides its arguments, and the shape all commands share.

A command is written as a method that takes the unit of work first; `@command` gives it one, so
that callers never see it, and hands the whole to the store, which commits or undoes it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import update_wrapper
from inspect import Signature, signature
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

import attrs

from taskcore.errors import PreconditionFailed, invalid
from taskcore.events import Stamp
from taskcore.identity.model import User
from taskcore.permissions import missing, require, signed_out
from taskcore.ports import E, Rows, Seen, Store, Unit
from taskcore.values import Clock, Ids, UserId

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="UseCases")


@attrs.frozen(slots=True)
class Caller:
    """The user who acts, and what the core needs from outside."""

    user_id: UserId
    store: Store
    clock: Clock
    ids: Ids

    def stamp(self) -> Stamp:
        return Stamp(self.user_id, self.clock(), self.ids)


class UseCases:
    """Use cases of one noun, with the rights of one caller."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    @property
    def _rows(self) -> Rows:
        return self._caller.store.rows

    async def _oneself(self, reader: Rows | Unit) -> User:
        """The caller's own account. Raises: Unauthenticated, if it is disabled or gone."""
        users = await reader.find(User, id=self._caller.user_id)
        if not users or not users[0].active:
            raise signed_out()
        return users[0]

    async def _allowed(
        self, reader: Rows | Unit, kind: type[E], ref: UUID | str, read: str, *actions: str
    ) -> tuple[E, Seen[E]]:
        """
        The thing, once the caller may `read` it (else it is not there) and do every one of `actions`.

        The first of the four steps of each use case. Raises: Unauthenticated, NotFound, Forbidden.
        """
        if not isinstance(ref, UUID | str):
            raise invalid(kind.__name__.lower(), f"must be named by a text or an id, not {ref!r:.80}")
        seen = await reader.see(kind, ref, self._caller.user_id)
        what = f"{NOUNS.get(kind.__name__, kind.__name__.lower())} {ref}"
        if not seen.standing.active:
            raise signed_out()
        if seen.thing is None:
            raise missing(what)
        for action in (read, *actions):
            require(seen.standing, action, what, shared=seen.shared)
        return seen.thing, seen


NOUNS = {"SavedView": "view"}


def command(
    method: Callable[Concatenate[S, Unit, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]:
    """Make a command of a method whose first argument is the unit of work."""

    async def run(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        async def work(unit: Unit) -> R:
            return await method(self, unit, *args, **kwargs)

        return await self._caller.store.transact(work)

    update_wrapper(run, method)
    vars(run)["__signature__"] = _seen_by_callers(method)
    return run


def _seen_by_callers(method: Callable[..., Any]) -> Signature:
    """The method's signature without the unit of work, as help() and editors should show it."""
    whole = signature(method)
    oneself, _, *arguments = whole.parameters.values()
    return whole.replace(parameters=[oneself, *arguments])


def stale_version(thing: Any, if_version: int | None) -> PreconditionFailed | None:
    """The failed precondition, if the caller names a version which is not the thing's."""
    if if_version is None or if_version == thing.version:
        return None
    return PreconditionFailed(
        f"it is at version {thing.version}, not {if_version}: read it again", version=thing.version
    )


def expect_version(thing: Any, if_version: int | None) -> None:
    """Raise `PreconditionFailed` unless the thing is at the version the caller has seen."""
    stale = stale_version(thing, if_version)
    if stale is not None:
        raise stale
