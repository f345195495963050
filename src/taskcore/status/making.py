"""A report made: read, written, and kept as a file until nobody comes for it any more."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from taskcore.caller import Caller
from taskcore.errors import Forbidden, Invalid, NotFound, Unauthenticated
from taskcore.jobs.model import Job
from taskcore.jobs.ports import GiveUp, Run
from taskcore.jobs.states import new_job
from taskcore.permissions import Actor
from taskcore.ports import Unit
from taskcore.status.document import Document
from taskcore.status.gathering import team_status
from taskcore.status.model import KEPT, ReportFile, ReportFormat, key_of
from taskcore.status.page import page
from taskcore.status.writing import report
from taskcore.values import JobId, TeamId

PURGE = "report.purge"


async def made(caller: Caller, team: UUID | str, wanted: ReportFormat) -> ReportFile:
    """
    How the team stands, as the caller may see it, as a file.

    Raises: NotFound, Forbidden; Invalid `missing_extra`, for a PDF where nothing here makes one.
    """
    status = await team_status(caller, team)
    document = report(status)
    name = f"{status.team_key}-status-{status.now:%Y-%m-%d}.{wanted}"
    return ReportFile(name, wanted.media, await _set(caller, document, wanted))


async def _set(caller: Caller, document: Document, wanted: ReportFormat) -> bytes:
    """Beside the event loop, where there is one: it takes some of the CPU."""

    def work() -> bytes:
        if wanted is ReportFormat.PDF:
            return caller.outside.typesetter().pdf(document)
        return page(document).encode()

    if not caller.store.suspends:
        return work()
    from asyncio import to_thread  # noqa: PLC0415  a blocking program never loads the event loop

    return await to_thread(work)


async def make(run: Run) -> Any:
    """The handler of `report.status`: in the name of whoever asked, with the rights that they have by now."""
    job, outside = run.job, run.outside
    if job.user_id is None or job.team_id is None:
        raise GiveUp("nobody asked for it")
    await run.progress(0, 2, "reading")
    try:
        wanted = ReportFormat(job.payload["format"])
        file = await made(Caller(Actor(job.user_id), outside), UUID(job.payload["team_id"]), wanted)
    except (Unauthenticated, NotFound, Forbidden, Invalid) as refused:
        raise GiveUp(str(refused)) from refused
    await run.progress(1, 2, "keeping")
    await outside.blobs().put(key_of(job.team_id, job.id), file.content)

    async def keep(unit: Unit) -> dict[str, Any]:
        now = outside.clock()
        until = now + KEPT
        await unit.save([_purge(outside.ids(), job, now, until)])
        return {
            "filename": file.filename,
            "media": file.media,
            "size": len(file.content),
            "sha256": hashlib.sha256(file.content).hexdigest(),
            "until": until.isoformat(),
        }

    return await run.finish(keep)


def _purge(job_id: UUID, job: Job, now: datetime, at: datetime) -> Job:
    return new_job(
        job_id,
        PURGE,
        now,
        {"job_id": str(job.id), "team_id": str(job.team_id)},
        at=at,
        unique_key=f"{PURGE}:{job.id}",
    )


async def purge(run: Run) -> None:
    """The handler of `report.purge`: a report that nobody can have any more goes."""
    team_id, job_id = (UUID(run.job.payload[name]) for name in ("team_id", "job_id"))
    await run.outside.blobs().delete(key_of(TeamId(team_id), JobId(job_id)))
