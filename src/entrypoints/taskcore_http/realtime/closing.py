"""Why a socket ends, as its close code says it (RFC 6455, section 7.4: 4000 to 4999 are an application's own)."""

from __future__ import annotations

from collections.abc import Mapping

from taskcore.errors import (
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    ResyncRequired,
    TaskCoreError,
    Unauthenticated,
    Unavailable,
)

MALFORMED = 4400
SIGNED_OUT = 4401
FORBIDDEN = 4403
HIDDEN = 4404
TOO_SLOW = 4408
RESYNC = 4410
TOO_LARGE = 4413
TOO_OFTEN = 4429
BROKEN = 1011
TRY_LATER = 1013
MOST_REASON_BYTES = 123
"""A control frame has no room for more (RFC 6455, section 5.5)."""

CODES: Mapping[type[TaskCoreError], int] = {
    Invalid: MALFORMED,
    Unauthenticated: SIGNED_OUT,
    Forbidden: FORBIDDEN,
    NotFound: HIDDEN,
    ResyncRequired: RESYNC,
    RateLimited: TOO_OFTEN,
    Unavailable: TRY_LATER,
    TaskCoreError: BROKEN,
}
"""By family; the nearest counts."""


class Closed(Exception):
    """The socket is to be closed, for a reason that is no error of the core."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def closed(error: TaskCoreError) -> Closed:
    """What an error of the core means to a socket."""
    code = next(CODES[family] for family in type(error).__mro__ if family in CODES)
    return Closed(code, reason(error).encode()[:MOST_REASON_BYTES].decode(errors="ignore"))


def reason(error: TaskCoreError) -> str:
    """What is wrong, in words; of a part that failed no more than that it did."""
    if isinstance(error, Unavailable):
        return "a part that is needed does not answer"
    faults = error.faults if isinstance(error, Invalid) else ()
    return "; ".join(f"{fault.field} {fault.reason}".strip() for fault in faults) or error.message
