"""What the standard library gives for the core's two simplest needs: the time, and new ids."""

from __future__ import annotations

import os
import secrets
import time
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING
from uuid import UUID

from taskcore.delivery.ports import Poster
from taskcore.errors import Fault, Invalid, Unavailable
from taskcore.files.ports import Blobs
from taskcore.scheduling.leveling.ports import Solver
from taskcore.values import Ids

if TYPE_CHECKING:
    from taskcore.status.ports import Typesetter

_TOKEN_BYTES = 24


def new_token() -> str:
    """A token that nobody guesses, in hexadecimal, which no shell takes for an option."""
    return secrets.token_hex(_TOKEN_BYTES)


def heuristic() -> Solver:
    """The solver that needs nothing else installed."""
    from taskcore.scheduling.leveling.heuristic import HeuristicSolver  # noqa: PLC0415  only who plans needs it

    return HeuristicSolver()


def no_poster() -> Poster:
    """What there is where nothing can be posted. Raises: Unavailable."""
    raise Unavailable("nothing can be posted from here: webhooks need `pip install 'taskcore[http]'`")


def no_blobs() -> Blobs:
    """What there is where no place for files was named. Raises: Unavailable."""
    raise Unavailable("there is no place for files: name one as `blobs`, such as file:///FOLDER")


def no_typesetter() -> Typesetter:
    """What there is where nothing can be printed. Raises: Invalid."""
    raise Invalid(
        faults=[Fault("format", "nothing here makes a PDF: pip install 'taskcore[pdf]'")],
        code="missing_extra",
    )


def system_clock() -> datetime:
    return datetime.now(UTC)


_RAND_BITS = 74


def uuid7_ids() -> Ids:
    """
    A source of UUIDv7 (RFC 9562), each greater than the one before, whatever the clock does.

    Within a millisecond the random part counts on by a random step (method 2 of section 6.2).
    """
    lock = Lock()
    last = 0

    def new_id() -> UUID:
        nonlocal last
        with lock:
            value = (time.time_ns() // 1_000_000 << _RAND_BITS) | int.from_bytes(os.urandom(9))
            if value <= last:
                value = last + 1 + int.from_bytes(os.urandom(4))
            last = value
        milliseconds, random = value >> _RAND_BITS, value & ((1 << _RAND_BITS) - 1)
        return UUID(
            int=milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
        )

    return new_id
