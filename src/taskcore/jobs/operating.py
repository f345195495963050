"""`core.jobs`: what the operator, and whoever embeds the core, does with jobs. Asks no permission."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import attrs

from taskcore.caller import Caller, Outside
from taskcore.errors import Conflict, Fault, refuse
from taskcore.events import Stamp
from taskcore.fields import in_utc, word
from taskcore.identity.model import AuditEntry
from taskcore.jobs import administration
from taskcore.jobs.administration import Handling, job_of, team_id_of, which, which_ended
from taskcore.jobs.keeping import as_json
from taskcore.jobs.model import MOST_ATTEMPTS, MOST_OF_KIND, Job, JobPriority, JobPriorityWord, JobStateWord
from taskcore.jobs.ports import Handler
from taskcore.jobs.registry import HANDLERS, Handlers
from taskcore.jobs.states import new_job
from taskcore.jobs.views import ScheduleSummary, Swept
from taskcore.paging import Page, entity_page
from taskcore.permissions import Actor
from taskcore.ports import Unit
from taskcore.values import TeamId, UserId, integer_faults, line_faults

MOST_OF_KEY = 500
NOBODY = UserId(UUID(int=0))
"""Whom the operator is: nobody here."""


def _id(value: object, field: str, faults: list[Fault]) -> UUID | None:
    """The id that a value is, or is the text of; what is wrong with it is put to `faults`."""
    try:
        return value if value is None or isinstance(value, UUID) else UUID(value)  # type: ignore[arg-type]
    except (ValueError, TypeError, AttributeError):
        faults.append(Fault(field, f"must be an id, not {value!r:.80}"))
        return None


SLOTS = 10
GRACE_SECONDS = 20.0


Running = Callable[[int, float], AbstractAsyncContextManager[object]]
"""Within what it gives jobs are run, at most so many at a time; those that run at the end may go on for so many
seconds."""


class JobDesk:
    """Jobs of all, for whoever has the machine; and what does them, for a program that has work of its own."""

    def __init__(self, outside: Outside, handlers: Handlers, running: Running) -> None:
        self._outside = outside
        self._handlers = handlers
        self._running = running

    def handle(self, kind: str, handler: Handler, *, timeout_seconds: float | None = None) -> None:
        """
        Let `handler` do the jobs of this kind wherever this core runs jobs, each within so many seconds, if any.

        Whoever has no handler for a kind leaves its jobs to those who have, for a minute; then they have failed that
        time. A kind of one's own begins with a word that is none of taskcore's, as `shop.invoice` does. Raises: Invalid.
        """
        refuse(line_faults("kind", kind, least=1, most=MOST_OF_KIND))
        self._handlers.add(kind, handler, timeout_seconds=timeout_seconds)

    @asynccontextmanager
    async def running(
        self, *, slots: int = SLOTS, grace_seconds: float = GRACE_SECONDS
    ) -> AsyncIterator[None]:
        """
        Within, this program runs jobs, of every kind that is handled here, at most `slots` at a time.

        At the end no more are begun; those that run may go on for `grace_seconds`, and what has not ended then is
        given back, for another worker to begin at once. It needs an event loop, so the blocking door has none of it.
        """
        async with self._running(slots, grace_seconds):
            yield

    async def enqueue(
        self,
        kind: str,
        payload: Mapping[str, Any] | None = None,
        *,
        at: datetime | None = None,
        unique_key: str | None = None,
        if_queued: Literal["refuse", "keep"] = "refuse",
        priority: JobPriorityWord = "normal",
        max_attempts: int = MOST_ATTEMPTS,
        user_id: UserId | None = None,
        team_id: TeamId | None = None,
    ) -> Job:
        """
        Have something done in the background, at once or from `at` on, whoever runs jobs then.

        While a job with the same `unique_key` has not ended, there is no second one: it is refused, or, with
        `if_queued="keep"`, the one that is there is given, as it is. Whose it is sees it in `me.jobs`. Raises: Invalid; Conflict `already_exists`,
        with the `job` that is there.
        """
        faults = [] if if_queued in ("refuse", "keep") else [Fault("if_queued", "must be refuse or keep")]
        owners: dict[str, Any] = {
            "user_id": _id(user_id, "user_id", faults),
            "team_id": _id(team_id, "team_id", faults),
        }
        refuse(faults)
        new = self._job(kind, payload, at, unique_key, priority, max_attempts)
        job = attrs.evolve(new, **owners)

        async def work(unit: Unit) -> Job:
            found = await unit.find(Job, unique_key=unique_key) if unique_key is not None else []
            if found and if_queued == "keep":
                return found[0]
            if found:
                message = f"job {found[0].id} has the key {unique_key} and has not ended"
                raise Conflict(message, code="already_exists", field="unique_key", job=str(found[0].id))
            saved: list[Job] = await unit.save([job])
            return saved[0]

        try:
            return await self._outside.store.transact(work)
        except Conflict as error:
            if error.code != "already_exists" or "job" in error.data:
                raise
            # Another came first: it is there now, unless it has ended meanwhile.
            return await self._outside.store.transact(work)

    async def list(
        self,
        *,
        state: JobStateWord | None = None,
        kind: str | None = None,
        team: UUID | str | None = None,
        limit: object = 50,
        cursor: str | None = None,
    ) -> Page[Job]:
        """Jobs, the newest first. Raises: Malformed; NotFound, for a team's name that no team has."""
        rows = self._outside.store.rows()
        where = which(state, kind, await team_id_of(rows, team))
        caller = Caller(Actor(NOBODY), self._outside)
        return await entity_page(caller, Job, limit, cursor, rows=rows, newest_first=True, **where)

    async def get(self, job: UUID | str) -> Job:
        """One job, with all that is kept of it. Raises: NotFound."""
        return await job_of(self._outside.store.rows(), job)

    async def schedules(self) -> Sequence[ScheduleSummary]:
        """What comes again and again, by name: when it came last, and comes next."""
        return await administration.schedules_of(self._outside.store.rows())

    async def retry(self, job: UUID | str, *, if_version: int | None = None) -> Job:
        """Begin a job that ended once more, at once. Raises: NotFound; PreconditionFailed; Conflict
        `job_not_ended`."""
        return await self._handled("retry", job, if_version)

    async def cancel(self, job: UUID | str, *, if_version: int | None = None) -> Job:
        """Stop a job: at once, if it waits; else whoever runs it is told to. Raises: as `retry`; Conflict
        `job_ended`."""
        return await self._handled("cancel", job, if_version)

    async def drop(self, job: UUID | str, *, if_version: int | None = None) -> None:
        """Throw a job that ended away. Raises: as `retry`."""
        await self._handled("drop", job, if_version)

    async def retry_all(
        self,
        *,
        state: JobStateWord = "dead",
        kind: str | None = None,
        team: UUID | str | None = None,
        after: UUID | str | None = None,
    ) -> Swept:
        """As `retry`, of all that ended so: at most a thousand at once, from the one beyond `after` on."""
        return await self._swept("retry", state, kind, team, after)

    async def drop_all(
        self,
        *,
        state: JobStateWord = "dead",
        kind: str | None = None,
        team: UUID | str | None = None,
        after: UUID | str | None = None,
    ) -> Swept:
        """As `drop`, of all that ended so; as `retry_all`."""
        return await self._swept("drop", state, kind, team, after)

    def _job(
        self,
        kind: str,
        payload: Mapping[str, Any] | None,
        at: datetime | None,
        unique_key: str | None,
        priority: JobPriorityWord,
        max_attempts: Any,
    ) -> Job:
        faults = line_faults("kind", kind, least=1, most=MOST_OF_KIND)
        if kind in HANDLERS:
            faults.append(Fault("kind", "is reserved: only taskcore queues such jobs"))
        if isinstance(max_attempts, int) and not isinstance(max_attempts, bool):
            faults += integer_faults("max_attempts", max_attempts, least=1)
        else:
            faults.append(Fault("max_attempts", "must be a whole number"))
        if unique_key is not None:
            faults += line_faults("unique_key", unique_key, least=1, most=MOST_OF_KEY)
        kept: Any = {} if payload is None else payload
        if isinstance(kept, Mapping):
            try:
                kept = as_json(kept)
            except ValueError as error:
                faults.append(Fault("payload", str(error)))
        else:
            faults.append(Fault("payload", "must be a JSON object"))
        refuse(faults)
        return new_job(
            self._outside.ids(),
            kind,
            self._outside.clock(),
            kept,
            at=None if at is None else in_utc("at", at),
            unique_key=unique_key,
            priority=word(JobPriority, priority, "priority"),
            max_attempts=max_attempts,
        )

    async def _handled(self, handling: Handling, job: UUID | str, if_version: int | None) -> Job:
        now, audited = self._outside.clock(), self._audited

        async def work(unit: Unit) -> Job:
            return await administration.handled(unit, handling, job, now, audited, if_version=if_version)

        return await self._outside.store.transact(work)

    async def _swept(
        self,
        handling: Handling,
        state: JobStateWord,
        kind: str | None,
        team: UUID | str | None,
        after: UUID | str | None,
    ) -> Swept:
        start, now, audited = administration.job_id_of(after), self._outside.clock(), self._audited

        async def work(unit: Unit) -> Swept:
            wanted = which_ended(state, kind, await team_id_of(unit, team))
            return await administration.swept(unit, handling, wanted, start, now, audited)

        return await self._outside.store.transact(work)

    def _audited(self, job_id: UUID | None, data: Mapping[str, object]) -> AuditEntry:
        """In the audit an operator's doing has no actor: whoever has the machine is nobody here."""
        stamp = Stamp(NOBODY, self._outside.clock(), self._outside.ids, "operator")
        return attrs.evolve(stamp.audit("job.admin", "job", job_id, data=data), actor_id=None)
