"""What proves to a service who asks: a token that was given, or a session that is renewed as it goes."""

from __future__ import annotations

import json
import time
from typing import Any, Protocol

import attrs

from taskcore.errors import Unauthenticated
from taskcore_cli.contexts import Context, Contexts
from taskcore_cli.remote.line import Line
from taskcore_cli.remote.problems import error_of

AHEAD_SECONDS = 30
"""How long before its end an access token is renewed."""


class Credentials(Protocol):
    """Who asks."""

    def bearer(self) -> str:
        """The token to send. Raises: Unauthenticated."""
        ...

    def renew(self) -> bool:
        """Get another one, since that was refused; whether there is one."""
        ...


@attrs.frozen
class GivenToken:
    """An API token, or an access token that somebody else renews."""

    token: str = attrs.field(repr=False)

    def bearer(self) -> str:
        return self.token

    def renew(self) -> bool:
        return False


@attrs.frozen
class NoToken:
    """Nobody is signed in."""

    server: str

    def bearer(self) -> str:
        raise Unauthenticated(f"nobody is signed in at {self.server}: taskcore login --server {self.server}")

    def renew(self) -> bool:
        return False


@attrs.define
class Session:
    """The session that `taskcore login` began, kept in a context."""

    line: Line
    contexts: Contexts
    name: str
    _spent: str | None = None
    """The refresh token beside the access token that was read last: what to spend, should that be refused."""

    def bearer(self) -> str:
        kept = self._read()
        if kept.access_token is None or kept.expires_at - AHEAD_SECONDS < time.time():
            self.renew()
            kept = self._read()
        return str(kept.access_token)

    def renew(self) -> bool:
        """Continue the session, unless another process has done so since it was read. Two access tokens of
        one second are the same, two refresh tokens never."""
        spent = self._spent
        with self.contexts.alone():
            kept = self.contexts.get(self.name)
            if kept.refresh_token is None:
                raise Unauthenticated(f"nobody is signed in in context {self.name}: taskcore login")
            if kept.refresh_token == spent:
                signed = ask_openly(self.line, "/v1/auth/refresh", {"refresh_token": spent})
                self.contexts.keep(with_tokens(kept, signed))
        return True

    def _read(self) -> Context:
        kept = self.contexts.get(self.name)
        self._spent = kept.refresh_token
        return kept


def with_tokens(context: Context, signed: dict[str, Any]) -> Context:
    """A context with the session that signing in gave."""
    return attrs.evolve(
        context,
        email=signed["user"]["email"],
        token=None,
        refresh_token=signed["refresh_token"],
        access_token=signed["access_token"],
        expires_at=time.time() + signed["expires_in"],
    )


def ask_openly(line: Line, path: str, body: dict[str, Any]) -> Any:
    """What a route that wants no token answers. Raises: what the answer tells."""
    reply = line.send(
        "POST",
        path,
        content=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
        repeatable=False,
    )
    if reply.status >= 400:
        raise error_of(reply.status, reply.body)
    return json.loads(reply.body) if reply.body else None
