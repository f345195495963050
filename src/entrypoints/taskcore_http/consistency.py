"""`Consistency-Token`: what a write gives, and what makes a read show that write, whichever replica serves it."""

from __future__ import annotations

from collections.abc import Mapping

from taskcore.ports import Store
from taskcore.progress import Progress, sealed

FIELD = b"consistency-token"


def sent_progress(fields: Mapping[bytes, bytes]) -> Progress:
    """How far the sender of these header fields is, by what they say."""
    progress = Progress()
    if FIELD in fields:
        progress.expect(fields[FIELD].decode("latin-1"))
    return progress


def token_fields(progress: Progress, key: bytes | None, store: Store) -> list[tuple[bytes, bytes]]:
    """What the answer to a write says, so that it covers all that was written before now; `key` is the store's
    secret. Nothing without, which is for reads."""
    if key is None:
        return []
    progress.reach(store.written)
    return [(FIELD, sealed(key, progress.position(key)).encode())]
