"""The errors of every door.

A program acts on `code`, a person reads the message, and `data` carries what either may need
beyond it. HTTP and the command line each map the *families* (the classes below) in one place.

```
TaskCoreError
├── NotFound             what was named does not exist, or the caller may not know that it does
├── Forbidden            the caller is known and lacks the right
├── Unauthenticated      the caller is not known (any more)
├── Invalid              a value or a rule; `faults` names each field and why
│   └── Malformed        the request itself cannot be read: bad JSON, unknown parameter, bad cursor
├── Conflict             the state of things forbids it: already_exists, cycle, blocked, last_owner …
│   └── ResyncRequired   the log no longer has, or never had, what was to follow: read anew, then follow from there
├── PreconditionFailed   somebody was faster: version_conflict
├── RateLimited          too often
└── Unavailable          a part that is needed does not answer
```
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar
from uuid import UUID

import attrs


@attrs.frozen(slots=True)
class Fault:
    """One thing wrong with an input: which field, and why (with what would be right)."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}" if self.field else self.reason


class TaskCoreError(Exception):
    """Base of all errors that taskcore raises on purpose."""

    default_code: ClassVar[str] = "error"

    def __init__(self, message: str, *, code: str | None = None, **data: object) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.data = data

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r}, code={self.code!r})"


class NotFound(TaskCoreError):
    default_code = "not_found"


class Forbidden(TaskCoreError):
    """The caller lacks the right. `team_id` and `what` say to what, for the audit; no door tells them."""

    default_code = "forbidden"
    team_id: UUID | None = None
    what: str | None = None


class Unauthenticated(TaskCoreError):
    default_code = "unauthenticated"


class Invalid(TaskCoreError):
    """A refused value or rule. `faults` lists every one that was found, not just the first."""

    default_code = "invalid"

    def __init__(
        self, message: str = "", *, code: str | None = None, faults: Iterable[Fault] = (), **data: object
    ) -> None:
        self.faults = tuple(faults)
        super().__init__(message or "; ".join(map(str, self.faults)) or "invalid", code=code, **data)


class Malformed(Invalid):
    default_code = "malformed"


class Conflict(TaskCoreError):
    default_code = "conflict"


class ResyncRequired(Conflict):
    """What a reader of the log has seen does not join what is kept: read the state anew, then go on from there."""

    default_code = "resync_required"


class PreconditionFailed(TaskCoreError):
    default_code = "version_conflict"


class RateLimited(TaskCoreError):
    default_code = "rate_limited"


class Unavailable(TaskCoreError):
    default_code = "unavailable"


def invalid(field: str, reason: str, *, code: str | None = None) -> Invalid:
    """The common case of `Invalid`: one field, one reason."""
    return Invalid(faults=[Fault(field, reason)], code=code)


def refuse(faults: Iterable[Fault]) -> None:
    """Raise `Invalid` with all of `faults`, if there are any."""
    found = tuple(faults)
    if found:
        raise Invalid(faults=found)
