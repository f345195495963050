"""What is done in the background: one's own, and for whoever runs the instance everybody's."""

from __future__ import annotations

from typing import Any, TypedDict

from litestar.params import FromPath

from taskcore.jobs.api import InstanceJobs
from taskcore.jobs.model import JobStateWord
from taskcore.jobs.views import JobSummary, OwnJob, ScheduleSummary, Swept
from taskcore.values import JobId
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call


class ManyJobs(TypedDict, total=False):
    """Which jobs are meant, of those that ended: without anything said, all that are dead."""

    state: JobStateWord
    kind: str
    team: str
    after: JobId


@Operation(
    "GET",
    "/v1/me/jobs",
    gives=OwnJob,
    many=True,
    query=("state", "kind", *LISTING),
    rights=("job.read_own",),
)
async def list_my_jobs(request: Call) -> Answer:
    """List what you asked for and is done in the background, the newest first."""
    return await request.listed(request.me.jobs.list, "state", "kind")


@Operation("GET", "/v1/me/jobs/{job:str}", gives=OwnJob, rights=("job.read_own",))
async def read_my_job(request: Call, job: FromPath[str]) -> Answer:
    """Read one of your jobs: how far it has come, and what it gave."""
    return request.one(await request.me.jobs.get(job))


@Operation(
    "POST",
    "/v1/me/jobs/{job:str}/cancel",
    gives=OwnJob,
    versioned=True,
    refuses=("job_ended",),
    rights=("job.read_own",),
)
async def cancel_my_job(request: Call, job: FromPath[str]) -> Answer:
    """Stop one of your jobs: at once, if it waits; else whoever runs it is told to, and may be done before."""
    jobs = request.me.jobs
    await request.bare(lambda _: jobs.cancel(job, if_version=NEVER))
    return request.one(await jobs.cancel(job, if_version=request.if_version))


@Operation(
    "GET",
    "/v1/instance/jobs",
    gives=JobSummary,
    many=True,
    query=("state", "kind", "team", *LISTING),
    rights=("job.admin",),
)
async def list_jobs(request: Call) -> Answer:
    """List everybody's jobs, the newest first. None shows what it is about."""
    return await request.listed(request.me.instance_jobs.list, "state", "kind", "team")


@Operation("GET", "/v1/instance/jobs/{job:str}", gives=JobSummary, rights=("job.admin",))
async def read_job(request: Call, job: FromPath[str]) -> Answer:
    """Read one job: what became of its attempts, and nothing of what it is about."""
    return request.one(await request.me.instance_jobs.get(job))


@Operation(
    "POST",
    "/v1/instance/jobs/{job:str}/retry",
    gives=JobSummary,
    versioned=True,
    refuses=("job_not_ended",),
    rights=("job.admin",),
)
async def retry_job(request: Call, job: FromPath[str]) -> Answer:
    """Begin a job that ended once more, at once: it is tried as often as at first."""
    jobs = request.me.instance_jobs
    await request.bare(lambda _: jobs.retry(job, if_version=NEVER))
    return request.one(await jobs.retry(job, if_version=request.if_version))


@Operation(
    "POST",
    "/v1/instance/jobs/{job:str}/cancel",
    gives=JobSummary,
    versioned=True,
    refuses=("job_ended",),
    rights=("job.admin",),
)
async def cancel_job(request: Call, job: FromPath[str]) -> Answer:
    """Stop a job: at once, if it waits; else whoever runs it is told to, and may be done before."""
    jobs = request.me.instance_jobs
    await request.bare(lambda _: jobs.cancel(job, if_version=NEVER))
    return request.one(await jobs.cancel(job, if_version=request.if_version))


@Operation(
    "DELETE",
    "/v1/instance/jobs/{job:str}",
    versioned=True,
    refuses=("job_not_ended",),
    rights=("job.admin",),
)
async def drop_job(request: Call, job: FromPath[str]) -> Answer:
    """Throw a job that ended away."""
    jobs = request.me.instance_jobs
    await request.bare(lambda _: jobs.drop(job, if_version=NEVER))
    await jobs.drop(job, if_version=request.if_version)
    return request.done()


@Operation(
    "POST",
    "/v1/instance/jobs/retry",
    body=ManyJobs,
    body_optional=True,
    gives=Swept,
    refuses=("not_found",),
    rights=("job.admin",),
)
async def retry_jobs(request: Call) -> Answer:
    """Begin all jobs once more that ended so, a thousand at a time: ask again with `after` while it is not null."""
    jobs = request.me.instance_jobs
    return request.one(await jobs.retry_all(**await _meant(request, jobs)))


@Operation(
    "POST",
    "/v1/instance/jobs/drop",
    body=ManyJobs,
    body_optional=True,
    gives=Swept,
    refuses=("not_found",),
    rights=("job.admin",),
)
async def drop_jobs(request: Call) -> Answer:
    """Throw all jobs away that ended so, a thousand at a time: ask again with `after` while it is not null."""
    jobs = request.me.instance_jobs
    return request.one(await jobs.drop_all(**await _meant(request, jobs)))


async def _meant(request: Call, jobs: InstanceJobs) -> dict[str, Any]:
    return {**await request.sent(ManyJobs, lambda _: jobs.list(limit=1), optional=True)}


@Operation(
    "GET",
    "/v1/instance/job-schedules",
    gives=ScheduleSummary,
    many=True,
    query=LISTING,
    rights=("job.admin",),
)
async def list_job_schedules(request: Call) -> Answer:
    """List what comes again and again: when it came last, and comes next."""
    found = await request.me.instance_jobs.schedules()

    async def read(**part: Any) -> Any:
        return await request.sliced(found, lambda each: each.name, **part)

    return await request.listed(read)
