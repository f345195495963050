"""Making an account, and proving to have one."""

from __future__ import annotations

from typing import Any, TypedDict

from taskcore.identity.model import User
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import Call, Raw


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
    """The proof to send with every request from now on, and what gives the next one."""

    user: User
    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


class Continued(TypedDict):
    """What continues a session, or ends it."""

    refresh_token: str


class Address(TypedDict):
    """Whose password is to be set anew."""

    email: str


class Reset(TypedDict):
    """The token that came by mail, and the new password."""

    token: str
    password: str


class PasswordChange(TypedDict):
    """The password of today, and that of tomorrow."""

    current: str
    password: str


class Verification(TypedDict):
    """The token that came by mail."""

    token: str


class KeySet(TypedDict):
    """A JWK set (RFC 7517)."""

    keys: list[Any]


@Operation(
    "POST",
    "/v1/auth/signup",
    body=Signup,
    gives=Signed,
    status=201,
    public=True,
    refuses=("signup_closed", "already_exists", "rate_limited"),
    rights=("auth.sign_up_in_out",),
)
async def sign_up(request: Call) -> Answer:
    """Make an account, and sign in with it."""
    wanted = await request.sent(Signup, _nothing_hidden)
    signed = await request.instance.core.auth.sign_up(**wanted, origin=request.origin)
    return request.signed(signed, status=201, location="/v1/me")


@Operation(
    "POST",
    "/v1/auth/login",
    body=Login,
    gives=Signed,
    public=True,
    refuses=("wrong_credentials", "rate_limited"),
    rights=("auth.sign_up_in_out",),
)
async def log_in(request: Call) -> Answer:
    """Prove who you are by e-mail and password."""
    given = await request.sent(Login, _nothing_hidden)
    auth = request.instance.core.auth
    return request.signed(await auth.sign_in(**given, origin=request.origin), status=200)


@Operation(
    "POST",
    "/v1/auth/refresh",
    body=Continued,
    gives=Signed,
    public=True,
    refuses=("invalid_refresh_token", "rate_limited"),
    rights=("auth.sign_up_in_out",),
)
async def refresh(request: Call) -> Answer:
    """
    Go on with a session: new tokens for the refresh token, which is spent then.

    Sent again within ten seconds it gives the same refresh token, since an answer may have got lost.
    Later its use ends the session.
    """
    given = await request.sent(Continued, _nothing_hidden)
    auth = request.instance.core.auth
    return request.signed(await auth.refresh(given["refresh_token"], origin=request.origin), status=200)


@Operation(
    "POST",
    "/v1/auth/logout",
    body=Continued,
    public=True,
    refuses=("rate_limited",),
    rights=("auth.sign_up_in_out",),
)
async def log_out(request: Call) -> Answer:
    """End the session that a refresh token belongs to."""
    given = await request.sent(Continued, _nothing_hidden)
    await request.instance.core.auth.sign_out(given["refresh_token"], origin=request.origin)
    return request.done()


@Operation(
    "POST",
    "/v1/auth/password-reset",
    body=Address,
    status=202,
    public=True,
    refuses=("rate_limited",),
    rights=("auth.sign_up_in_out",),
)
async def request_reset(request: Call) -> Answer:
    """Have a token mailed that sets a new password. The answer is the same for every address."""
    given = await request.sent(Address, _nothing_hidden)
    await request.instance.core.auth.request_reset(given["email"], origin=request.origin)
    return request.taken()


@Operation(
    "POST",
    "/v1/auth/password-reset/confirm",
    body=Reset,
    public=True,
    refuses=("invalid_token", "rate_limited"),
    rights=("auth.sign_up_in_out",),
)
async def confirm_reset(request: Call) -> Answer:
    """Set a new password by a token that came by mail. Ends every session."""
    given = await request.sent(Reset, _nothing_hidden)
    await request.instance.core.auth.reset(**given, origin=request.origin)
    return request.done()


@Operation(
    "POST",
    "/v1/auth/password",
    body=PasswordChange,
    refuses=("insufficient_scope", "rate_limited"),
    rights=("user.update_self",),
)
async def change_password(request: Call) -> Answer:
    """Change your password. Ends every session, this one too: sign in anew."""
    me = request.me.me
    given = await request.sent(PasswordChange, lambda _: me.get())
    await me.change_password(**given)
    return request.done()


@Operation(
    "POST",
    "/v1/auth/verify-email",
    body=Verification,
    public=True,
    refuses=("invalid_token", "rate_limited"),
    rights=("auth.sign_up_in_out",),
)
async def verify_email(request: Call) -> Answer:
    """Show by a token that came by mail that an address is yours."""
    given = await request.sent(Verification, _nothing_hidden)
    await request.instance.core.auth.verify_email(given["token"], origin=request.origin)
    return request.done()


@Operation("GET", "/.well-known/jwks.json", gives=KeySet, public=True, rights=())
async def read_keys(request: Call) -> Answer:
    """Read the public keys that our access tokens can be checked with; none, where the key is a secret."""
    return request.one(request.instance.tokens.jwks())


async def _nothing_hidden(_: Raw) -> None:
    """Who signs in sees nothing yet that a fault could betray."""
