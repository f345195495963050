"""Clients that are cut off go on from what they saw last: nothing is lost, nothing comes twice."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.entry.http.conftest import Person
from tests.entry.realtime.clients import by_socket, by_stream
from tests.entry.realtime.cutting import Team, cut_off
from tests.entry.realtime.listening import bearer
from tests.entry.realtime.people import founded
from tests.servers.redis import Redis, redis_server
from tests.servers.service import served

EVENTS = 120
CUTS = 4


@pytest.mark.parametrize("open_", [by_socket, by_stream])
async def test_on_one_process(
    address: str, ada: Person, team: dict[str, Any], task: dict[str, Any], open_: Any
) -> None:
    written = Team(address, bearer(ada), team["key"], task["id"])
    found = await cut_off(written, address, open_, events=EVENTS, cuts=CUTS)

    assert found.seen == found.expected
    assert found.connections > found.cuts


@pytest.mark.slow
async def test_across_two_processes_whose_bus_is_restarted(tmp_path: Path) -> None:
    store, secret = f"sqlite:///{tmp_path}/store.db", secrets.token_hex(32)
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with redis_server() as redis:
        shared = {"secret": secret, "bus": redis.url, "rate_user": "off"}
        with served(store, here, **shared) as one, served(store, there, **shared) as other:
            found = await cut_off(
                await founded(one),
                other,
                by_socket,
                events=EVENTS,
                cuts=CUTS,
                meanwhile=restarting(redis, EVENTS // 2),
            )

    assert found.seen == found.expected
    assert found.connections > found.cuts


def restarting(redis: Redis, before: int) -> Any:
    """Stops Redis before one event, and starts it again a little later."""

    async def meanwhile(number: int) -> None:
        if number == before:
            redis.stop()
        elif number == before + EVENTS // 8:
            redis.start()

    return meanwhile
