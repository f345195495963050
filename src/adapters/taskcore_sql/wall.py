"""
In whose name a transaction runs: PostgreSQL's own wall around each team, behind ours (docs/adr/0016).

Every transaction takes a role that row-level security holds, and says who acts, in the round trip that
begins it. Both end with it, whatever becomes of the connection; where they are missing nothing is seen.
"""

from __future__ import annotations

from types import TracebackType
from typing import Generic, Protocol, TypeVar

from taskcore.errors import Unavailable
from taskcore.permissions import Actor
from taskcore_sql.pool import Pool, Poolable

APP_ROLE = "taskcore_app"


class Transactional(Poolable, Protocol):
    """What a transaction needs of its connection."""

    async def run(self, statements: str) -> str:
        """Statements without parameters or rows, after those that were left; one round trip. What the last did."""

    def leave(self, statement: str) -> None:
        """Leave a statement to be run by whoever uses the connection next."""


C = TypeVar("C", bound=Transactional)


class Transaction(Generic[C]):
    """A connection of the pool in a transaction, which is committed on a clean exit, else rolled back."""

    __slots__ = ("_begin", "_connection", "_pool")

    def __init__(self, pool: Pool[C], begin: str) -> None:
        self._pool = pool
        self._begin = begin

    async def __aenter__(self) -> C:
        connection = self._connection = await self._pool.take()
        try:
            await connection.run(self._begin)
        except BaseException:
            self._pool.give(connection, interrupted=True)
            raise
        return connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        interrupted = True
        try:
            if kind is None:
                await self._commit()
                interrupted = False
            elif issubclass(kind, Exception):
                interrupted = not await self._rolled_back()
        finally:
            self._pool.give(self._connection, interrupted=interrupted)

    async def _commit(self) -> None:
        if await self._connection.run("COMMIT") != "COMMIT":
            raise Unavailable("PostgreSQL had given the transaction up before it was to be committed")

    async def _rolled_back(self) -> bool:
        try:
            await self._connection.run("ROLLBACK")
        except Unavailable:
            return False
        return True


class Reading(Transaction[C]):
    """The same for reads alone: on its end nothing hangs, so nobody waits for it, and no cancellation meets it."""

    __slots__ = ()

    async def _commit(self) -> None:
        self._connection.leave("COMMIT")


def in_name_of(actor: Actor | None) -> str:
    """What says who acts, for as long as the transaction lasts: None is the instance itself."""
    if actor is None:
        return "SET LOCAL taskcore.scope = 'instance'"
    return f"SET LOCAL taskcore.user_id = '{actor.user_id.int:032x}'"


WHAT_HOLDS = f"""SELECT
  pg_has_role(oid, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END),
  (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user),
  has_table_privilege('memberships', 'SELECT'), current_user
FROM pg_roles WHERE rolname = '{APP_ROLE}'"""  # noqa: S608  a name of ours
"""Whether this user may take the app's role, whether no wall holds them as they are, and whether they have its rights."""


def entering(user: str, *, rls: bool, may_take: bool, unheld: bool, may_read: bool) -> str:
    """The words by which this user comes behind the wall; none for one who is there as they are, or to whom
    there shall be none.

    Raises: Unavailable, where the user is on the wrong side of it and cannot come over.
    """
    if rls and may_take:
        return f"SET LOCAL ROLE {APP_ROLE}; "
    if rls and (unheld or not may_read):
        why = "does not hold" if unheld else "shows nothing to"
        raise Unavailable(
            f'row-level security {why} the role "{user}": let a superuser run `GRANT {APP_ROLE} TO "{user}"`'
            + (", or open the store with `rls=off`" if unheld else "")
        )
    if not rls and not unheld:
        raise Unavailable(
            f'row-level security holds the role "{user}", which sees nothing without it: leave `rls` on,'
            f' or let a superuser run `ALTER ROLE "{user}" BYPASSRLS`'
        )
    return ""
