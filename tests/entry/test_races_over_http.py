"""Many clients at once, over real sockets."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest

from tests.entry.doors import PASSWORD
from tests.servers.service import served

CLIENTS = 200


@pytest.mark.slow
@pytest.mark.parametrize("store_url", ["memory", "sqlite", "postgresql"], indirect=True)
async def test_of_200_patches_with_one_if_match_one_succeeds(store_url: str, tmp_path: Path) -> None:
    with served(store_url, tmp_path) as address:
        limits = httpx.Limits(max_connections=CLIENTS)
        async with httpx.AsyncClient(base_url=address, limits=limits, timeout=120) as client:
            body = {"email": "ada@example.org", "name": "Ada", "password": PASSWORD}
            signed_up = await client.post("/v1/auth/signup", json=body)
            client.headers["Authorization"] = f"Bearer {signed_up.json()['access_token']}"
            await client.post("/v1/teams", json={"name": "Platform", "key": "PLAT"})
            created = await client.post("/v1/tasks", json={"team_id": "PLAT", "title": "prize"})
            precondition = {"If-Match": created.headers["ETag"]}

            async def patch(place: int) -> int:
                change = {"title": f"client {place}"}
                return (await client.patch("/v1/tasks/PLAT-1", json=change, headers=precondition)).status_code

            statuses = Counter(await asyncio.gather(*map(patch, range(CLIENTS))))
            task = (await client.get("/v1/tasks/PLAT-1")).json()
            events = (await client.get("/v1/tasks/PLAT-1/activity")).json()["items"]

    assert statuses == {200: 1, 412: CLIENTS - 1}
    assert task["version"] == 2
    assert [event["kind"] for event in events] == ["task.updated", "task.created"]
