"""What a door needs of the tokens that callers send."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from taskcore.identity.model import ExternalIdentity


class Claims(Protocol):
    """What a genuine access token says: who calls, and within which session."""

    @property
    def user_id(self) -> UUID: ...

    @property
    def session_id(self) -> UUID: ...


class AccessTokens(Protocol):
    """Short-lived proof of who calls.

    Made by what a factory `(url, *, blocking)`, registered in the group `taskcore.tokens` under the URL's scheme,
    returns: a callable that takes secrets, of which the first signs and each verifies.
    """

    lifetime_seconds: int

    def issue(self, user_id: UUID, session_id: UUID, now: datetime) -> str:
        """A token that `verify` takes until `lifetime_seconds` from now."""

    def verify(self, token: str, now: datetime) -> Claims:
        """What the token says; raises `Unauthenticated` for whatever `issue` did not give, and once it has expired.

        Asks no store: whether that session still holds is for the core to say.
        """

    def jwks(self) -> dict[str, Any]:
        """The public keys that verify, as a JWK set (RFC 7517); none where the keys are secret."""


class ExternalTokens(Protocol):
    """Tokens of an OpenID provider.

    Made by what a factory `(url, *, blocking)`, registered in the group `taskcore.issuers`, returns: a callable that
    takes `issuer`, `audience`, `jwks_url` (None: discovered) and `claims` (which claim tells what).
    """

    def issued(self, token: str) -> bool:
        """Whether a token names that provider as its issuer, be it genuine or not."""

    async def verify(self, token: str, now: datetime) -> ExternalIdentity:
        """Whom the provider vouches for. Raises: Unauthenticated; Unavailable, where its keys cannot be had."""

    async def close(self) -> None:
        """Let go of connections."""
