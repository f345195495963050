"""A log that is followed through a network that fails, while others write to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import attrs
import httpx

from tests.entry.realtime.clients import Follower
from tests.servers.faulty_proxy import FAULTS, faulty_proxy


@attrs.frozen
class Outcome:
    """What a client saw of a log that grew meanwhile."""

    expected: list[int]
    seen: list[int]
    cuts: int
    connections: int

    @property
    def lost(self) -> int:
        return len({*self.expected} - {*self.seen})

    @property
    def repeated(self) -> int:
        return len(self.seen) - len({*self.seen})

    @property
    def in_order(self) -> bool:
        return self.seen == sorted(self.seen)


@attrs.frozen
class Team:
    """One whose log grows, and somebody who may make it grow."""

    written_at: str
    """The address of the service by which it is written."""
    token: str
    key: str
    task: str
    """What is changed again and again: one event each time."""


async def cut_off(
    team: Team,
    followed_at: str,
    open_: Callable[[str, str, int], AsyncIterator[dict[str, Any]]],
    *,
    events: int,
    cuts: int,
    meanwhile: Callable[[int], Awaitable[None]] | None = None,
) -> Outcome:
    """
    Write so many events, and cut the follower off so many times, in each way in turn, once it has heard something
    by its new connection. `meanwhile` is called before each event with its number.
    """
    port = urlsplit(followed_at).port
    assert port is not None
    headers = {"authorization": f"Bearer {team.token}"}
    async with (
        httpx.AsyncClient(base_url=team.written_at, headers=headers, timeout=60) as http,
        faulty_proxy(port) as proxy,
    ):
        before = await _head(http, team)
        path = f"http://127.0.0.1:{proxy.port}/v1/teams/{team.key}/events"
        follower = Follower(path, team.token, before)
        following = asyncio.create_task(follower.run(open_))
        try:
            await _write(http, team, proxy_cut(proxy, follower, following), events, cuts, meanwhile)
            await _first_of(following, follower.until(lambda: follower.last >= before + events))
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
    return Outcome([*range(before + 1, before + events + 1)], follower.seqs, cuts, follower.connections)


def proxy_cut(proxy: Any, follower: Follower, following: asyncio.Task[None]) -> Callable[[], Awaitable[None]]:
    """Cuts the follower off, each time in the next way."""
    faults, cut_off = cycle(FAULTS), 0

    async def cut() -> None:
        nonlocal cut_off
        heard = follower.until(lambda: follower.connections > cut_off and follower.told_since > 0)
        await _first_of(following, heard)
        cut_off = follower.connections
        assert proxy.cut(next(faults)) > 0

    return cut


async def _write(
    http: httpx.AsyncClient,
    team: Team,
    cut: Callable[[], Awaitable[None]],
    events: int,
    cuts: int,
    meanwhile: Callable[[int], Awaitable[None]] | None,
) -> None:
    cut_before = {events * (number + 1) // (cuts + 1) for number in range(cuts)}
    for number in range(events):
        if meanwhile is not None:
            await meanwhile(number)
        if number in cut_before:
            await cut()
        answer = await http.patch(f"/v1/tasks/{team.task}", json={"title": f"Title {number}"})
        answer.raise_for_status()


async def _head(http: httpx.AsyncClient, team: Team) -> int:
    """The seq of the last event that there is."""
    last, after = 0, "0"
    while True:
        page = (await http.get(f"/v1/teams/{team.key}/events", params={"after": after, "limit": 200})).json()
        last = page["items"][-1]["seq"] if page["items"] else last
        if page["next_cursor"] is None:
            return last
        after = page["next_cursor"]


async def _first_of(following: asyncio.Task[None], wanted: Any) -> None:
    """Wait for what is wanted, unless the follower has failed: then raise what it did."""
    waiting = asyncio.ensure_future(wanted)
    await asyncio.wait({following, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if following.done():
        waiting.cancel()
        following.result()
    await waiting
