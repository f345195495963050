"""What each code of an error means, as the page of its problem tells (`/problems/CODE`)."""

from __future__ import annotations

from collections.abc import Mapping

import attrs


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
    "foreign_origin": Kind(
        403,
        "The page is from elsewhere",
        "A browser lets the pages of any site open a socket, so the service asks where they are from. "
        "Whoever runs this instance can name the site in the setting `cors_origins`.",
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
    "saga_ended": Kind(
        409,
        "What was to go on, or to be taken back, has ended",
        "Read it: `state` says how it ended.",
    ),
    "saga_waits": Kind(
        409,
        "It waits for its time",
        "It goes on at `due_at` by itself; only the operator can hasten it.",
    ),
    "point_of_no_return": Kind(
        409,
        "It has gone too far to be taken back",
        "It goes on to its end; should it have failed, resume it.",
    ),
    "contended": Kind(
        409,
        "Others took all that was ready",
        "Ask again.",
    ),
    "not_ready": Kind(
        409,
        "It is not made yet",
        "Its job says how far it is; once that is done, ask again.",
    ),
    "job_ended": Kind(
        409,
        "The job has ended",
        "There is nothing left to cancel.",
    ),
    "job_not_ended": Kind(
        409,
        "The job has not ended",
        "Only what is done, dead or cancelled is begun once more or dropped. Cancel it first.",
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
    "missing_extra": Kind(
        422,
        "What does this is not installed",
        "Whoever runs the service can install it; `errors` names the extra.",
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
    "upgrade_required": Kind(
        426,
        "Only a WebSocket is answered here",
        "Open it with `ws:` or `wss:`. Where that was done, a proxy on the way does not pass on `Upgrade`.",
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
