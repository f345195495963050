"""Whose rights what is saved may end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from taskcore.identity.model import ApiToken, Credential, Session, User
from taskcore.ports import Entity
from taskcore.values import UserId


def affected(changed: Iterable[Entity]) -> Iterator[UserId]:
    """Those of whom a session or token is revoked, or whose account or password is another."""
    for thing in changed:
        if isinstance(thing, Session | ApiToken):
            if thing.revoked_at is not None:
                yield thing.user_id
        elif isinstance(thing, User | Credential) and thing.version > 1:
            yield thing.id if isinstance(thing, User) else thing.user_id
