"""From an answer that tells a problem (RFC 9457) to the core's error of that family."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from taskcore.errors import (
    Conflict,
    Fault,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PreconditionFailed,
    RateLimited,
    ResyncRequired,
    TaskCoreError,
    Unauthenticated,
    Unavailable,
)

FAMILIES: Mapping[int, type[TaskCoreError]] = {
    400: Malformed,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: NotFound,
    408: Malformed,
    409: Conflict,
    410: ResyncRequired,
    412: PreconditionFailed,
    413: Malformed,
    415: Malformed,
    422: Invalid,
    429: RateLimited,
    500: TaskCoreError,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}
_NO_DATA = frozenset(
    {"type", "title", "status", "detail", "code", "request_id", "errors", "message", "faults"}
)
"""What every problem has, and what an error takes as something else."""


def error_of(status: int, body: bytes) -> TaskCoreError:
    """The error that a status of 400 or more, and what came with it, stands for."""
    problem = _problem(body)
    family = FAMILIES.get(status)
    if problem is None or family is None:
        return Unavailable(f"the server answered {status}, and not as taskcore does")
    message, code = str(problem.get("detail", "")), str(problem["code"])
    data = {name: value for name, value in problem.items() if name not in _NO_DATA}
    if issubclass(family, Invalid):
        return family(message, code=code, faults=_faults(problem), **data)
    return family(message, code=code, **data)


def _problem(body: bytes) -> dict[str, Any] | None:
    try:
        problem = json.loads(body)
    except ValueError:
        return None
    return problem if isinstance(problem, dict) and "code" in problem else None


def _faults(problem: Mapping[str, Any]) -> list[Fault]:
    """Its `errors`, each with its field as the core names it."""
    return [Fault(each["pointer"].removeprefix("/"), each["detail"]) for each in problem.get("errors", ())]
