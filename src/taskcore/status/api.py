"""The use cases of a team's status report."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from taskcore.caller import UseCases, command
from taskcore.errors import Conflict
from taskcore.fields import word
from taskcore.jobs.administration import job_of
from taskcore.jobs.model import Job, JobState
from taskcore.jobs.states import new_job
from taskcore.jobs.views import OwnJob, as_own
from taskcore.permissions import missing
from taskcore.ports import Unit
from taskcore.status.gathering import READS
from taskcore.status.model import REPORT, ReportFile, ReportFormat, ReportFormatWord, key_of
from taskcore.teams.model import Team


class StatusReports(UseCases):
    """`me.reports`: how a team stands, for people, as a page or for print."""

    @command
    async def status(
        self,
        unit: Unit,
        team: UUID | str,
        *,
        format: ReportFormatWord = ReportFormat.HTML,  # noqa: A002  the word of every door
        idempotency_key: str | None = None,
    ) -> OwnJob:
        """
        Have a report made in the background: the job that does it, which is the same while one is under way.

        It shows what the caller may see once it is made: to a guest, projects shared with them. Its file can be had
        for a week. Raises: NotFound, Forbidden; Invalid, `missing_extra` among it, for a PDF where nothing makes one.
        """
        home, _ = await self._allowed(unit, Team, team, *READS)
        wanted = word(ReportFormat, format, "format")
        if wanted is ReportFormat.PDF:
            self._caller.outside.typesetter()
        payload = {"team_id": str(home.id), "format": wanted.value}
        waiting = await unit.find(
            Job,
            user_id=self._caller.user_id,
            team_id=home.id,
            state=(JobState.WAITING, JobState.RUNNING),
        )
        for each in waiting:
            if each.kind == REPORT and each.payload == payload and each.cancel_requested_at is None:
                return as_own(each, is_in_team=True)
        stamp = self._caller.stamp()
        job = new_job(
            stamp.new_id(), REPORT, stamp.now, payload, user_id=self._caller.user_id, team_id=home.id
        )
        saved: list[Any] = await unit.save([job])
        return as_own(saved[0], is_in_team=True)

    async def file(self, job: UUID | str) -> ReportFile:
        """
        The file that such a job of the caller's has made.

        Raises: NotFound, where there is none any more; Forbidden; Conflict `not_ready`, where it is not made yet.
        """
        oneself = await self._oneself(self._rows, "job.read_own")
        found = await job_of(self._rows, job, user_id=oneself.id)
        if found.kind != REPORT or found.team_id is None:
            raise missing(f"file of job {job}")
        await self._allowed(self._rows, Team, found.team_id, *READS)
        if found.state is not JobState.DONE or not isinstance(found.result, dict):
            raise Conflict(f"the report is not there: its job is {found.state}", code="not_ready")
        content = await self._caller.outside.blobs().get(key_of(found.team_id, found.id))
        return ReportFile(found.result["filename"], found.result["media"], content)

    async def make(
        self,
        team: UUID | str,
        *,
        format: ReportFormatWord = ReportFormat.HTML,  # noqa: A002  as above
    ) -> ReportFile:
        """A report at once, for a program that can wait. Raises: as `status`."""
        await self._allowed(self._rows, Team, team, *READS)
        from taskcore.status.making import made  # noqa: PLC0415  what draws and writes, few programs need

        return await made(self._caller, team, word(ReportFormat, format, "format"))
