"""For whoever runs the service: is it alive, and can it serve?"""

from __future__ import annotations

from typing import TypedDict

from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import Call


class Health(TypedDict):
    """One word."""

    status: str


@Operation("GET", "/healthz", gives=Health, public=True, rights=())
async def healthz(request: Call) -> Answer:
    """Tell that this process answers."""
    return request.one(Health(status="ok"))


@Operation("GET", "/readyz", gives=Health, public=True, refuses=("unavailable", "schema_version"), rights=())
async def readyz(request: Call) -> Answer:
    """Tell whether the store answers and its schema is this version's."""
    await request.instance.core.store.check()
    return request.one(Health(status="ready"))
