"""Making an account, and proving to have one."""

from __future__ import annotations

from typing import TypedDict

from taskcore.errors import Forbidden
from taskcore.identity.model import User
from taskcore_http.operation import Operation
from taskcore_http.wire import Answer, Call, Raw


class Signup(TypedDict):
    """A new account."""

    email: str
    name: str
    password: str


class Login(TypedDict):
    """What proves who somebody is."""

    email: str
    password: str


class Signed(TypedDict):
    """The proof to send with every request from now on."""

    user: User
    access_token: str
    token_type: str
    expires_in: int


@Operation(
    "POST",
    "/v1/auth/signup",
    body=Signup,
    gives=Signed,
    status=201,
    public=True,
    refuses=("signup_closed", "already_exists"),
)
async def sign_up(request: Call) -> Answer:
    """Make an account, and sign in with it."""
    wanted = await request.sent(Signup, _nothing_hidden)
    await _refuse_the_uninvited(request, wanted["email"])
    user = await request.instance.core.users.register(**wanted)
    return request.token(user, status=201, location="/v1/me")


async def _refuse_the_uninvited(request: Call, email: str) -> None:
    users, signup = request.instance.core.users, request.instance.settings.signup
    if signup == "closed" or (signup == "invited" and not await users.is_invited(email)):
        raise Forbidden("sign-up is not open here: ask for an account or an invitation", code="signup_closed")


@Operation("POST", "/v1/auth/login", body=Login, gives=Signed, public=True, refuses=("wrong_credentials",))
async def log_in(request: Call) -> Answer:
    """Prove who you are by e-mail and password."""
    given = await request.sent(Login, _nothing_hidden)
    user = await request.instance.core.users.authenticate(given["email"], given["password"])
    return request.token(user, status=200)


async def _nothing_hidden(_: Raw) -> None:
    """Who signs in sees nothing yet that a fault could betray."""
