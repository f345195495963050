"""How a team stands, as a file: asked for, made in the background, and fetched."""

from __future__ import annotations

from typing import Any, TypedDict

from litestar.params import FromPath

from taskcore.jobs.views import OwnJob
from taskcore.status.gathering import READS
from taskcore.status.model import ReportFormatWord
from taskcore_http.answer import UNSTORED, Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import Call

UNKNOWN: Any = ""
"""A format that is none: with it nothing is asked for, and all else is judged."""


class ReportFields(TypedDict, total=False):
    """As what it is written."""

    format: ReportFormatWord


@Operation(
    "POST",
    "/v1/teams/{team:str}/reports",
    body=ReportFields,
    body_optional=True,
    gives=OwnJob,
    status=202,
    located=True,
    refuses=("missing_extra",),
    rights=READS,
)
async def make_report(request: Call, team: FromPath[str]) -> Answer:
    """
    Have a report of how a team stands made: progress, what is overdue, the plan, the workload; as a page or a PDF.

    The answer is the job that makes it; `Location` is where to see how far it is. It shows what you may see once it is
    made: to guests, what is shared with them. While one is made, asking again gives the same job.
    """
    reports = request.me.reports
    fields = await request.sent(
        ReportFields,
        lambda _: reports.status(team, format=UNKNOWN),
        optional=True,
    )
    job = await reports.status(team, **fields)
    return request.one(job, status=202, location=f"/v1/me/jobs/{job.id}")


@Operation(
    "GET",
    "/v1/me/jobs/{job:str}/file",
    media=("text/html; charset=utf-8", "application/pdf"),
    refuses=("not_ready",),
    # Those to what is in it are asked for again; the matrix has no file to try them on, tests/unit/status does.
    rights=("job.read_own",),
)
async def fetch_report(request: Call, job: FromPath[str]) -> Answer:
    """Fetch the report that one of your jobs has made, for a week, and while you may see what is in it."""
    await request.bare(lambda _: request.me.reports.file(job))
    file = await request.me.reports.file(job)
    headers = [
        *request.common,
        (b"content-type", file.media.encode()),
        (b"content-disposition", f'attachment; filename="{file.filename}"'.encode()),
        (b"content-length", str(len(file.content)).encode()),
        UNSTORED,
    ]
    return Answer(200, headers, file.content)
