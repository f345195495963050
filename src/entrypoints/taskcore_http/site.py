"""The service's description, for programs and for people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from importlib.resources import files

from litestar import route
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import Method

from taskcore.errors import NotFound
from taskcore_http.answer import OF_DATA, Answer, digest, encoded
from taskcore_http.description import asyncapi, document
from taskcore_http.problems import KINDS, Kind
from taskcore_http.versions import FIRST, VERSIONS, version_of
from taskcore_http.wire import Call

OF_PAGES = (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'")
"""What a page may load: our own only."""
READ: tuple[Method, ...] = ("GET", "HEAD")


def site(operations: Sequence[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """The routes, with the description of `operations` made when it is first asked for."""

    @cache
    def description(version: str) -> bytes:
        return encoded(document(operations, version))

    @route("/openapi.json", http_method=READ, status_code=200)
    async def openapi(request: Call) -> Answer:
        return _answer(request, description(FIRST), b"application/json")

    @route("/asyncapi.json", http_method=READ, status_code=200)
    async def of_what_is_told(request: Call) -> Answer:
        return _answer(request, _asyncapi(), b"application/json")

    @route([f"/{version}/openapi.json" for version in VERSIONS], http_method=READ, status_code=200)
    async def openapi_of_version(request: Call) -> Answer:
        version = version_of(request.scope["path"]) or FIRST
        return _answer(request, description(version), b"application/json")

    @route("/docs", http_method=READ, status_code=200)
    async def docs(request: Call) -> Answer:
        return _html(request, _asset("docs.html"))

    @route("/docs/docs.js", http_method=READ, status_code=200)
    async def docs_script(request: Call) -> Answer:
        return _answer(request, _asset("docs.js"), b"text/javascript; charset=utf-8")

    @route("/docs/docs.css", http_method=READ, status_code=200)
    async def docs_style(request: Call) -> Answer:
        return _answer(request, _asset("docs.css"), b"text/css; charset=utf-8")

    @route("/problems/{code:str}", http_method=READ, status_code=200)
    async def problem(request: Call, code: FromPath[str]) -> Answer:
        if code not in KINDS:
            raise NotFound(f"no such problem {code}")
        return _html(request, _problem_page(code, KINDS[code]))

    return [openapi, of_what_is_told, openapi_of_version, docs, docs_script, docs_style, problem]


def options(operations: Sequence[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """OPTIONS of every path, to be registered first: else Litestar makes one of its own, which tells only
    what the first handler of the path serves."""
    methods: dict[str, set[str]] = {}
    for handler in operations:
        for path in handler.paths:
            methods.setdefault(path, {"OPTIONS"}).update(handler.http_methods)
    return [_options_of(path, ", ".join(sorted(allowed))) for path, allowed in methods.items()]


def _options_of(path: str, allowed: str) -> HTTPRouteHandler:
    async def options(request: Call) -> Answer:
        answer = request.done()
        answer.headers.append((b"allow", allowed.encode()))
        return answer

    return route(path, http_method=["OPTIONS"], status_code=200)(options)


def _html(request: Call, body: bytes) -> Answer:
    answer = _answer(request, body, b"text/html; charset=utf-8")
    answer.headers = [OF_PAGES if field == OF_DATA else field for field in answer.headers]
    return answer


def _answer(request: Call, body: bytes, media_type: bytes) -> Answer:
    tag = f'"{digest(body)}"'
    headers = [
        (b"etag", tag.encode()),
        (b"cache-control", b"no-cache"),
        *request.common,
    ]
    if request.knows(tag):
        return Answer(304, headers)
    length = (b"content-length", str(len(body)).encode())
    return Answer(200, [(b"content-type", media_type), length, *headers], body)


@cache
def _asyncapi() -> bytes:
    return encoded(asyncapi())


@cache
def _asset(name: str) -> bytes:
    return files("taskcore_http").joinpath("pages", name).read_bytes()


_CODE_IN_ADVICE = re.compile(r"`([^`]+)`")


def _problem_page(code: str, kind: Kind) -> bytes:
    advice = _CODE_IN_ADVICE.sub(r"<code>\1</code>", escape(kind.advice, quote=False))
    page = _asset("problem.html").decode()
    for name, value in {
        "CODE": code,
        "STATUS": str(kind.status),
        "TITLE": escape(kind.title),
        "ADVICE": advice,
    }.items():
        page = page.replace(f"@{name}@", value)
    return page.encode()
