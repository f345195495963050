"""Who looks at which task, who types there, and who has read what: said and told over a team's socket."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Any, Literal, TypedDict

import attrs

from taskcore.errors import RateLimited
from taskcore.live.place import News, Place, Read, Sighting
from taskcore_http.realtime.talking import Client, Handler
from taskcore_http.strict import structured

log = logging.getLogger(__name__)
MOST_MESSAGES, PER_SECONDS = 20, 10.0
"""What one socket may say of itself, in any time of that length."""


class Look(TypedDict):
    """What a window shows now: a task by id or key, or none."""

    type: Literal["look"]
    task: str | None


class Typing(TypedDict):
    """Whether somebody writes a comment on a task."""

    type: Literal["typing"]
    task: str
    active: bool


class ReadUpTo(TypedDict):
    """Up to which comment somebody has read what is said about a task."""

    type: Literal["read"]
    task: str
    comment: str


@attrs.define
class Pace:
    """How often a socket may say something of itself."""

    _said: deque[float] = attrs.field(factory=lambda: deque(maxlen=MOST_MESSAGES))

    def keep(self, now: float) -> None:
        """Take note of one more message. Raises: RateLimited."""
        if len(self._said) == MOST_MESSAGES and now - self._said[0] < PER_SECONDS:
            raise RateLimited(f"at most {MOST_MESSAGES} messages in {PER_SECONDS:.0f} s")
        self._said.append(now)


@asynccontextmanager
async def presence(client: Client) -> AsyncIterator[Mapping[str, Handler]]:
    """Tell a client, once it is `ready`, who is where, and take what it says of itself; it is gone in the end."""
    place, pace, now = Place(), Pace(), asyncio.get_running_loop().time

    async def look(said: Mapping[str, Any]) -> None:
        pace.keep(now())
        await client.me.presence.look(place, structured(said, Look)["task"])

    async def typing(said: Mapping[str, Any]) -> None:
        pace.keep(now())
        asked = structured(said, Typing)
        await client.me.presence.type(place, asked["task"], active=asked["active"])

    async def read(said: Mapping[str, Any]) -> None:
        pace.keep(now())
        asked = structured(said, ReadUpTo)
        await client.me.presence.read(place, asked["task"], asked["comment"])

    async with aclosing(client.me.presence.follow(client.team, place)) as news:
        telling = asyncio.create_task(_tell(client, await anext(news), news))
        try:
            yield {"look": look, "typing": typing, "read": read}
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling


async def _tell(
    client: Client, present: Sequence[News], coming: AsyncGenerator[Sequence[News], None]
) -> None:
    await client.ready.wait()
    try:
        while True:
            for each in present:
                await client.tell(told(each))
            present = await anext(coming)
    except OSError:  # it has gone, as the socket itself will hear
        return
    except Exception:
        log.exception("a socket is not told who is where any more")


def told(news: News) -> dict[str, Any]:
    """A message of the socket's."""
    kind = {Sighting: "presence", Read: "read"}[type(news)]
    return {"type": kind, **attrs.asdict(news)}
