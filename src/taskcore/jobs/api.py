"""The use cases of jobs: one's own, and those of the instance, for its admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from taskcore.caller import UseCases, command, command_across_teams, expect_version
from taskcore.identity.model import AuditEntry, User
from taskcore.jobs import administration
from taskcore.jobs.administration import Audited, Handling, job_of, team_id_of, to_cancel, which, which_ended
from taskcore.jobs.model import Job, JobStateWord
from taskcore.jobs.views import JobSummary, OwnJob, ScheduleSummary, Swept, as_own, as_summary
from taskcore.paging import Page, entity_page
from taskcore.permissions import Standing, refused
from taskcore.ports import Rows, Unit
from taskcore.teams.model import Membership


class Jobs(UseCases):
    """`me.jobs`: what the caller asked for, and is done in the background."""

    async def list(
        self,
        *,
        state: JobStateWord | None = None,
        kind: str | None = None,
        limit: object = 50,
        cursor: str | None = None,
    ) -> Page[OwnJob]:
        """The caller's jobs, the newest first."""
        oneself = await self._oneself(self._rows, "job.read_own")
        where = {"user_id": oneself.id, **self._within, **which(state, kind)}
        page = await entity_page(self._caller, Job, limit, cursor, newest_first=True, **where)
        shown = await self._shown(self._rows, oneself, *page.items)
        return Page([*shown], page.next_cursor)

    async def get(self, job: UUID | str) -> OwnJob:
        """One of the caller's jobs. Raises: NotFound, for another's too."""
        oneself = await self._oneself(self._rows, "job.read_own")
        found = await job_of(self._rows, job, user_id=oneself.id, **self._within)
        return (await self._shown(self._rows, oneself, found))[0]

    @command
    async def cancel(
        self,
        unit: Unit,
        job: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> OwnJob:
        """
        Stop one of the caller's jobs: at once, if it waits; else whoever runs it is told to, and may be done before.

        Raises: as `get`; PreconditionFailed; Conflict `job_ended`; Forbidden, for a token that may only read.
        """
        oneself = await self._oneself(unit, "job.read_own")
        if not self._caller.actor.may_write:
            message = "a token that may only read cancels nothing"
            raise refused(Standing(self._caller.actor), "job.read_own", message, "insufficient_scope")
        found = await job_of(unit, job, user_id=oneself.id, **self._within)
        expect_version(found, if_version)
        after = to_cancel(found, self._caller.clock())
        if after != found:
            await unit.save([after])
        return (await self._shown(unit, oneself, after))[0]

    @property
    def _within(self) -> dict[str, Any]:
        """What a token that is good in one team alone sees of them."""
        team_id = self._caller.actor.team_id
        return {} if team_id is None else {"team_id": team_id}

    async def _shown(self, reader: Rows | Unit, oneself: User, *jobs: Job) -> Sequence[OwnJob]:
        teams = (
            {each.team_id for each in await reader.find(Membership, user_id=oneself.id)} if jobs else set()
        )
        return [as_own(job, is_in_team=job.team_id is None or job.team_id in teams) for job in jobs]


class InstanceJobs(UseCases):
    """`me.instance_jobs`: everybody's jobs, for instance admins; nothing of what they are about."""

    async def list(
        self,
        *,
        state: JobStateWord | None = None,
        kind: str | None = None,
        team: UUID | str | None = None,
        limit: object = 50,
        cursor: str | None = None,
    ) -> Page[JobSummary]:
        """Jobs, the newest first; of a team (an id, slug or key), perhaps of one that is deleted."""
        await self._oneself(self._rows, "job.admin")
        where = which(state, kind, await team_id_of(self._whole, team))
        page = await entity_page(
            self._caller, Job, limit, cursor, rows=self._whole, newest_first=True, **where
        )
        return Page([as_summary(each) for each in page.items], page.next_cursor)

    async def get(self, job: UUID | str) -> JobSummary:
        """One job. Raises: NotFound."""
        await self._oneself(self._rows, "job.admin")
        return as_summary(await job_of(self._whole, job))

    async def schedules(self) -> Sequence[ScheduleSummary]:
        """What comes again and again, by name: when it came last, and comes next."""
        await self._oneself(self._rows, "job.admin")
        return await administration.schedules_of(self._whole)

    @command_across_teams
    async def retry(
        self,
        unit: Unit,
        job: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> JobSummary:
        """
        Begin a job that ended once more, at once: it is tried as often as at first. What failed before is kept.

        Raises: NotFound; PreconditionFailed; Conflict `job_not_ended`.
        """
        return await self._handled(unit, "retry", job, if_version)

    @command_across_teams
    async def cancel(
        self,
        unit: Unit,
        job: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> JobSummary:
        """
        Stop a job: at once, if it waits; else whoever runs it is told to, and may be done before.

        Raises: NotFound; PreconditionFailed; Conflict `job_ended`.
        """
        return await self._handled(unit, "cancel", job, if_version)

    @command_across_teams
    async def drop(
        self,
        unit: Unit,
        job: UUID | str,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> None:
        """Throw a job that ended away. Raises: as `retry`."""
        await self._handled(unit, "drop", job, if_version)

    @command_across_teams
    async def retry_all(
        self,
        unit: Unit,
        *,
        state: JobStateWord = "dead",
        kind: str | None = None,
        team: UUID | str | None = None,
        after: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> Swept:
        """
        As `retry`, of all that ended so: at most a thousand at once, from the one beyond `after` on.

        Raises: NotFound, for a team's name that no team has; Invalid.
        """
        return await self._swept(unit, "retry", state, kind, team, after)

    @command_across_teams
    async def drop_all(
        self,
        unit: Unit,
        *,
        state: JobStateWord = "dead",
        kind: str | None = None,
        team: UUID | str | None = None,
        after: UUID | str | None = None,
        idempotency_key: str | None = None,
    ) -> Swept:
        """As `drop`, of all that ended so; as `retry_all`."""
        return await self._swept(unit, "drop", state, kind, team, after)

    async def _handled(
        self, unit: Unit, handling: Handling, job: UUID | str, if_version: int | None
    ) -> JobSummary:
        await self._oneself(unit, "job.admin")
        now = self._caller.clock()
        after = await administration.handled(unit, handling, job, now, self._audited(), if_version=if_version)
        return as_summary(after)

    async def _swept(
        self,
        unit: Unit,
        handling: Handling,
        state: JobStateWord,
        kind: str | None,
        team: UUID | str | None,
        after: UUID | str | None,
    ) -> Swept:
        await self._oneself(unit, "job.admin")
        wanted = which_ended(state, kind, await team_id_of(unit, team))
        start = administration.job_id_of(after)
        return await administration.swept(
            unit, handling, wanted, start, self._caller.clock(), self._audited()
        )

    def _audited(self) -> Audited:
        stamp = self._caller.stamp()

        def entry(job_id: UUID | None, data: Mapping[str, object]) -> AuditEntry:
            return stamp.audit("job.admin", "job", job_id, data=data)

        return entry

    @property
    def _whole(self) -> Rows:
        return self._caller.store.rows()
