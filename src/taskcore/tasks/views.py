"""The use cases of saved views: a `TaskQuery` with a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, expect_version
from taskcore.errors import Fault, Invalid, refuse
from taskcore.events import Event, Stamp, difference
from taskcore.fields import sound
from taskcore.paging import Page, slice_page
from taskcore.permissions import missing, refused, scope
from taskcore.ports import Unit
from taskcore.query import task_query
from taskcore.tasks.model import SavedView, view_faults
from taskcore.teams.model import Membership, Team
from taskcore.values import Role, ViewId


class ViewFields(TypedDict, total=False):
    """What a caller may set on a view."""

    name: str
    query: Mapping[str, Any]
    shared: bool


class Views(UseCases):
    """`me.views`: one's own, and those that others share with the team."""

    @command
    async def create(
        self,
        unit: Unit,
        team: UUID | str,
        name: str,
        *,
        query: Mapping[str, Any] | None = None,
        shared: bool = False,
        idempotency_key: str | None = None,
    ) -> SavedView:
        """Save a query under a name. Raises: NotFound, Invalid, where the query is none."""
        home, _ = await self._allowed(unit, Team, team, "team.read", "view.manage_own")
        stamp = self._caller.stamp()
        view = SavedView(
            id=ViewId(stamp.new_id()),
            team_id=home.id,
            owner_id=self._caller.user_id,
            name=name,
            created_at=stamp.now,
            updated_at=stamp.now,
            query=_params(query or {}),
            shared=shared,
        )
        refuse(view_faults(view))
        saved: list[SavedView] = await unit.save([view], events=[_event("view.created", view, stamp)])
        return saved[0]

    async def list(
        self, team: UUID | str, *, limit: object = 50, cursor: str | None = None
    ) -> Page[SavedView]:
        """The caller's own views in a team, and the shared ones."""
        home, _ = await self._allowed(self._rows, Team, team, "team.read", "task.list")
        views = await self._rows.find(SavedView, team_id=home.id)
        visible = [view for view in views if view.shared or view.owner_id == self._caller.user_id]
        return await slice_page(self._caller, visible, limit, cursor, ["views", home.id])

    async def mine(self, *, limit: object = 50, cursor: str | None = None) -> Page[SavedView]:
        """The caller's own views, in whichever of their teams."""
        oneself = await self._oneself(self._rows, "team.list_own")
        scope(self._caller.actor, "task.list")
        memberships = await self._rows.find(Membership, user_id=oneself.id)
        only = self._caller.actor.team_id
        homes = tuple(each.team_id for each in memberships if only in (None, each.team_id))
        teams = await self._rows.find(Team, id=homes, deleted_at=None)
        ids = tuple(team.id for team in teams)
        views = await self._rows.find(SavedView, team_id=ids, owner_id=oneself.id)
        return await slice_page(self._caller, views, limit, cursor, ["own views", oneself.id])

    async def get(self, view: UUID | str) -> SavedView:
        """Read one view."""
        found, _ = await self._allowed(self._rows, SavedView, view, "task.list")
        self._refuse_private(found, view)
        return found

    @command
    async def edit(
        self,
        unit: Unit,
        view: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[ViewFields],
    ) -> SavedView:
        """Change one's own view, or, as an admin, a shared one."""
        current = await self._changeable(unit, view)
        stamp = self._caller.stamp()
        new: dict[str, Any] = dict(sound(ViewFields, fields))
        if "query" in new:
            new["query"] = _params(new["query"])
        changed = attrs.evolve(current, **new)
        refuse(view_faults(changed))
        expect_version(current, if_version)
        changes = difference(current, changed)
        if not changes:
            return current
        changed = attrs.evolve(changed, version=current.version + 1, updated_at=stamp.now)
        event = _event("view.updated", changed, stamp, **(changes if changed.shared else {}))
        saved: list[SavedView] = await unit.save([changed], events=[event])
        return saved[0]

    @command
    async def delete(
        self,
        unit: Unit,
        view: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Forget a view."""
        current = await self._changeable(unit, view)
        expect_version(current, if_version)
        await unit.save([], removed=[current], events=[_event("view.deleted", current, self._caller.stamp())])

    def _refuse_private(self, view: SavedView, ref: UUID | str) -> None:
        if not view.shared and view.owner_id != self._caller.user_id:
            raise missing(f"view {ref}")

    async def _changeable(self, unit: Unit, ref: UUID | str) -> SavedView:
        view, seen = await self._allowed(unit, SavedView, ref, "task.list", "view.manage_own")
        self._refuse_private(view, ref)
        if view.owner_id != self._caller.user_id and seen.standing.role not in (Role.OWNER, Role.ADMIN):
            message = "a shared view is changed by its owner or an admin"
            raise refused(seen.standing, "view.manage_own", message)
        return view


def _params(query: Mapping[str, Any]) -> dict[str, Any]:
    """What a view saves of `query`. Raises: Invalid, since here the query is a value like others."""
    try:
        return task_query(query).params()
    except Invalid as error:
        fault = Invalid(faults=[Fault(f"query/{fault.field}", fault.reason) for fault in error.faults])
        fault.data.update(error.data)
        raise fault from error


def _event(kind: str, view: SavedView, stamp: Stamp, **changes: Any) -> Event:
    told = {"name": view.name} if view.shared else {}
    return stamp.event(kind, view.team_id, "view", view.id, {**changes, "view": told})
