"""One's own account, and where one is signed in."""

from __future__ import annotations

from litestar.params import FromPath

from taskcore.identity.api import UserFields
from taskcore.identity.model import Session, User
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call


@Operation("GET", "/v1/me", gives=User, rights=("user.read_self",))
async def read_me(request: Call) -> Answer:
    """Read your own account."""
    return request.one(await request.me.me.get())


@Operation(
    "PATCH",
    "/v1/me",
    body=UserFields,
    gives=User,
    versioned=True,
    refuses=("reauthenticate", "insufficient_scope", "already_exists"),
    guarded=True,
    rights=("user.update_self",),
)
async def edit_me(request: Call) -> Answer:
    """
    Change your name, time zone or e-mail address.

    A new address wants your `current` password with it. Where mail goes out it is yours once the token that is
    mailed there confirms it; until then the answer shows the old one.
    """
    me = request.me.me
    fields = await request.sent(UserFields, lambda _: me.edit(if_version=NEVER))
    return request.one(await me.edit(if_version=request.if_version, **fields))


@Operation(
    "DELETE",
    "/v1/me",
    versioned=True,
    refuses=("insufficient_scope", "last_owner", "last_admin"),
    rights=("user.delete_self",),
)
async def delete_me(request: Call) -> Answer:
    """Delete your account. You leave every team; what you wrote stays, under nobody's name."""
    me = request.me.me
    await request.bare(lambda _: me.delete(if_version=NEVER))
    await me.delete(if_version=request.if_version)
    return request.done()


@Operation("POST", "/v1/me/verify-email", status=202, guarded=True, rights=("user.update_self",))
async def request_verification(request: Call) -> Answer:
    """Have a token mailed that shows that your address is yours."""
    me = request.me.me
    await request.bare(lambda _: me.get())
    await me.request_verification()
    return request.taken()


@Operation("GET", "/v1/me/sessions", gives=Session, many=True, query=LISTING, rights=("session.list_own",))
async def list_sessions(request: Call) -> Answer:
    """List where you are signed in."""
    return await request.listed(request.me.sessions.list)


@Operation(
    "DELETE", "/v1/me/sessions/{session:str}", refuses=("insufficient_scope",), rights=("session.revoke_own",)
)
async def revoke_session(request: Call, session: FromPath[str]) -> Answer:
    """End a session of yours, from the next request on."""
    me = request.me
    await request.bare(lambda _: me.sessions.list(limit=1))
    await me.sessions.revoke(session)
    return request.done()
