"""Errors as HTTP says them: the one place that maps families to statuses, and codes to their pages."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import attrs
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
    TaskCoreError,
    Unauthenticated,
    Unavailable,
)
from taskcore.events import plain
from taskcore_http.answer import SECURITY, encoded
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
    PreconditionFailed: 412,
    TooSlow: 408,
    Unsupported: 415,
    Invalid: 422,
    RateLimited: 429,
    Unavailable: 503,
    TaskCoreError: 500,
}


@attrs.frozen
class Kind:
    """What a code means, as its page tells."""

    status: int
    title: str
    advice: str


KINDS: Mapping[str, Kind] = {
    "malformed": Kind(
        400,
        "The request cannot be read",
        "Its JSON, a query parameter, a header or a cursor is not well formed. `errors` names each fault. "
        "A cursor belongs to the query that gave it: when the query changes, start without one.",
    ),
    "unauthenticated": Kind(
        401,
        "Sign in first",
        "Send `Authorization: Bearer <access token>`. POST /v1/auth/login gives one; it lives for the number of "
        "seconds in `expires_in`.",
    ),
    "wrong_credentials": Kind(
        401,
        "E-mail or password is wrong",
        "Nothing more is said, so that nobody learns from it who has an account.",
    ),
    "forbidden": Kind(
        403,
        "You may not do this",
        "You can see the thing, and your role in its team does not include this. `action` names the missing right.",
    ),
    "own_role": Kind(
        403,
        "Nobody changes their own role",
        "Ask another owner, or leave the team.",
    ),
    "signup_closed": Kind(
        403,
        "Sign-up is not open here",
        "Ask whoever runs this instance for an account or an invitation.",
    ),
    "invalid_refresh_token": Kind(
        401,
        "The session is over",
        "A refresh token is good once; its answer has the next one. This one is unknown, spent or expired, or its "
        "session was ended: sign in again. A spent token that is used again ends its session, since somebody has a "
        "copy.",
    ),
    "insufficient_scope": Kind(
        403,
        "The token is not good for this",
        "An API token is good for its scopes only, and some things are for people alone. `action` names the missing "
        "right.",
    ),
    "team_suspended": Kind(
        403,
        "The team is suspended",
        "Whoever runs this instance has suspended it. It can be read, and nothing in it changed.",
    ),
    "email_unverified": Kind(
        403,
        "Verify your e-mail address first",
        "POST /v1/me/verify-email mails a token, which POST /v1/auth/verify-email takes.",
    ),
    "reauthenticate": Kind(
        403,
        "Show that it is you",
        "A new e-mail address wants your current password with it, as `current`.",
    ),
    "not_found": Kind(
        404,
        "There is no such thing",
        "It does not exist, is in the trash, or you may not know of it. The answer is the same for all three.",
    ),
    "method_not_allowed": Kind(
        405,
        "The method is not known here",
        "The `Allow` header lists those that are.",
    ),
    "request_timeout": Kind(
        408,
        "The body did not come in time",
        "Send it in one go.",
    ),
    "conflict": Kind(
        409,
        "The state of things forbids it",
        "Read it again, and decide anew.",
    ),
    "resync_required": Kind(
        410,
        "The log does not join what was seen",
        "Events are kept for a while, and a restored database may lack some. Read the state anew, and follow from"
        " the newest event on.",
    ),
    "in_progress": Kind(
        409,
        "The same request is still running",
        "Somebody sent the same `Idempotency-Key` a moment ago. Ask again: it will be answered as the first is.",
    ),
    "already_exists": Kind(
        409,
        "Something has this name already",
        "`field` names what has to be unique. Take another value, or use what is there.",
    ),
    "cycle": Kind(
        409,
        "That would close a cycle",
        "`cycle` lists the way round. Take one of its dependencies or parents away first.",
    ),
    "blocked": Kind(
        409,
        "The task is blocked",
        "`blockers` lists the tasks that stand in its way. Finish them, or finish this one with `?force=true`, "
        "which is written to the log.",
    ),
    "unfinished_subtasks": Kind(
        409,
        "The task has unfinished subtasks",
        "`subtasks` lists them. Finish them, or finish this one with `?force=true`, which is written to the log.",
    ),
    "last_owner": Kind(
        409,
        "A team always has an active owner",
        "Make somebody else an owner of the teams in `teams` first.",
    ),
    "last_admin": Kind(
        409,
        "The instance always has an active admin",
        "Make somebody else an instance admin first.",
    ),
    "contended": Kind(
        409,
        "Others took all that was ready",
        "Ask again.",
    ),
    "quota_exceeded": Kind(
        409,
        "That is as many as one person may have",
        "Delete what is needed no longer, or ask whoever runs this instance.",
    ),
    "own_account": Kind(
        409,
        "Nobody shuts or demotes themselves",
        "Ask another instance admin.",
    ),
    "account_deleted": Kind(
        409,
        "The account was deleted",
        "Its owner deleted it: there is nothing left to open.",
    ),
    "not_eligible": Kind(
        409,
        "This person cannot become the owner",
        "Only an active admin or member of the team can.",
    ),
    "parent_deleted": Kind(
        409,
        "The parent is in the trash",
        "Restore the task in `parent` first.",
    ),
    "trash_expired": Kind(
        409,
        "It was deleted too long ago",
        "A task can be restored for 30 days.",
    ),
    "no_working_time": Kind(
        409,
        "There is no working time for it",
        "Look at the hours, holidays and time off of the calendar that the message tells of.",
    ),
    "plan_overtaken": Kind(
        409,
        "The team's work changed while it was planned",
        "Plan again: the dates were not written.",
    ),
    "not_deleted": Kind(
        409,
        "It is not in the trash",
        "Only what has been deleted can be purged: DELETE it first.",
    ),
    "removed_meanwhile": Kind(
        409,
        "It was removed meanwhile",
        "Somebody else removed it, or what it refers to, while this request ran. Read it again, and decide anew.",
    ),
    "version_conflict": Kind(
        412,
        "Somebody was faster",
        "It changed since the version in `If-Match`. Read it again and send the change with the new ETag; or send "
        "`Prefer: merge`, which refuses only if a field you send was changed: `fields` names those.",
    ),
    "too_large": Kind(
        413,
        "The body is too large",
        "Send less at once.",
    ),
    "unsupported_media_type": Kind(
        415,
        "The body is of a type that is not read here",
        "Send JSON, with `Content-Type: application/json`.",
    ),
    "invalid": Kind(
        422,
        "A value is refused",
        "`errors` names every field that is wrong, by its JSON pointer, and what would be right.",
    ),
    "idempotency_mismatch": Kind(
        422,
        "The key was used for another request",
        "An `Idempotency-Key` stands for one request, to the letter. Take a new one for a new request.",
    ),
    "invalid_token": Kind(
        422,
        "The token is no good",
        "It is wrong, used or expired. Ask for a new one.",
    ),
    "header_too_large": Kind(
        431,
        "The header is too large",
        "Send fewer and shorter header fields: 100 of them, and 64 KiB with the request line, are taken.",
    ),
    "rate_limited": Kind(
        429,
        "Too many requests",
        "Wait for the seconds in `Retry-After`.",
    ),
    "internal": Kind(
        500,
        "Something broke here",
        "It is not your fault. Whoever runs this instance finds `request_id` in the log.",
    ),
    "unreachable": Kind(
        503,
        "The endpoint was not reached",
        "It gave no whole answer in time, or its address is not public. What it is about, the detail says; whoever runs "
        "this instance can allow networks that are not public (`webhook_networks`).",
    ),
    "unavailable": Kind(
        503,
        "A part that is needed does not answer",
        "Nothing was done. Try again in a moment.",
    ),
    "timeout": Kind(
        503,
        "It took too long",
        "It was given up: done wholly, or not at all. Read the thing again to know which.",
    ),
    "schema_version": Kind(
        503,
        "The store's schema is not this version's",
        "Whoever runs this instance has to run `taskcore db upgrade`.",
    ),
}
"""Every code that HTTP answers with. One that is missing here (another adapter's) has its family's title."""

_CODES = {400: "malformed", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
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
    allow = (error.headers or {}).get("allow")
    headers = {"Allow": ", ".join(sorted({*allow.split(", ")}))} if allow else {}
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
