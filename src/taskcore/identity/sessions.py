"""A session and the refresh tokens that follow from it: pure verbs, and what they need loaded."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from taskcore.errors import Unauthenticated
from taskcore.events import Stamp
from taskcore.identity.model import RefreshToken, Session, User
from taskcore.identity.tokens import REFRESH, hashed, written
from taskcore.ports import Entity, Unit
from taskcore.values import SessionId, TokenId, UserId

LIFETIME = timedelta(days=30)
"""How long a session lives without being refreshed."""
GRACE = timedelta(seconds=10)
"""How long a spent refresh token still gives its successor: an answer may have got lost."""


@attrs.frozen(slots=True)
class SignedIn:
    """A session, and what continues it; the access token is the door's to issue."""

    user: User
    session: Session
    refresh_token: str = attrs.field(repr=False)


def begun(user: User, random: str, stamp: Stamp) -> tuple[SignedIn, list[Entity]]:
    """A new session with its first refresh token."""
    session = Session(
        SessionId(stamp.new_id()), user.id, stamp.now, stamp.now + LIFETIME, stamp.now, stamp.origin
    )
    text = written(REFRESH, random)
    return SignedIn(user, session, text), [session, refresh_token(TokenId(stamp.new_id()), session, text)]


def continued(spent: RefreshToken, session: Session, follower: str, stamp: Stamp) -> list[Entity]:
    """The session for longer, first of all; then the token that is spent by it, and the next."""
    used = attrs.evolve(spent, used_at=stamp.now, version=spent.version + 1)
    longer = attrs.evolve(
        session, used_at=stamp.now, expires_at=stamp.now + LIFETIME, version=session.version + 1
    )
    return [longer, used, refresh_token(TokenId(stamp.new_id()), longer, follower)]


def refresh_token(token_id: TokenId, session: Session, text: str) -> RefreshToken:
    return RefreshToken(
        token_id, session.id, session.user_id, hashed(text), session.used_at, session.expires_at
    )


def revoked(session: Session, now: datetime) -> Session:
    return attrs.evolve(session, revoked_at=now, version=session.version + 1)


async def family(unit: Unit, token: str) -> tuple[RefreshToken, Session, User]:
    """A refresh token with its session and user. Raises: Unauthenticated, for one that is none."""
    found = await unit.find(RefreshToken, token_hash=hashed(token))
    if not found:
        raise over()
    session = (await unit.find(Session, id=found[0].session_id))[0]
    return found[0], session, (await unit.find(User, id=session.user_id))[0]


async def outlived(unit: Unit, user_id: UserId, now: datetime) -> list[Entity]:
    """Sessions of a user that ended long ago, with their refresh tokens: nobody will ask for them."""
    ended = [each for each in await unit.find(Session, user_id=user_id) if now >= each.expires_at]
    ids = tuple(session.id for session in ended)
    tokens = await unit.find(RefreshToken, session_id=ids) if ids else []
    return [*ended, *tokens]


def over() -> Unauthenticated:
    return Unauthenticated(
        "this refresh token is unknown, spent or expired: sign in again", code="invalid_refresh_token"
    )
