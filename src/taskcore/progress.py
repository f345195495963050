"""
How far somebody has come: the writes that what they read must show, wherever it is read (session guarantees
as of Terry et al., 1994: "read your writes").

A store that is read in several places counts its writes in positions. A position leaves as a token: sealed, so
that nobody makes one up, and hidden, since it tells how much is written by all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

import attrs

_SEAL_BYTES, _POSITION_BYTES = 12, 8
_CHARACTERS = (_SEAL_BYTES + _POSITION_BYTES) * 4 // 3 + 1


@attrs.define(slots=True)
class Progress:
    """Somebody's, for as long as they are served; it only grows."""

    reached: int = 0
    """A position of the store; 0 is its beginning."""
    _unopened: set[str] = attrs.field(factory=set)

    def reach(self, position: int) -> None:
        """They wrote up to there."""
        self.reached = max(self.reached, position)

    def expect(self, token: str) -> None:
        """They know of the write that gave this token; one that none gave means nothing."""
        self._unopened.add(token)

    def position(self, key: bytes) -> int:
        """How far they are, by all that was said; `key` is the store's secret."""
        while self._unopened:
            self.reach(opened(key, self._unopened.pop()))
        return self.reached


@lru_cache(maxsize=16)
def sealed(key: bytes, position: int) -> str:
    """
    The token for a position: of the same length for each, and always the same for the same.

    A seal over the position is also what it is hidden with (a synthetic initialisation vector, RFC 5297,
    with HMAC for both halves).
    """
    plain = position.to_bytes(_POSITION_BYTES)
    seal = _seal(key, plain)
    return _text(seal + _masked(key, seal, plain))


def opened(key: bytes, token: str) -> int:
    """The position that `sealed` was given; 0 for any other text."""
    if len(token) != _CHARACTERS or not token.isascii():
        return 0
    try:
        whole = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except ValueError:
        return 0
    if _text(whole) != token:  # the last character has bits to spare
        return 0
    seal, hidden = whole[:_SEAL_BYTES], whole[_SEAL_BYTES:]
    plain = _masked(key, seal, hidden)
    return int.from_bytes(plain) if hmac.compare_digest(seal, _seal(key, plain)) else 0


def _text(token: bytes) -> str:
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


def _seal(key: bytes, plain: bytes) -> bytes:
    return hmac.digest(key, b"progress seal\0" + plain, hashlib.sha256)[:_SEAL_BYTES]


def _masked(key: bytes, seal: bytes, text: bytes) -> bytes:
    mask = hmac.digest(key, b"progress mask\0" + seal, hashlib.sha256)
    return bytes(left ^ right for left, right in zip(text, mask, strict=False))
