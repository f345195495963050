"""A service elsewhere, asked in somebody's name."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Generator, Mapping
from typing import IO, Any, BinaryIO
from uuid import uuid4

import attrs

from taskcore.errors import Unavailable
from taskcore_cli.remote.credentials import Credentials
from taskcore_cli.remote.line import Line, Reply
from taskcore_cli.remote.problems import error_of
from taskcore_cli.remote.request import Request

_PUBLIC = re.compile(r"/v\d+/auth/")
"""Where no key makes a second time harmless: asked once."""


@attrs.frozen
class Door:
    """One server, and who asks there."""

    line: Line
    credentials: Credentials

    def ask(self, request: Request) -> Any:
        """What it answers, as JSON; None for nothing. Raises: the error that it tells; Unavailable."""
        headers = {**request.headers}
        content = None
        if request.body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(request.body).encode()
        reply = self.send(request.method, request.path, request.query, content, headers)
        return self._understood(reply)

    def _understood(self, reply: Reply) -> Any:
        if reply.status >= 400:
            raise error_of(reply.status, reply.body)
        try:
            return json.loads(reply.body) if reply.body else None
        except ValueError as error:
            raise Unavailable(f"{self.line.server} does not answer as taskcore does") from error

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> Reply:
        """
        What it answers, whatever that is; with a session that has run out, once it is renewed.

        A change goes with a key of its own, under which the service does it once however often it
        is asked.
        """
        reads = method in ("GET", "HEAD")
        given = {name.lower() for name in headers}
        own = {} if reads or "idempotency-key" in given else {"Idempotency-Key": str(uuid4())}
        repeatable = reads or not _PUBLIC.match(path)
        for renewed in (False, True):
            sent = {**own, **headers}
            if "authorization" not in given:
                sent |= self._bearer
            reply = self.line.send(
                method, path, query=query, content=content, headers=sent, repeatable=repeatable
            )
            if reply.status != 401 or renewed or "authorization" in given or not self.credentials.renew():
                return reply
        raise AssertionError

    def file(self, path: str) -> bytes:
        """The file that is there. Raises: the error that it tells; Unavailable."""
        reply = self.send("GET", path, None, None, {})
        if reply.status >= 400:
            raise error_of(reply.status, reply.body)
        return reply.body

    def flow(
        self, path: str, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Generator[str, None, None]:
        """What it answers, as it comes. Raises: the error that it tells; Unavailable."""
        for renewed in (False, True):
            with self.line.flow(path, query, {**(headers or {}), **self._bearer}) as answer:
                if answer.status < 400:
                    yield from codecs.iterdecode(answer.pieces, "utf-8")
                    return
                refused = error_of(answer.status, b"".join(answer.pieces))
            if answer.status != 401 or renewed or not self.credentials.renew():
                raise refused

    def upload(self, path: str, fields: Mapping[str, str], file: BinaryIO | IO[bytes]) -> Any:
        """What it answers to a form with a file, as JSON. Raises: as `ask`."""
        reply = self.line.upload(path, fields, file, self._bearer)
        if reply.status == 401 and self.credentials.renew():
            file.seek(0)
            reply = self.line.upload(path, fields, file, self._bearer)
        return self._understood(reply)

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.credentials.bearer()}"}
