"""One's own account."""

from __future__ import annotations

from taskcore.identity.api import UserFields
from taskcore.identity.model import User
from taskcore_http.operation import Operation
from taskcore_http.wire import NEVER, Answer, Call


@Operation("GET", "/v1/me", gives=User)
async def read_me(request: Call) -> Answer:
    """Read your own account."""
    return request.one(await request.me.me.get())


@Operation("PATCH", "/v1/me", body=UserFields, gives=User, versioned=True)
async def edit_me(request: Call) -> Answer:
    """Change your name or time zone."""
    me = request.me.me
    fields = await request.sent(UserFields, lambda _: me.edit(if_version=NEVER))
    return request.one(await me.edit(if_version=request.if_version, **fields))
