"""
The service's own description (OpenAPI 3.1), made from what the routes say about themselves.

Litestar would derive it from the handlers' signatures; ours hold no bodies and no query, since both
are read in `wire` (docs/adr/0006).
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from litestar.handlers import HTTPRouteHandler

from taskcore import __version__
from taskcore.exchange.files import FORMATS
from taskcore_http.description.answers import answers, problem
from taskcore_http.description.examples import EXAMPLES
from taskcore_http.description.headers import CONDITIONS, HEADERS, condition_refs
from taskcore_http.description.links import links
from taskcore_http.description.parameters import path_parameters, plain_path, query_parameter
from taskcore_http.description.schema import Schema, schema
from taskcore_http.operation import Operation
from taskcore_http.versions import FIRST, version_of


def document(handlers: Iterable[HTTPRouteHandler], version: str = FIRST) -> Schema:
    """The whole description of one version."""
    components: dict[str, Schema] = {"Problem": problem()}
    ways: dict[str, Schema] = {}
    refusals: dict[str, Schema] = {}
    paths: dict[str, Schema] = {}
    served = {handler: path for handler in handlers if (path := _path(handler.opt["operation"], version))}
    for handler, path in served.items():
        about: Operation = handler.opt["operation"]
        described = _operation(handler, about, components)
        described["responses"] = answers(about, components, refusals, links(handler, [*served], ways))
        paths.setdefault(plain_path(path), {})[about.method.lower()] = described
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
            "headers": HEADERS,
            "parameters": CONDITIONS,
            "responses": refusals,
            "links": ways,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "tags": [
            {"name": tag}
            for tag in dict.fromkeys(each["tags"][0] for path in paths.values() for each in path.values())
        ],
    }


def _path(about: Operation, version: str) -> str | None:
    """Where an operation is served in this version."""
    return next((path for path in about.paths if version_of(path) in (version, None)), None)


def _operation(handler: HTTPRouteHandler, about: Operation, components: dict[str, Schema]) -> Schema:
    summary, _, more = (inspect.getdoc(handler.fn) or "").partition("\n")
    described: Schema = {
        "operationId": str(handler.fn.__name__),
        "summary": summary.rstrip("."),
        "description": more.strip() or summary,
        "tags": [_tag(about.path)],
        "parameters": [
            *path_parameters(about.path),
            *(query_parameter(name, getattr(about.gives, "__name__", "")) for name in about.query),
            *condition_refs(about),
        ],
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


def _body(about: Operation, components: dict[str, Schema]) -> Schema:
    described = schema(about.body, components)
    for field, kind in about.inside.items():
        _look_inside(described, field, schema(kind, components), components)
    if about.needs:
        described = _needing(about.needs, described, components)
    name = about.body.__name__ if about.body is not None else ""
    content: Schema = {"schema": described}
    if name in EXAMPLES:
        content["example"] = EXAMPLES[name]
    return {"required": not about.body_optional, "content": {"application/json": content}}


def _needing(names: tuple[str, ...], described: Schema, components: dict[str, Schema]) -> Schema:
    """A body of which some fields are needed: where others take the same without, it has a name of its own."""
    name = described["$ref"].rpartition("/")[2]
    whole = components[name]
    needed = {**whole, "required": sorted({*whole["required"], *names})}
    name = f"New{name.removesuffix('Fields')}" if name.endswith("Fields") else name
    components[name] = needed
    return {"$ref": f"#/components/schemas/{name}"}


def _look_inside(whole: Schema, field: str, kind: Schema, components: dict[str, Schema]) -> None:
    """Tell of what a field holds that is read as mere objects, each of which may be refused by itself."""
    held: Schema = components[whole["$ref"].rpartition("/")[2]]["properties"][field]
    if "items" in held:
        held["items"] = kind
    else:
        held.clear()
        held |= kind


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
