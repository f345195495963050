"""The header fields of requests and answers, each described once."""

from __future__ import annotations

from collections.abc import Mapping

from taskcore.idempotency import MOST_CHARACTERS
from taskcore_http.description.schema import Schema
from taskcore_http.operation import Operation

LIMITS = ("RateLimit-Policy", "RateLimit")
EVERYWHERE = ("X-Request-ID", *LIMITS)
"""What every answer may have, an error's too; those of a browser's protection, and of HTTP itself, aside."""


def header_refs(*names: str) -> Schema:
    return {name: {"$ref": f"#/components/headers/{_key(name)}"} for name in names}


def usual(about: Operation) -> tuple[str, ...]:
    """What an answer of this operation has, whatever it is."""
    replaced = ("Deprecation", "Sunset", "Link") if about.superseded is not None else ()
    return (*EVERYWHERE, *replaced)


def _key(name: str) -> str:
    """A header's name as that of a component."""
    return name.replace("-", "").replace("ID", "Id")


HEADERS: Mapping[str, Schema] = {
    _key(name): {"description": says, "schema": {"type": "string"} | more}
    for name, says, more in (
        (
            "ETag",
            "Of the whole representation; good for `If-None-Match` and `If-Match`.",
            {"pattern": r'^"[!#-~]+"$'},
        ),
        ("Location", "Where the new thing is, or what tells how far it is.", {"format": "uri-reference"}),
        ("Link", 'The next page: `<…>; rel="next"`; or what replaces this: `rel="successor-version"`.', {}),
        ("X-Request-ID", "As it was sent, or made here; it is in the log.", {"maxLength": 128}),
        (
            "Cache-Control",
            "`private, no-cache`: keep it, and ask again each time; `no-store` for secrets.",
            {},
        ),
        ("Content-Disposition", "The file's name.", {}),
        ("WWW-Authenticate", "`Bearer`.", {}),
        ("RateLimit-Policy", 'The limit that counts here: `"user";q=1000;w=10`, requests and seconds.', {}),
        (
            "RateLimit",
            'What is left of it: `"user";r=999;t=1`, requests, and seconds until all is back.',
            {},
        ),
        ("Retry-After", "Seconds to wait.", {"pattern": "^[0-9]+$"}),
        (
            "Idempotency-Replayed",
            "That it is the answer which the first request with this key had.",
            {"enum": ["true"]},
        ),
        ("Preference-Applied", "That `Prefer: merge` was heeded.", {"enum": ["merge"]}),
        (
            "Consistency-Token",
            "Send it with reads that are to show this write; the last one covers all before.",
            {},
        ),
        ("Deprecation", "Since when a newer version answers otherwise (RFC 9745): `@` and seconds.", {}),
        ("Sunset", "Until when this one answers (RFC 8594).", {}),
    )
}

CONDITIONS: Mapping[str, Schema] = {
    _key(name): {"name": name, "in": "header", "schema": {"type": "string"} | more, "description": says}
    for name, more, says in (
        ("If-None-Match", {}, "An ETag: 304, if it is still that."),
        (
            "If-Match",
            {"pattern": r'^(\*|(W/)?"[!#-~]*")$', "examples": ['"3"', '"3-5f0c9d"', "*"]},
            'An ETag, or a version in quotes (`"3"`): 412, if there is a newer one.',
        ),
        (
            "Prefer",
            {"examples": ["merge"]},
            "`merge`, with If-Match: 412 only if a field that is sent was changed meanwhile.",
        ),
        (
            "Idempotency-Key",
            {"minLength": 1, "maxLength": MOST_CHARACTERS, "pattern": "^[ -~]+$"},
            (
                "Of your making, for this request alone: sent again with it, it does nothing a second time, and is "
                "answered as the first was."
            ),
        ),
        ("Consistency-Token", {}, "Of the last write: what is read shows it."),
        (
            "Last-Event-ID",
            {"pattern": "^[0-9]{1,15}$"},
            "With `Accept: text/event-stream`: the `seq` of the last event that you know; it wins over `after`.",
        ),
        ("X-Request-ID", {}, "Up to 128 characters to know the request by."),
    )
}


def condition_refs(about: Operation) -> list[Schema]:
    """What a request's header may say."""
    names = ["X-Request-ID"]
    if about.method == "GET" and not about.public:
        names.append("Consistency-Token")
    if about.method == "GET" and not about.media:
        names.append("If-None-Match")
    if about.streams:
        names.append("Last-Event-ID")
    if about.repeatable:
        names.append("Idempotency-Key")
    if about.versioned:
        names.append("If-Match")
    if about.merges:
        names.append("Prefer")
    return [{"$ref": f"#/components/parameters/{_key(name)}"} for name in names]
