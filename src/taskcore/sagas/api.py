"""The use cases of sagas: how far they have come, of one's own and of all; to go on, and to be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from taskcore.caller import Outside, UseCases, command_across_teams, refusals_entered
from taskcore.errors import Conflict
from taskcore.events import Stamp
from taskcore.paging import Page, entity_page
from taskcore.permissions import missing
from taskcore.ports import Entity, Rows, Unit
from taskcore.sagas.acting import step_job, taking_back, without_job
from taskcore.sagas.model import Saga, SagaState, SagaSummary, summary
from taskcore.sagas.states import resumed
from taskcore.values import Ids


class Sagas(UseCases):
    """`me.sagas`: nothing here shows what a team has in it."""

    async def mine(self, *, limit: object = 50, cursor: str | None = None) -> Page[SagaSummary]:
        """Those that the caller asked for, the eldest first."""
        await self._oneself(self._rows, "job.read_own")
        only = self._caller.actor.team_id
        where: dict[str, Any] = {"user_id": self._caller.user_id}
        if only is not None:
            where["team_id"] = only
        return _shown(await entity_page(self._caller, Saga, limit, cursor, **where))

    async def list(self, *, limit: object = 50, cursor: str | None = None) -> Page[SagaSummary]:
        """All of the instance, the eldest first; for instance admins."""
        await self._running_the_instance()
        rows = self._caller.store.rows()
        return _shown(await entity_page(self._caller, Saga, limit, cursor, rows=rows))

    async def get(self, saga: UUID | str) -> SagaSummary:
        """One of them; for instance admins. Raises: NotFound."""
        await self._running_the_instance()
        return summary(await _found(self._caller.store.rows(), saga))

    async def _running_the_instance(self) -> None:
        async with refusals_entered(self._caller):
            await self._oneself(self._rows, "job.admin")

    @command_across_teams
    async def resume(
        self, unit: Unit, saga: UUID | str, *, idempotency_key: str | None = None
    ) -> SagaSummary:
        """
        Let one that failed go on with the step at which it did; for instance admins.

        Raises: NotFound; Conflict `saga_ended`, or `saga_waits` where its time has not come.
        """
        await self._oneself(unit, "job.admin")
        stamp = self._caller.stamp()
        moved, others = await _resumed(unit, await _found(unit, saga), stamp.now, stamp.new_id)
        await unit.save([moved, *others, stamp.audit("job.admin", "saga", moved.id, data={"resumed": True})])
        return summary(moved)

    @command_across_teams
    async def cancel(
        self, unit: Unit, saga: UUID | str, *, idempotency_key: str | None = None
    ) -> SagaSummary:
        """
        Take back what it did, as long as it can be; for instance admins.

        Raises: NotFound; Conflict `saga_ended`, `point_of_no_return`.
        """
        await self._oneself(unit, "job.admin")
        stamp = self._caller.stamp()
        taken = await taking_back(unit, await _found(unit, saga), stamp)
        moved = next(each for each in taken.changed if isinstance(each, Saga))
        entry = partial(stamp.audit, "job.admin", "saga", moved.id, data={"cancelled": True})
        entries = [entry(), *([entry(team_id=moved.team_id)] if moved.team_id is not None else [])]
        await unit.save([*taken.changed, *entries], events=taken.events)
        return summary(moved)


class SagaDesk:
    """`core.sagas`: what the operator does. Asks no permission: doors offer it to the operator alone."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    async def list(self) -> Sequence[SagaSummary]:
        """All of the instance, the eldest first."""
        return [summary(each) for each in await self._outside.store.rows().find(Saga)]

    async def get(self, saga: UUID | str) -> SagaSummary:
        """One of them. Raises: NotFound."""
        return summary(await _found(self._outside.store.rows(), saga))

    async def resume(self, saga: UUID | str) -> SagaSummary:
        """As `me.sagas.resume`."""
        return summary(await self._outside.store.transact(partial(self._resume, saga)))

    async def cancel(self, saga: UUID | str) -> SagaSummary:
        """As `me.sagas.cancel`, and as if whoever asked for it had."""
        return summary(await self._outside.store.transact(partial(self._cancel, saga)))

    async def _cancel(self, saga: UUID | str, unit: Unit) -> Saga:
        current = await _found(unit, saga)
        if current.user_id is None:
            raise Conflict(f"nobody asked for saga {saga}", code="saga_ended")
        stamp = Stamp(current.user_id, self._outside.clock(), self._outside.ids, "operator")
        taken = await taking_back(unit, current, stamp)
        await unit.save(taken.changed, events=taken.events)
        return next(each for each in taken.changed if isinstance(each, Saga))

    async def hasten(self, saga: UUID | str) -> SagaSummary:
        """Let one go on at once that waits for its time. Raises: NotFound; Conflict `saga_ended`."""
        return summary(await self._outside.store.transact(partial(self._resume, saga, hasten=True)))

    async def _resume(self, saga: UUID | str, unit: Unit, *, hasten: bool = False) -> Saga:
        now, new_id = self._outside.clock(), self._outside.ids
        moved, others = await _resumed(unit, await _found(unit, saga), now, new_id, hasten=hasten)
        await unit.save([moved, *others])
        return moved

    async def export(self, saga: UUID | str) -> bytes:
        """What was exported of the team that a saga deletes, or has deleted. Raises: NotFound; Unavailable."""
        from taskcore.sagas.team_deletion import export_key  # noqa: PLC0415  with all that exports need

        return await self._outside.blobs().get(export_key(await _found(self._outside.store.rows(), saga)))


async def _resumed(
    unit: Unit, saga: Saga, now: datetime, new_id: Ids, *, hasten: bool = False
) -> tuple[Saga, list[Entity]]:
    moved = resumed(saga, now)
    if saga.state is SagaState.WAITING and not hasten:
        raise Conflict(f"saga {saga.id} waits for its time", code="saga_waits", due_at=saga.due_at)
    others = [step_job(moved, now, new_id), *await without_job(unit, saga, now)]
    return moved, others


async def _found(reader: Rows | Unit, saga: UUID | str) -> Saga:
    try:
        found = await reader.find(Saga, id=saga if isinstance(saga, UUID) else UUID(saga))
    except (ValueError, TypeError, AttributeError):
        found = []
    if not found:
        raise missing(f"saga {saga}")
    return found[0]


def _shown(page: Page[Saga]) -> Page[SagaSummary]:
    return Page([summary(each) for each in page.items], page.next_cursor)
