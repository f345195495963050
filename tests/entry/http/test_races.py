"""Many at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx

from tests.entry.http.conftest import Person

CREATORS = 60


async def at_once(
    person: Person, method: str, path: str, bodies: list[Any], **headers: str
) -> list[httpx.Response]:
    """The answers to requests of which none waits for another."""
    limits = httpx.Limits(max_connections=50)
    sent = {"authorization": person.http.headers["authorization"], **headers}
    async with httpx.AsyncClient(
        base_url=person.http.base_url, limits=limits, headers=sent, timeout=60
    ) as client:
        return await asyncio.gather(*(client.request(method, path, json=body) for body in bodies))


def test_numbers_and_events_have_no_gap_however_many_create(ada: Person, team: dict[str, Any]) -> None:
    bodies = [{"team_id": team["key"], "title": f"Task {n}"} for n in range(CREATORS)]
    answers = asyncio.run(at_once(ada, "POST", "/v1/tasks", bodies))
    events = ada.get(f"/v1/teams/{team['key']}/events?limit=200").json()["items"]

    assert sorted(each.json()["number"] for each in answers) == list(range(1, CREATORS + 1))
    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))
    assert Counter(each["kind"] for each in events)["task.created"] == CREATORS
