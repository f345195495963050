"""
The service's own description (OpenAPI 3.1), made from what the routes say about themselves.

Litestar would derive it from the handlers' signatures; ours hold no bodies and no query, since both
are read in `wire` (docs/adr/0006).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

from litestar.handlers import HTTPRouteHandler

from taskcore import __version__
from taskcore.exchange.files import EXPORTS, FORMATS
from taskcore.expression.parser import MAX_CHARACTERS
from taskcore.idempotency import MOST_CHARACTERS
from taskcore.query import BOUNDS, SEVERAL, SORTS
from taskcore.values import Priority, Status
from taskcore_http.errors import KINDS, PROBLEM_JSON
from taskcore_http.examples import EXAMPLES
from taskcore_http.operation import Operation
from taskcore_http.schema import Schema, schema
from taskcore_http.versions import FIRST, version_of

_PATH_PARAMETER = re.compile(r"{(\w+):\w+}")
_SAYS: Mapping[str, str] = {
    "limit": "How many at most, 1 to 200.",
    "cursor": "`next_cursor` of the page before; good only with the same filter and sort.",
    "after": "The `seq` of the last event that you know.",
    "format": "json or ndjson for all of it, csv for the tasks.",
    "events": "Whether the log is in it.",
    "count": "Whether to add `total`: how many there are on all pages.",
    "deleted": "Whether to look in the trash.",
    "force": "Whether to finish a task that is blocked or has unfinished subtasks.",
    "team": "Id, slug or key.",
    "project": "Id, or `none`.",
    "assignee": "Id, `me` or `none`.",
    "created_by": "Id or `me`.",
    "follower": "Id, `me` or `none`.",
    "label": "Name.",
    "parent": "Id or key, or `none` for what is no subtask.",
    "overdue": "Whether it is late.",
    "blocked": "Whether a predecessor stands in the way.",
    "expand": "Some of `assignee`, `project` and `labels`, to be given whole.",
    "text": "A part of the title or description, whatever its case.",
    "q": "One expression over these fields, such as "
    '`status:open (assignee:me or assignee:none) due<now+7d "login page"`; terms side by side all hold. '
    "It is held together with the other parameters. A fault names its `column`.",
    "sort": f"Up to three of {', '.join(SORTS)}; `-` first for descending.",
    "task": "Id or key, such as `PLAT-42`.",
    "predecessor": "Id or key of the task that comes before.",
    "user": "Id, or `me`.",
}
_ITEMS: Mapping[str, Schema] = {
    "status": {"enum": list(Status)},
    "priority": {"enum": list(Priority)},
}


def document(handlers: Iterable[HTTPRouteHandler], version: str = FIRST) -> Schema:
    """The whole description of one version."""
    components: dict[str, Schema] = {"Problem": _problem()}
    paths: dict[str, Schema] = {}
    for handler in handlers:
        about: Operation = handler.opt["operation"]
        served = [path for path in about.paths if version_of(path) in (version, None)]
        if not served:
            continue
        path = _PATH_PARAMETER.sub(r"{\1}", served[0])
        described = _operation(about, str(handler.fn.__name__), inspect.getdoc(handler.fn) or "", components)
        paths.setdefault(path, {})[about.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"taskcore, {version} of its API",
            "version": __version__,
            "description": "A task engine for teams. Errors are RFC 9457 problem details; each code has a page "
            "at `/problems/<code>`. HEAD works wherever GET does.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "headers": _HEADERS,
            "parameters": _CONDITIONS,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "tags": [
            {"name": tag}
            for tag in dict.fromkeys(each["tags"][0] for path in paths.values() for each in path.values())
        ],
    }


def _operation(about: Operation, name: str, said: str, components: dict[str, Schema]) -> Schema:
    summary, _, more = said.partition("\n")
    described: Schema = {
        "operationId": name,
        "summary": summary.rstrip("."),
        "description": more.strip() or summary,
        "tags": [_tag(about.path)],
        "parameters": [
            *_path_parameters(about.path),
            *map(_query_parameter, about.query),
            *_conditions(about),
        ],
        "responses": {**_successes(about, components), **_refusals(about)},
        "security": [] if about.public else [{"bearer": []}],
        "x-rights": list(about.rights),
    }
    if about.superseded is not None:
        described["deprecated"] = True
    if about.body is not None:
        described["requestBody"] = _body(about, components)
    if about.upload is not None:
        described["requestBody"] = _upload(about.upload, components)
    return described


def _tag(path: str) -> str:
    """The resource that a path is about: its last word that is no parameter."""
    words = [word for word in path.split("/") if word and not word.startswith("{")]
    return (
        words[1]
        if len(words) > 1 and words[1] in ("auth", "me", "invitations", "instance")
        else _resource(words)
    )


def _resource(words: list[str]) -> str:
    verbs = {
        "restore",
        "purge",
        "transfer",
        "accept",
        "decline",
        "resend",
        "suspend",
        "unsuspend",
        "logout",
        "export",
    }
    return next(word for word in reversed(words) if word not in verbs)


def _path_parameters(path: str) -> list[Schema]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "description": _SAYS.get(name, "Id."),
        }
        for name in _PATH_PARAMETER.findall(path)
    ]


def _query_parameter(name: str) -> Schema:
    described: Schema = {"name": name, "in": "query", "schema": _query_schema(name)}
    if name in SEVERAL or name == "expand":
        described |= {"style": "form", "explode": False}
    says = _SAYS.get(name)
    if name in BOUNDS:
        says = "A day in the team's zone, or an instant; `after` includes it, `before` does not."
    return described | ({"description": says} if says else {})


def _query_schema(name: str) -> Schema:
    if name in SEVERAL:
        return {"type": "array", "items": {"type": "string", "minLength": 1, **_ITEMS.get(name, {})}}
    if name == "expand":
        return {"type": "array", "items": {"type": "string", "enum": ["assignee", "project", "labels"]}}
    if name == "format":
        return {"type": "string", "enum": list(EXPORTS), "default": "json"}
    if name in ("events", "overdue", "blocked", "deleted", "count", "force"):
        return {"type": "boolean"}
    if name == "limit":
        return {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    if name == "q":
        return {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS}
    return {"type": "integer", "minimum": 0} if name == "after" else {"type": "string", "minLength": 1}


def _conditions(about: Operation) -> list[Schema]:
    names = ["XRequestId", *(["ConsistencyToken"] if about.method == "GET" and not about.public else [])]
    if not about.media and about.upload is None:
        names.append("IfNoneMatch" if about.method == "GET" else "IdempotencyKey")
    if about.versioned:
        names.append("IfMatch")
    if about.versioned and about.query == ("force",):
        names.append("Prefer")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _body(about: Operation, components: dict[str, Schema]) -> Schema:
    described = schema(about.body, components)
    if about.needs:
        described = {"allOf": [described, {"required": list(about.needs)}]}
    kind = about.body.__name__ if about.body is not None else ""
    content: Schema = {"schema": described}
    if kind in EXAMPLES:
        content["example"] = EXAMPLES[kind]
    return {"required": not about.body_optional, "content": {"application/json": content}}


def _upload(fields: type[Any], components: dict[str, Schema]) -> Schema:
    """A form with a file in it."""
    described = schema(fields, components)
    properties: Schema = components.pop(described["$ref"].rpartition("/")[2])["properties"]
    properties["format"]["enum"] = list(FORMATS)
    whole: Schema = {
        "type": "object",
        "properties": {
            "file": {"type": "string", "contentMediaType": "application/octet-stream"},
            **properties,
        },
        "required": ["file", "format"],
        "additionalProperties": False,
    }
    return {"required": True, "content": {"multipart/form-data": {"schema": whole}}}


def _file(about: Operation) -> Schema:
    """An answer that is a file, sent as it is read."""
    kinds = {media: "object" if media.endswith("/json") else "string" for media in about.media}
    content = {media: {"schema": {"type": kind}} for media, kind in kinds.items()}
    return {
        "200": {
            "description": "The file.",
            "headers": _header_refs("XRequestId", *LIMITS),
            "content": content,
        }
    }


def _successes(about: Operation, components: dict[str, Schema]) -> Schema:
    if about.media:
        return _file(about)
    if about.gives is None:
        says = {202: "Taken."}.get(about.status, "Done.")
        status = about.status if about.status == 202 else 204
        headers = _header_refs("XRequestId", *LIMITS, "ConsistencyToken")
        return {str(status): {"description": says, "headers": headers}}
    content = {"application/json": {"schema": _answer(about, components)}}
    more = (("Link",) if about.many else ()) if about.method == "GET" else ("ConsistencyToken",)
    usual = ("ETag", "XRequestId", "CacheControl", *LIMITS, *more)
    answers = {about.status: "Success.", **about.also}
    described = {
        str(status): {
            "description": says,
            "headers": _header_refs(*usual, *(("Location",) if status == 201 else ())),
            "content": content,
        }
        for status, says in answers.items()
    }
    if "204" in described:
        del described["204"]["content"]
    if about.method == "GET":
        described["304"] = {
            "description": "It is as `If-None-Match` has it.",
            "headers": _header_refs("ETag"),
        }
    return described


def _answer(about: Operation, components: dict[str, Schema]) -> Schema:
    thing = schema(about.gives, components)
    if about.adds:
        extra = {name: {"type": "string", "description": says} for name, says in about.adds.items()}
        thing = {"allOf": [thing, {"properties": extra, "required": list(extra)}]}
    if not about.many:
        return thing
    page: Schema = {
        "type": "object",
        "required": ["items", "next_cursor"],
        "properties": {
            "items": {"type": "array", "items": thing},
            "next_cursor": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
    }
    if "count" in about.query:
        page["properties"]["total"] = {"type": "integer", "description": "With `count=true`."}
    return page


def _refusals(about: Operation) -> Schema:
    codes = ["malformed", *about.refuses]
    if not about.public:
        codes += ["unauthenticated", "unavailable", "timeout", "rate_limited"]
    if "{" in about.path or "team" in about.query:
        codes += ["not_found"]
    if not about.public:
        codes += ["forbidden", "insufficient_scope"]
        codes += ["team_suspended"] if about.method != "GET" else []
    if about.versioned:
        codes += ["version_conflict"]
    if "status" in about.query:
        codes += ["invalid"]
    if about.method != "GET":
        codes += ["invalid", "too_large", "unsupported_media_type", "request_timeout"]
        codes += ["idempotency_mismatch", "in_progress"]
    statuses = sorted({KINDS[code].status for code in codes})
    return {
        str(status): _refusal([code for code in dict.fromkeys(codes) if KINDS[code].status == status])
        for status in statuses
    }


def _refusal(codes: list[str]) -> Schema:
    says = "; ".join(f"`{code}`: {KINDS[code].title}" for code in codes)
    more = {401: ("WWWAuthenticate",), 429: (*LIMITS, "RetryAfter")}.get(KINDS[codes[0]].status, ())
    headers = _header_refs("XRequestId", *more)
    reference = {"$ref": "#/components/schemas/Problem"}
    return {"description": says, "headers": headers, "content": {PROBLEM_JSON: {"schema": reference}}}


def _problem() -> Schema:
    texts = ("type", "title", "detail", "code", "request_id")
    fault = {
        "type": "object",
        "required": ["pointer", "detail"],
        "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
    }
    return {
        "type": "object",
        "description": "Why a request was refused (RFC 9457). A program acts on `code`; some codes add members.",
        "required": [*texts, "status"],
        "properties": {
            **{name: {"type": "string"} for name in texts},
            "status": {"type": "integer"},
            "errors": {"type": "array", "items": fault, "description": "Each fault, by its JSON pointer."},
        },
        "example": EXAMPLES["Problem"],
    }


def _header_refs(*names: str) -> Schema:
    return {_SPELT.get(name, name): {"$ref": f"#/components/headers/{name}"} for name in names}


LIMITS = ("RateLimitPolicy", "RateLimit")
_SPELT = {
    "RateLimitPolicy": "RateLimit-Policy",
    "RetryAfter": "Retry-After",
    "XRequestId": "X-Request-ID",
    "CacheControl": "Cache-Control",
    "WWWAuthenticate": "WWW-Authenticate",
    "ConsistencyToken": "Consistency-Token",
}
_HEADERS: Mapping[str, Schema] = {
    name: {"description": says, "schema": {"type": "string"}}
    for name, says in {
        "ETag": "Of the whole representation; good for `If-None-Match` and `If-Match`.",
        "Location": "Where the new thing is.",
        "Link": 'The next page: `<…>; rel="next"`.',
        "XRequestId": "As it was sent, or made here; it is in the log.",
        "CacheControl": "`private, no-cache`: keep it, and ask again each time.",
        "WWWAuthenticate": "`Bearer`.",
        "RateLimitPolicy": 'The limit that counts here: `"user";q=1000;w=10`, requests and seconds.',
        "RateLimit": 'What is left of it: `"user";r=999;t=1`, requests, and seconds until all is back.',
        "RetryAfter": "Seconds to wait.",
        "ConsistencyToken": "Send it with reads that are to show this write; the last one covers all before.",
    }.items()
}
_CONDITIONS: Mapping[str, Schema] = {
    key: {"name": name, "in": "header", "schema": {"type": "string"} | more, "description": says}
    for key, name, more, says in (
        ("IfNoneMatch", "If-None-Match", {}, "An ETag: 304, if it is still that."),
        (
            "IfMatch",
            "If-Match",
            {"minLength": 3},
            'An ETag, or a version in quotes (`"3"`): 412, if there is a newer one.',
        ),
        (
            "Prefer",
            "Prefer",
            {},
            "`merge`, with If-Match: 412 only if a field that is sent was changed meanwhile.",
        ),
        (
            "IdempotencyKey",
            "Idempotency-Key",
            {"minLength": 1, "maxLength": MOST_CHARACTERS},
            (
                "Of your making, for this request alone: sent again with it, it does nothing a second time, and is "
                "answered as the first was."
            ),
        ),
        ("ConsistencyToken", "Consistency-Token", {}, "Of the last write: what is read shows it."),
        ("XRequestId", "X-Request-ID", {}, "Up to 128 characters to know the request by."),
    )
}
