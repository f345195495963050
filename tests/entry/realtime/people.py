"""Somebody with a team and a task, by way of a service."""

from __future__ import annotations

import httpx

from tests.entry.http.conftest import PASSWORD
from tests.entry.realtime.cutting import Team


async def founded(address: str, key: str = "PLAT") -> Team:
    async with httpx.AsyncClient(base_url=address, timeout=60) as http:
        account = {"email": f"{key.lower()}@example.org", "name": "Ada", "password": PASSWORD}
        token = (await http.post("/v1/auth/signup", json=account)).raise_for_status().json()["access_token"]
        http.headers["authorization"] = f"Bearer {token}"
        (await http.post("/v1/teams", json={"name": "Platform", "key": key})).raise_for_status()
        new = await http.post("/v1/tasks", json={"team_id": key, "title": "Ship it"})
        task: str = new.raise_for_status().json()["id"]
        return Team(address, token, key, task)
