"""Errors as HTTP says them: the one place that maps families to statuses."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

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
from taskcore.events import plain
from taskcore_http.answer import SECURITY, encoded
from taskcore_http.problems import KINDS
from taskcore_http.strict import TooSlow, Unsupported
from taskcore_http.wire import NEVER, Call

PROBLEM_JSON = "application/problem+json"
log = logging.getLogger(__name__)

FAMILIES: Mapping[type[TaskCoreError], int] = {
    Malformed: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    ResyncRequired: 410,
    PreconditionFailed: 412,
    TooSlow: 408,
    Unsupported: 415,
    Invalid: 422,
    RateLimited: 429,
    Unavailable: 503,
    TaskCoreError: 500,
}
_CODES = {
    400: "malformed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    426: "upgrade_required",
}
_RESERVED = frozenset({"type", "title", "status", "detail", "code", "request_id", "errors", "instance"})


def of_the_core(request: Request[Any, Any, Any], error: TaskCoreError) -> Response[bytes]:
    """A problem for an error that was raised on purpose."""
    status = status_of(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if status == 500:
        log.error("request %s: %r", _request_id(request), error, exc_info=error, extra=_told(request))
    return _answer(request, problem(request, error), headers)


def status_of(error: TaskCoreError) -> int:
    return next(FAMILIES[family] for family in type(error).__mro__ if family in FAMILIES)


def problem(request: Request[Any, Any, Any], error: TaskCoreError) -> dict[str, object]:
    """An error as RFC 9457 has it."""
    faults = error.faults if isinstance(error, Invalid) else ()
    detail = _detail(request, error)
    return _problem(request, status_of(error), error.code, detail, faults, error.data)


def _detail(request: Request[Any, Any, Any], error: TaskCoreError) -> str:
    """What went wrong, in the words of HTTP where the core's would name the version that stands for none."""
    if isinstance(error, PreconditionFailed) and isinstance(request, Call) and request.if_version == NEVER:
        return "If-Match names no version of it"
    if isinstance(error, Unavailable) and error.code == Unavailable.default_code:
        log.warning("request %s: %s", _request_id(request), error.message, extra=_told(request))
        return "a part that is needed does not answer; nothing was done"
    return error.message


def of_litestar(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """A problem for what Litestar itself refuses: unknown routes and methods, bodies beyond the limit."""
    if error.status_code >= 500:
        return of_a_bug(request, error)
    kind = KINDS[_CODES.get(error.status_code, "malformed")]
    headers = dict(error.headers or {})
    if "allow" in headers:
        headers["allow"] = ", ".join(sorted({*headers["allow"].split(", ")}))
    detail = error.detail if error.status_code == 400 else kind.title.lower()
    code = _CODES.get(error.status_code, "malformed")
    return _answer(request, _problem(request, error.status_code, code, detail, (), {}), headers)


def of_a_bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A problem that tells nothing, and a log entry that tells all."""
    log.error("request %s failed", _request_id(request), exc_info=error, extra=_told(request))
    return _answer(request, _problem(request, 500, "internal", "something broke here", (), {}), {})


def _told(request: Request[Any, Any, Any]) -> dict[str, str]:
    """What a log for programs has of a request, besides the message."""
    return {"request_id": _request_id(request)}


def _request_id(request: Request[Any, Any, Any]) -> str:
    return request.request_id.decode() if isinstance(request, Call) else ""


def _problem(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    detail: str,
    faults: tuple[Fault, ...],
    data: Mapping[str, object],
) -> dict[str, object]:
    kind = KINDS.get(code)
    said: dict[str, object] = {
        "type": f"/problems/{code}",
        "title": kind.title if kind else next(each.title for each in KINDS.values() if each.status == status),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": _request_id(request),
    }
    if faults:
        said["errors"] = [{"pointer": pointer(fault), "detail": fault.reason} for fault in faults]
    return said | {name: plain(value) for name, value in data.items() if name not in _RESERVED}


def _answer(
    request: Request[Any, Any, Any], said: dict[str, object], headers: dict[str, str]
) -> Response[bytes]:
    fields = request.common if isinstance(request, Call) else SECURITY
    common = {"Cache-Control": "no-store"} | {name.decode(): value.decode() for name, value in fields}
    status = int(str(said["status"]))
    return Response(encoded(said), status_code=status, media_type=PROBLEM_JSON, headers={**common, **headers})


def pointer(fault: Fault) -> str:
    """The JSON pointer to what is wrong, from the root of the body (or of the query parameters)."""
    return f"/{fault.field}" if fault.field else ""
