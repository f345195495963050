"""A `Poster` that reaches nobody: it keeps what it is given, and answers as a test has it answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import attrs

from taskcore.delivery.ports import Reply
from taskcore.errors import Unavailable


@attrs.frozen
class Posted:
    """A request, as it was handed over."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


Answer = Callable[[Posted], Awaitable[Reply]]


class Receiver:
    """Answers 200 to all, unless `answer` says something else; `objects_to` are URLs that no webhook may have."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.objects_to: set[str] = set()
        self.answer: Answer = taken

    def objection(self, url: str) -> str | None:
        return "leads where no webhook may go" if url in self.objects_to else None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        request = Posted(url, dict(headers), body)
        self.posted.append(request)
        return await self.answer(request)

    def ids(self) -> list[str]:
        """Of all that was posted, in that order."""
        return [each.id for each in self.posted]

    async def close(self) -> None:
        """Nothing to let go of."""


async def taken(_: Posted) -> Reply:
    return Reply(200, "thank you")


async def unreachable(_: Posted) -> Reply:
    raise Unavailable("no connection to the receiver")


def says(status: int, retry_after_seconds: float | None = None, excerpt: str = "") -> Answer:
    """A receiver that always answers the same."""

    async def answer(_: Posted) -> Reply:
        return Reply(status, excerpt, retry_after_seconds)

    return answer
