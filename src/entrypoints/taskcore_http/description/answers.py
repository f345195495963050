"""What comes back: the thing that was asked for, or why not."""

from __future__ import annotations

from taskcore.tasks.expansion import EXPANSIONS, Expanded
from taskcore.tasks.model import Task
from taskcore_http.description.examples import EXAMPLES, STREAM
from taskcore_http.description.headers import header_refs, usual
from taskcore_http.description.parameters import CURSOR
from taskcore_http.description.schema import Schema, schema
from taskcore_http.errors import PROBLEM_JSON
from taskcore_http.operation import Operation
from taskcore_http.problems import KINDS
from taskcore_http.realtime.limits import MEDIA_TYPE

_ANYWHERE = ("malformed", "header_too_large", "internal", "unavailable", "timeout", "rate_limited")
"""What any request can be refused with, whatever it is."""


def answers(
    about: Operation, components: dict[str, Schema], refusals: dict[str, Schema], links: Schema
) -> Schema:
    """
    Every answer of an operation, by status.

    `links` lead from what is given to what can be done with it; each refusal is described once, in `refusals`.
    """
    good = _successes(about, components)
    for answer in good.values():
        if links and "content" in answer:
            answer["links"] = links
    return {**good, **_refusals(about, refusals)}


def _successes(about: Operation, components: dict[str, Schema]) -> Schema:
    if about.media:
        return _file(about)
    headers = (*usual(about), *(("Consistency-Token",) if about.method != "GET" else ()))
    headers += ("Idempotency-Replayed",) if about.repeatable else ()
    if about.gives is None:
        says = {202: "Taken."}.get(about.status, "Done.")
        status = about.status if about.status == 202 else 204
        unstored = ("Cache-Control",) if status == 202 else ()
        return {str(status): {"description": says, "headers": header_refs(*headers, *unstored)}}
    content: Schema = {"application/json": {"schema": _answer(about, components)}}
    if about.streams:
        content[MEDIA_TYPE] = {"schema": {"type": "string"}, "example": STREAM}
    bare, headers = headers, ("ETag", "Cache-Control", *headers, *(("Link",) if about.many else ()))
    headers += ("Preference-Applied",) if about.merges else ()
    described: Schema = {
        str(status): {
            "description": says,
            "headers": header_refs(*headers, *(("Location",) if status == 201 or about.located else ())),
            "content": content,
        }
        for status, says in {about.status: "Success.", **about.also}.items()
    }
    if "204" in described:
        described["204"] = {
            "description": about.also[204],
            "headers": header_refs(*bare),
        }
    if about.method == "GET":
        described["304"] = {
            "description": "It is as `If-None-Match` has it.",
            "headers": header_refs(*headers),
        }
    return described


def _file(about: Operation) -> Schema:
    """An answer that is a file, sent as it is read."""
    kinds = {media: "object" if media.endswith("/json") else "string" for media in about.media}
    headers = header_refs(*usual(about), "Cache-Control", "Content-Disposition")
    content = {media: {"schema": {"type": kind}} for media, kind in kinds.items()}
    return {"200": {"description": "The file.", "headers": headers, "content": content}}


def _answer(about: Operation, components: dict[str, Schema]) -> Schema:
    thing = schema(about.gives, components)
    if "expand" in about.query:
        thing = {"anyOf": [thing, _expanded(components)]}
    if about.adds:
        extra = {name: {"type": "string", "description": says} for name, says in about.adds.items()}
        return {"allOf": [thing, {"type": "object", "properties": extra, "required": list(extra)}]}
    return _page(about, thing, components) if about.many else thing


def _expanded(components: dict[str, Schema]) -> Schema:
    """A task with what it refers to given whole, as far as that is asked for."""
    schema(Expanded, components)
    task = components[Task.__name__]
    whole = components.pop(Expanded.__name__)["properties"]
    names = {"anyOf": [task["properties"]["labels"], whole["labels"]]}
    components["ExpandedTask"] = {
        **task,
        "description": "A task, and with `expand` who does it, its project and its labels.",
        "properties": {
            **task["properties"],
            "labels": names,
            **{name: whole[name] for name in EXPANSIONS if name != "labels"},
        },
    }
    return {"$ref": "#/components/schemas/ExpandedTask"}


def _page(about: Operation, thing: Schema, components: dict[str, Schema]) -> Schema:
    name = f"{about.gives.__name__}Page"
    page: Schema = {
        "type": "object",
        "description": "A part of a list.",
        "required": ["items", "next_cursor"],
        "properties": {
            "items": {"type": "array", "items": thing},
            "next_cursor": {"anyOf": [CURSOR, {"type": "null"}], "description": "Null on the last page."},
            "total": {"type": "integer", "minimum": 0, "description": "With `count=true`."},
        },
    }
    components[name] = page
    return {"$ref": f"#/components/schemas/{name}"}


def _refusals(about: Operation, refusals: dict[str, Schema]) -> Schema:
    codes = [*_ANYWHERE, *about.refuses]
    if not about.public:
        codes += ["unauthenticated", "forbidden", "insufficient_scope"]
        codes += ["team_suspended"] if about.method != "GET" else []
    if "{" in about.path or "team" in about.query:
        codes += ["not_found"]
    if about.versioned:
        codes += ["version_conflict"]
    if "status" in about.query:
        codes += ["invalid"]
    if about.method != "GET":
        codes += ["invalid", "too_large", "unsupported_media_type", "request_timeout"]
        codes += ["idempotency_mismatch", "in_progress"] if about.repeatable else []
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(codes):
        by_status.setdefault(KINDS[code].status, []).append(code)
    return {str(status): _refusal(about, status, by_status[status], refusals) for status in sorted(by_status)}


def _refusal(about: Operation, status: int, codes: list[str], refusals: dict[str, Schema]) -> Schema:
    name = "-".join((*codes, *(("superseded",) if about.superseded is not None else ())))
    more = {401: ("WWW-Authenticate",), 429: ("Retry-After",)}.get(status, ())
    refusals[name] = {
        "description": "; ".join(f"`{code}`: {KINDS[code].title}" for code in codes),
        "headers": header_refs(*usual(about), "Cache-Control", *more),
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    return {"$ref": f"#/components/responses/{name}"}


def problem() -> Schema:
    """What every refusal looks like."""
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
            "type": {"type": "string", "format": "uri-reference"},
            "status": {"type": "integer"},
            "errors": {"type": "array", "items": fault, "description": "Each fault, by its JSON pointer."},
        },
        "example": EXAMPLES["Problem"],
    }
