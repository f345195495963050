"""
The steps by which a team ends: export it, wait for 30 days, delete its files, purge it, tell who was in it.

It is hidden by the use case that deletes it, in the unit that begins the saga.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import attrs

from taskcore.caller import Caller, Outside
from taskcore.delivery.inbox import Notice, Reason
from taskcore.delivery.notices import told
from taskcore.errors import NotFound
from taskcore.events import Stamp, difference
from taskcore.exchange.exports import MOST, Exports
from taskcore.exchange.writing import Document
from taskcore.jobs.ports import GiveUp, Run
from taskcore.permissions import Actor
from taskcore.ports import Entity, Rows, Unit
from taskcore.query import unseal
from taskcore.sagas.acting import SagaKind, Step, TakenBack
from taskcore.sagas.model import Saga
from taskcore.teams.deletion import PLAN, purge_at
from taskcore.teams.model import Team
from taskcore.teams.telling import UNTOLD
from taskcore.values import Role, TeamId, UserId

ROWS_AT_ONCE = 1_000
"""How many rows a unit removes."""


def export_key(saga: Saga) -> str:
    """Where the export of a saga's team is kept: after the team as well, until the operator deletes it."""
    return f"exports/{saga.team_id}/{saga.id}.json"


class _Whole(Exports):
    """A team that is hidden, exported for whoever deleted it."""

    @property
    def _rows(self) -> Rows:
        return self._caller.store.rows()

    async def _begun(self, team: UUID | str, binding: object, cursor: str | None) -> tuple[Team, Any]:
        found = await self._rows.find(Team, id=team)
        if not found:
            raise GiveUp(f"there is no team {team} to export")
        place = unseal(await self._caller.store.secret(), binding, cursor) if cursor is not None else None
        return found[0], place


async def _export(run: Run, saga: Saga) -> Mapping[str, Any]:
    whose = Actor(saga.user_id or UserId(saga.id))
    exports, document = _Whole(Caller(whose, run.outside)), Document()
    text, cursor, pages = [], None, 0
    while True:
        page = await exports.page(_team(saga), limit=MOST, cursor=cursor)
        text.append(document.write(page.items))
        cursor, pages = page.next_cursor, pages + 1
        await run.progress(pages)
        if cursor is None:
            break
    await run.outside.blobs().put(export_key(saga), "".join([*text, document.end()]).encode())
    return {"export": export_key(saga)}


async def _drop_export(run: Run, saga: Saga) -> None:
    await run.outside.blobs().delete(export_key(saga))


async def _delete_files(run: Run, saga: Saga) -> Mapping[str, Any]:
    return {"files": await run.outside.blobs().delete_all(f"teams/{_team(saga)}/")}


async def _purge(run: Run, saga: Saga) -> Mapping[str, Any]:
    removed = 0
    while some := await run.outside.store.transact(partial(_purge_some, _team(saga))):
        removed += some
        await run.progress(removed)
    return {"purged": removed}


async def _purge_some(team_id: TeamId, unit: Unit) -> int:
    await unit.lock(team_id)
    if await unit.find(Team, id=team_id, deleted_at=None):
        raise GiveUp(f"team {team_id} is not deleted: nothing of it is purged")
    return await unit.purge(team_id, ROWS_AT_ONCE)


async def _tell(unit: Unit, saga: Saga, outside: Outside, now: datetime) -> list[Entity]:
    """Once, and of no team, since there is none."""
    name, kept = saga.data["team"]["name"], ""
    notices = []
    for each in saga.data["people"]:
        if each["role"] == Role.OWNER.value and saga.data.get("export"):
            kept = f" An export of it is kept: ask whoever runs this instance for that of deletion {saga.id}."
        text = f"The team {name} has been deleted for good, with all that was in it.{kept}"
        kept = ""
        notices.append(Notice(UserId(UUID(each["user_id"])), Reason.TEAM_DELETED, f"saga:{saga.id}", text))
    return await told(unit, notices, now, outside.ids)


async def _show_again(unit: Unit, saga: Saga, stamp: Stamp) -> TakenBack:
    found = await unit.find(Team, id=_team(saga))
    if not found or found[0].deleted_at is None:
        raise NotFound(f"there is no deleted team {saga.team_id}")
    team = attrs.evolve(found[0], deleted_at=None, version=found[0].version + 1, updated_at=stamp.now)
    changes = difference(found[0], team, UNTOLD)
    data = {**changes, "team": {"name": team.name, "key": team.key}}
    event = stamp.event("team.updated", team.id, "team", team.id, data)
    return TakenBack([team], [event])


def _team(saga: Saga) -> TeamId:
    if saga.team_id is None:
        raise GiveUp("it is of no team")
    return saga.team_id


TEAM_DELETION = SagaKind(
    PLAN,
    {
        "hide": Step(take_back=_show_again),
        "export": Step(do=_export, undo=_drop_export),
        "wait": Step(until=purge_at),
        "files": Step(do=_delete_files),
        "purge": Step(do=_purge),
        "tell": Step(within=_tell),
    },
)
