"""
What a letter says, so that it can wait in the store and not be read there: it may hold a token, of which the store
otherwise keeps but a hash.

Hidden with a stream by SHAKE-256 (FIPS 202) over a key and a nonce that is used once, and authenticated over what comes
of that (HMAC-SHA-256, RFC 2104; "encrypt then MAC"). It is sealed for as long as the letter waits: whoever reads the
store's secret too, reads it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from typing import Any

_NONCE_BYTES, _TAG_BYTES = 16, 32


def sealed(key: bytes, content: Any) -> str:
    """A JSON value, as text that only `opened` with the same key makes anything of."""
    nonce = os.urandom(_NONCE_BYTES)
    hidden = nonce + _masked(key, nonce, json.dumps(content).encode())
    return base64.b64encode(hidden + _tag(key, hidden)).decode()


def opened(key: bytes, text: str) -> Any:
    """The value that `sealed` was given. Raises: ValueError, for any other text or key."""
    whole = base64.b64decode(text, validate=True)
    hidden, tag = whole[:-_TAG_BYTES], whole[-_TAG_BYTES:]
    if len(hidden) < _NONCE_BYTES or not hmac.compare_digest(tag, _tag(key, hidden)):
        raise ValueError("it was sealed with another key, or is damaged")
    return json.loads(_masked(key, hidden[:_NONCE_BYTES], hidden[_NONCE_BYTES:]))


def _masked(key: bytes, nonce: bytes, content: bytes) -> bytes:
    """A sponge takes its key in front: SHA-3 knows no length extension."""
    stream = hashlib.shake_256(_derived(key, b"letters, hidden") + nonce).digest(len(content))
    return (int.from_bytes(content) ^ int.from_bytes(stream)).to_bytes(len(content))


def _tag(key: bytes, hidden: bytes) -> bytes:
    return hmac.digest(_derived(key, b"letters, sealed"), hidden, "sha256")


def _derived(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, purpose, "sha256")
