"""The way to a service: each request over one client, tried again where that cannot do a thing twice."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import attrs

from taskcore import __version__
from taskcore.errors import Invalid, Unavailable

SECONDS, SECONDS_TO_CONNECT, SECONDS_TO_IMPORT = 60.0, 10.0, 3_600.0
PAUSES = (0.1, 0.3, 0.9)
"""Seconds before each further try."""
LONGEST_WAIT = 5.0
"""Seconds that are waited because the server asks for it."""
_BUSY = frozenset({502, 503, 504})
_TOKEN = "Consistency-Token"  # noqa: S105  a name


@attrs.frozen
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def wait_seconds(self) -> float | None:
        """How long to wait before the same may be asked again; None, where it is an answer to go by."""
        if self.status == 429:
            asked = self.headers.get("retry-after", "")
            return float(asked) if asked.isdigit() else 1.0
        if self.status in _BUSY and b'"schema_version"' not in self.body:
            return 0.0
        return 0.0 if self.status == 409 and b'"in_progress"' in self.body else None


@attrs.frozen
class Flow:
    """What is coming back."""

    status: int
    pieces: Iterator[bytes]


class Line:
    """
    A client of one server; a context manager. TLS is verified, redirects are told and not followed.

    Each request says what the last write was, so that its answer shows it, whichever replica gives it.
    """

    def __init__(self, server: str, last_write: str | None = None) -> None:
        httpx = _httpx()
        self.server = server
        self.last_write = last_write
        """The newest `Consistency-Token`, if there is one."""
        self._errors: Any = httpx.TransportError
        self._unreached: Any = (httpx.ConnectError, httpx.ConnectTimeout)
        self._client: Any = httpx.Client(
            base_url=server,
            timeout=httpx.Timeout(SECONDS, connect=SECONDS_TO_CONNECT),
            headers={"User-Agent": f"taskcore/{__version__}", "Accept": "application/json"},
            event_hooks={"request": [self._say_last_write], "response": [self._note_write]},
        )

    def _say_last_write(self, request: Any) -> None:
        if self.last_write is not None and _TOKEN not in request.headers:
            request.headers[_TOKEN] = self.last_write

    def _note_write(self, response: Any) -> None:
        self.last_write = response.headers.get(_TOKEN, self.last_write)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool,
    ) -> Reply:
        """What the server answers. `repeatable` says that it may be asked twice. Raises: Unavailable."""
        request = self._client.build_request(
            method, path, params=query or None, content=content, headers=dict(headers or {})
        )
        for pause in (*PAUSES, None):
            try:
                reply = self._once(request)
            except self._errors as error:
                if (
                    pause is None
                    or _untrusted(error)
                    or not (repeatable or isinstance(error, self._unreached))
                ):
                    raise Unavailable(f"{self.server} does not answer: {_why(error)}") from error
                time.sleep(pause)
                continue
            wait = reply.wait_seconds
            if pause is None or wait is None or wait > LONGEST_WAIT or not repeatable:
                return self._no_redirect(reply)
            time.sleep(max(pause, wait))
        raise AssertionError

    @contextmanager
    def flow(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Iterator[Flow]:
        """An answer that is read as it comes. Raises: Unavailable, for one that ends early too."""
        try:
            with self._client.stream("GET", path, params=query, headers=dict(headers)) as response:
                yield Flow(response.status_code, response.iter_bytes())
        except self._errors as error:
            raise Unavailable(f"{self.server} does not answer to the end: {_why(error)}") from error

    def upload(self, path: str, fields: Mapping[str, str], file: Any, headers: Mapping[str, str]) -> Reply:
        """The answer to a form with a file in it, however long that takes. Raises: Unavailable."""
        sent = {"data": dict(fields), "files": {"file": ("file", file)}, "headers": dict(headers)}
        try:
            response = self._client.post(path, **sent, timeout=SECONDS_TO_IMPORT)
        except self._errors as error:
            raise Unavailable(f"{self.server} does not answer: {_why(error)}") from error
        return self._no_redirect(Reply(response.status_code, response.headers, response.content))

    def _once(self, request: Any) -> Reply:
        response = self._client.send(request)
        return Reply(response.status_code, response.headers, response.content)

    def _no_redirect(self, reply: Reply) -> Reply:
        if 300 <= reply.status < 400 and "location" in reply.headers and reply.status != 304:
            raise Unavailable(
                f"{self.server} sends elsewhere, to {reply.headers['location']}: name that server"
            )
        return reply

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()


def _httpx() -> Any:
    try:
        import httpx  # noqa: PLC0415  so that a missing extra can be told in a line
    except ModuleNotFoundError as error:
        raise Invalid(
            f"a server elsewhere needs {error.name}, which is not installed: pip install 'taskcore[cli]'",
            code="missing_extra",
        ) from error
    return httpx


def _untrusted(error: Exception) -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


def warn_of_open_line(server: str) -> None:
    """Say that a password or token is about to be sent where others can read it."""
    from urllib.parse import urlsplit  # noqa: PLC0415  two commands ask

    parts = urlsplit(server)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        sys.stderr.write(f"taskcore: {server} is not encrypted: others on the way can read what is sent\n")
