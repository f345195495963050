"""The use cases of whoever runs the instance, and of security's record. None looks into a team's content."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict, TypeVar, Unpack
from uuid import UUID

import attrs

from taskcore.caller import Caller, UseCases, command, command_across_teams, expect_version
from taskcore.errors import Conflict
from taskcore.fields import sound
from taskcore.identity import accounts
from taskcore.identity.model import AuditEntry, User
from taskcore.paging import Page, entity_page
from taskcore.permissions import missing
from taskcore.ports import Rows, Unit
from taskcore.teams.model import Membership, Team
from taskcore.values import Role, TeamId

T = TypeVar("T")


class AccountFields(TypedDict, total=False):
    """What an instance admin may change of an account."""

    disabled: bool
    is_admin: bool


@attrs.frozen(slots=True)
class TeamSummary:
    """What whoever runs the instance may know of a team."""

    id: TeamId
    name: str
    slug: str
    key: str
    created_at: datetime
    suspended_at: datetime | None
    deleted_at: datetime | None
    members: int
    owners: int
    version: int


class Instance(UseCases):
    """`me.instance`: for instance admins."""

    async def users(self, *, limit: object = 50, cursor: str | None = None) -> Page[User]:
        """Everybody on this instance, the eldest first."""
        await self._oneself(self._rows, "instance.user_list")
        return await entity_page(self._caller, User, limit, cursor, rows=self._whole)

    async def get_user(self, user: UUID | str) -> User:
        """One account. Raises: NotFound."""
        await self._oneself(self._rows, "instance.user_list")
        return await _user(self._whole, user)

    @command_across_teams
    async def edit_user(
        self,
        unit: Unit,
        user: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[AccountFields],
    ) -> User:
        """
        Shut or open an account, let somebody run the instance or no longer.

        Raises: NotFound; Invalid; PreconditionFailed; Conflict `own_account`, `last_admin`,
        `last_owner`, `account_deleted`.
        """
        oneself = await self._oneself(unit, "instance.user_suspend")
        current = await _user(unit, user)
        wanted = sound(AccountFields, fields)
        expect_version(current, if_version)
        is_admin = wanted.get("is_admin", current.is_admin)
        disable = wanted.get("disabled", not current.active)
        if is_admin == current.is_admin and disable == (not current.active):
            return current
        if current.id == oneself.id:
            raise Conflict("nobody shuts or demotes themselves: ask another admin", code="own_account")
        accounts.refuse_deleted(current)
        stamp = self._caller.stamp()
        changed: list[Any] = [current]
        if disable and current.active:
            changed = await accounts.disabled(unit, current, stamp.now)
        elif current.is_admin and not is_admin:
            await accounts.refuse_last_admin(unit, current)
        changed[0] = attrs.evolve(
            changed[0],
            is_admin=is_admin,
            disabled_at=changed[0].disabled_at if disable else None,
            version=current.version + 1,
        )
        entry = stamp.audit("instance.user_suspend", "user", current.id, data=wanted)
        saved: list[Any] = await unit.save([*changed, entry])
        return saved[0]  # type: ignore[no-any-return]

    @command_across_teams
    async def log_out(self, unit: Unit, user: UUID | str, *, idempotency_key: str | None = None) -> None:
        """End every session of a user, from the next request on. Raises: NotFound."""
        await self._oneself(unit, "instance.user_force_logout")
        current = await _user(unit, user)
        stamp = self._caller.stamp()
        ended = await accounts.ended_sessions(unit, current.id, stamp.now)
        await unit.save([*ended, stamp.audit("instance.user_force_logout", "user", current.id)])

    async def teams(self, *, limit: object = 50, cursor: str | None = None) -> Page[TeamSummary]:
        """Every team, deleted ones too: what it is called, and how many are in it."""
        await self._oneself(self._rows, "instance.team_list")
        page = await entity_page(self._caller, Team, limit, cursor, rows=self._whole)
        ids = tuple(team.id for team in page.items)
        memberships = await self._whole.find(Membership, team_id=ids) if ids else []
        return Page([_summary(team, memberships) for team in page.items], page.next_cursor)

    async def audit(self, *, limit: object = 50, cursor: str | None = None) -> Page[AuditEntry]:
        """The instance's own audit, the newest first; no team's."""
        await self._oneself(self._rows, "instance.audit_read")
        return await _audit_page(self._caller, limit, cursor, self._whole, None)

    @property
    def _whole(self) -> Rows:
        return self._caller.store.rows()


class Audit(UseCases):
    """`me.audit`: what was done, and refused, in a team."""

    async def list(
        self, team: UUID | str, *, limit: object = 50, cursor: str | None = None
    ) -> Page[AuditEntry]:
        """A team's audit, the newest first."""
        home, _ = await self._allowed(self._rows, Team, team, "team.read", "audit_log.read")
        return await _audit_page(self._caller, limit, cursor, self._rows, home.id)

    async def export(
        self, team: UUID | str, *, limit: object = 50, cursor: str | None = None
    ) -> Page[AuditEntry]:
        """A team's audit to be taken away, the eldest first; for owners. That it was begun is entered there."""
        home = await self._exported(team, begins=cursor is None)
        return await entity_page(self._caller, AuditEntry, limit, cursor, team_id=home.id)

    @command
    async def _exported(self, unit: Unit, team: UUID | str, *, begins: bool) -> Team:
        home, _ = await self._allowed(unit, Team, team, "team.read", "audit_log.export")
        if begins:
            await unit.save(
                [self._caller.stamp().audit("audit_log.export", "team", home.id, team_id=home.id)]
            )
        return home


async def _audit_page(
    caller: Caller, limit: object, cursor: str | None, rows: Rows, team_id: TeamId | None
) -> Page[AuditEntry]:
    return await entity_page(caller, AuditEntry, limit, cursor, rows=rows, newest_first=True, team_id=team_id)


async def _user(reader: Rows | Unit, user: UUID | str) -> User:
    try:
        found = await reader.find(User, id=user if isinstance(user, UUID) else UUID(user))
    except (ValueError, TypeError, AttributeError):
        found = []
    if not found:
        raise missing(f"user {user}")
    return found[0]


def _summary(team: Team, memberships: list[Membership]) -> TeamSummary:
    own = [each for each in memberships if each.team_id == team.id]
    return TeamSummary(
        id=team.id,
        name=team.name,
        slug=team.slug,
        key=team.key,
        created_at=team.created_at,
        suspended_at=team.suspended_at,
        deleted_at=team.deleted_at,
        members=len(own),
        owners=sum(each.role is Role.OWNER for each in own),
        version=team.version,
    )
