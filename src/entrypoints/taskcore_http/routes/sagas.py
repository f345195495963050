"""Undertakings of several steps, such as the deletion of a team. Nothing here shows what is in a team."""

from __future__ import annotations

from litestar.params import FromPath

from taskcore.sagas.model import SagaSummary
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, Call


@Operation("GET", "/v1/me/sagas", gives=SagaSummary, many=True, query=LISTING, rights=("job.read_own",))
async def list_my_sagas(request: Call) -> Answer:
    """List what you began that takes several steps, such as deletions of teams, and how far each has come."""
    return await request.listed(request.me.sagas.mine)


@Operation("GET", "/v1/instance/sagas", gives=SagaSummary, many=True, query=LISTING, rights=("job.admin",))
async def list_sagas(request: Call) -> Answer:
    """List all of them on this instance. For instance admins."""
    return await request.listed(request.me.sagas.list)


@Operation("GET", "/v1/instance/sagas/{saga:str}", gives=SagaSummary, rights=("job.admin",))
async def read_saga(request: Call, saga: FromPath[str]) -> Answer:
    """Read how far one has come. For instance admins."""
    return request.one(await request.me.sagas.get(saga))


@Operation(
    "POST",
    "/v1/instance/sagas/{saga:str}/resume",
    gives=SagaSummary,
    refuses=("saga_ended", "saga_waits"),
    rights=("job.admin",),
)
async def resume_saga(request: Call, saga: FromPath[str]) -> Answer:
    """Let one that failed go on with the step at which it did. For instance admins."""
    sagas = request.me.sagas
    await request.bare(lambda _: sagas.get(saga))
    return request.one(await sagas.resume(saga))


@Operation(
    "POST",
    "/v1/instance/sagas/{saga:str}/cancel",
    gives=SagaSummary,
    refuses=("saga_ended", "point_of_no_return"),
    rights=("job.admin",),
)
async def cancel_saga(request: Call, saga: FromPath[str]) -> Answer:
    """Take back what one did, as long as it can be: a team that it deletes is there again. For instance admins."""
    sagas = request.me.sagas
    await request.bare(lambda _: sagas.get(saga))
    return request.one(await sagas.cancel(saga))
