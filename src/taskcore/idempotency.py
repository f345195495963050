"""
A command that is asked for once more does nothing, and answers as it did (as Stripe's API has it; the
HTTP field is draft-ietf-httpapi-idempotency-key-header's).

Effect, events and what was answered are committed together, so an answer that got lost can be given
again, to the letter. What failed did nothing, and is tried again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import attrs

from taskcore.errors import Fault
from taskcore.events import plain
from taskcore.values import TeamId, UserId

KEPT = timedelta(hours=24)
MOST_CHARACTERS = 255
_NAMED = "\ue000secret {}\ue000"
"""What stands in a kept answer for the n-th secret that was made, between characters of nobody's alphabet."""


@attrs.frozen(slots=True)
class IdempotencyRecord:
    """What a command did under a key of its user's: for a day, asking again gives the same answer."""

    user_id: UserId
    key_hash: str
    fingerprint: str
    """Of the request: the same key with another one is a mistake."""
    nonce: str
    created_at: datetime
    result: Mapping[str, Any]
    """`value`, as JSON; and `asked` and `actions`, the rights that were asked for, to be asked for again."""
    version: int = 1


@attrs.define(slots=True)
class Attempt:
    """One request that may be a repetition of another, under the key that its sender chose."""

    key: str
    fingerprint: str
    replayed: bool = False
    """Set when the answer is one that was given before."""
    asked: list[tuple[str, UUID, TeamId | None, tuple[str, ...], Mapping[str, bool]]] = attrs.field(
        factory=list
    )
    """Each thing that was looked at, its team, what was asked about it, and what else was known of it."""
    actions: set[str] = attrs.field(factory=set)
    """All that was done, for which another credential of the same user may be too small."""
    _nonce: str = ""
    _key_of_secrets: bytes = b""
    _secrets: list[str] = attrs.field(factory=list)

    @classmethod
    def of(cls, key: str, name: str, content: object) -> Attempt:
        """
        An attempt at what `name` and `content` (bytes, or anything that has a JSON form) ask for.

        The fingerprint can be computed by whoever knows the key alone, which is not kept: a password in the
        content cannot be guessed from it.
        """
        given = content if isinstance(content, bytes) else _ordered(content).encode()
        return cls(key, hmac.digest(key.encode(), name.encode() + b"\0" + given, "sha256").hex())

    def part(self, place: int) -> Attempt:
        """Of a request that is several commands: one of them."""
        return Attempt(f"{self.key} {place}", self.fingerprint)

    def seal(self, key: bytes) -> None:
        """With what its secrets are derived, besides its own key."""
        self._key_of_secrets = key

    def begin(self, nonce: str) -> None:
        """Forget what an earlier try of the same unit left."""
        self.asked.clear()
        self.actions.clear()
        self._secrets.clear()
        self._nonce = nonce

    def secret(self) -> str:
        """
        The next secret of this request: random for all but whoever knows its key, so that it need not be
        kept to be given again.
        """
        made = self._derived(len(self._secrets))
        self._secrets.append(made)
        return made

    def _derived(self, place: int) -> str:
        text = f"{self._nonce} {self.key} {place}".encode()
        return hmac.digest(self._key_of_secrets, b"idempotent secret " + text, "sha256").hex()[:48]

    def without_secrets(self, value: Any) -> Any:
        """A JSON value in which every secret made here is only named."""
        text = json.dumps(value)
        for place, secret in enumerate(self._secrets):
            text = text.replace(secret, json.dumps(_NAMED.format(place))[1:-1])
        return json.loads(text)

    def with_secrets(self, value: Any) -> Any:
        """The JSON value that `without_secrets` was given."""
        text, place = json.dumps(value), 0
        while (named := json.dumps(_NAMED.format(place))[1:-1]) in text:
            text = text.replace(named, self._derived(place))
            place += 1
        return json.loads(text)


def _form(value: object) -> object:
    """The JSON form of what has none by itself, or what it looks like."""
    try:
        return plain(value)
    except TypeError:
        return repr(value)


_ordered = json.JSONEncoder(sort_keys=True, default=_form).encode


def key_faults(key: object, name: str) -> list[Fault]:
    """Why a key, called `name` where it was given, is none."""
    if isinstance(key, str) and 0 < len(key) <= MOST_CHARACTERS and key.isascii() and key.isprintable():
        return []
    return [Fault(name, f"must have 1 to {MOST_CHARACTERS} printable ASCII characters")]


def hashed_key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
