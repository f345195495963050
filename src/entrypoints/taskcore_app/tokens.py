"""What a door needs of access tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID


class AccessTokens(Protocol):
    """Short-lived proof of who calls.

    Made by what a factory `(url, *, blocking)`, registered in the group `taskcore.tokens` under the URL's scheme,
    returns: a callable that takes the secret.
    """

    lifetime_seconds: int

    def issue(self, user_id: UUID, now: datetime) -> str:
        """A token that `verify` takes until `lifetime_seconds` from now."""

    def verify(self, token: str, now: datetime) -> UUID:
        """Whose token it is; raises `Unauthenticated` for whatever `issue` did not give, and once it has expired.

        Asks no store: whether that user may still do anything is for the core to say.
        """
