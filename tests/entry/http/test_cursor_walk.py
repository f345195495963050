"""A walk through 10,000 tasks by `next_cursor`, while others write."""

from __future__ import annotations

from random import Random
from typing import Any

import attrs
import httpx
import pytest

from taskcore.connect import STORES, resolve
from taskcore.events import plain
from taskcore.exchange.writing import WRITERS
from taskcore.paging import Page
from taskcore.ports import Unit
from taskcore.query import MAX_LIMIT
from taskcore.testing import World
from taskcore.testing.walks import TASKS, TOUCHED, Others, assert_each_once, many_tasks, walked
from tests.entry.http.conftest import Person

SORTS = ["-created_at", "due_at"]


async def exported() -> bytes:
    """A team with its tasks, as it leaves a store."""
    world = World(resolve(STORES, "memory://")("memory://"))
    ada = await world.person()
    team = await world.team(ada)

    async def work(unit: Unit) -> None:
        await unit.save(many_tasks(team, ada))

    await world.store.transact(work)
    writer, page = WRITERS["ndjson"](), await ada.me.exports.page(team.id, events=False)
    text = writer.write(page.items)
    while page.next_cursor is not None:
        page = await ada.me.exports.page(team.id, events=False, cursor=page.next_cursor)
        text += writer.write(page.items)
    return (text + writer.end()).encode()


@pytest.mark.slow
@pytest.mark.parametrize(
    "address", ["sqlite", "postgresql"], indirect=True
)  # in memory each page sorts it all
async def test_a_walk_under_writes_meets_each_untouched_task_once(
    ada: Person, team: dict[str, Any], address: str
) -> None:
    said = ada.http.post(
        f"/v1/teams/{team['key']}/imports",
        files={"file": ("f", await exported())},
        data={"format": "ndjson"},
        timeout=300,
    )
    assert (said.status_code, said.json()["created"]) == (200, TASKS), said.text[:500]
    token = {"authorization": ada.http.headers["authorization"]}
    async with httpx.AsyncClient(base_url=address, headers=token, timeout=60) as http:

        async def ask(sort: str, cursor: str | None) -> Page[Any]:
            query = {"team": team["key"], "sort": sort, "limit": str(MAX_LIMIT)}
            answer = await http.get("/v1/tasks", params=query | ({"cursor": cursor} if cursor else {}))
            assert answer.status_code == 200, answer.text
            body = answer.json()
            return Page([Met(each["id"]) for each in body["items"]], body["next_cursor"])

        async def write(verb: str, about: str, *args: str, **fields: Any) -> None:
            sent = plain(fields)
            if verb == "create":
                answer = await http.post("/v1/tasks", json={"team_id": about, "title": args[0], **sent})
            elif verb == "edit":
                answer = await http.patch(f"/v1/tasks/{about}", json=sent)
            elif verb == "delete":
                answer = await http.delete(f"/v1/tasks/{about}")
            else:
                answer = await http.post(f"/v1/tasks/{about}/restore")
            assert answer.status_code in (200, 201, 204, 404), answer.text

        ids: list[str] = []
        cursor: str | None = None
        while not ids or cursor is not None:
            page = await ask("number", cursor)
            ids, cursor = [*ids, *(each.id for each in page.items)], page.next_cursor
        Random(1).shuffle(ids)  # noqa: S311  which are touched
        others = Others(write, team["key"], ids[:TOUCHED])
        for sort in SORTS:
            assert_each_once(await walked(ask, others, sort), ids[TOUCHED:], sort)


@attrs.frozen
class Met:
    """A task of a page."""

    id: str
