"""Claiming the next ready task: to exactly one of all who ask."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.entry.http.conftest import Person, made


def add(ada: Person, team: dict[str, Any], title: str, **fields: Any) -> dict[str, Any]:
    return made(ada.post("/v1/tasks", {"team_id": team["id"], "title": title, **fields}))


def claim(person: Person, team: dict[str, Any], **fields: Any) -> httpx.Response:
    return person.post("/v1/tasks/claim", {"team_id": team["key"], **fields})


def test_the_most_pressing_ready_task_comes_first(ada: Person, team: dict[str, Any]) -> None:
    add(ada, team, "low", priority="low")
    blocked, blocker = add(ada, team, "blocked", priority="urgent"), add(ada, team, "blocker")
    ada.put(f"/v1/tasks/{blocked['id']}/dependencies/{blocker['id']}")
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    add(ada, team, "not yet", priority="urgent", start_at=later)
    add(ada, team, "done already", priority="urgent", status="done")
    add(ada, team, "high, later", priority="high", due_on="2027-01-02")
    add(ada, team, "high, soon", priority="high", due_on="2027-01-01")
    order = []
    while (said := claim(ada, team, lease_minutes=5)).status_code == 200:
        order.append(said.json()["title"])

    assert order == ["high, soon", "high, later", "low", "blocker"]
    assert said.status_code == 204


def test_what_is_claimed_is_held_until_it_is_done_or_given_away(
    ada: Person, team: dict[str, Any], join: Callable[[str, str], Person]
) -> None:
    bob = join("Bob", "member")
    task = add(ada, team, "x")
    claimed = claim(bob, team, lease_minutes=10).json()
    assert (claimed["id"], claimed["assignee_id"], claimed["version"]) == (task["id"], bob.id, 2)
    assert claimed["lease"]["user_id"] == bob.id
    assert claim(ada, team).status_code == 204
    events = ada.get(f"/v1/tasks/{task['id']}/activity").json()["items"]
    assert events[0]["kind"] == "task.assigned"
    assert events[0]["data"]["lease"]["to"] == claimed["lease"]
    assert bob.patch(f"/v1/tasks/{task['id']}", {"title": "still his"}).json()["lease"] == claimed["lease"]

    assert bob.patch(f"/v1/tasks/{task['id']}", {"status": "done"}).json()["lease"] is None
    other = add(ada, team, "y")
    assert claim(bob, team).json()["id"] == other["id"]
    assert ada.patch(f"/v1/tasks/{other['id']}", {"assignee_id": None}).json()["lease"] is None
    assert claim(ada, team).json()["id"] == other["id"]


def test_forty_claimers_of_twenty_tasks_get_one_each_and_none_twice(
    ada: Person, team: dict[str, Any], address: str
) -> None:
    for number in range(20):
        add(ada, team, str(number))

    def take(_: int) -> tuple[int, str]:
        said = httpx.post(
            f"{address}/v1/tasks/claim",
            json={"team_id": team["id"]},
            headers={"authorization": ada.http.headers["authorization"]},
            timeout=60,
        )
        return said.status_code, said.json().get("id", "") if said.content else ""

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(take, range(40)))
    while (said := claim(ada, team)).status_code == 200:
        answers.append((200, said.json()["id"]))

    taken = [task_id for status, task_id in answers if status == 200]
    assert len(taken) == len(set(taken)) == 20
    assert {status for status, _ in answers} <= {200, 204, 409}


def test_a_query_says_what_is_wanted(ada: Person, team: dict[str, Any]) -> None:
    made(ada.post(f"/v1/teams/{team['key']}/labels", {"name": "agent"}))
    add(ada, team, "for people", priority="urgent")
    add(ada, team, "for agents", labels=["agent"])
    add(ada, team, "for a hurry", priority="high")

    assert claim(ada, team, label=["agent"]).json()["title"] == "for agents"
    assert claim(ada, team, q="priority:high").json()["title"] == "for a hurry"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"lease_minutes": 0}, "/lease_minutes"),
        ({"lease_minutes": 10_081}, "/lease_minutes"),
        ({"status": "quite"}, "/status"),
        ({"sort": "mood"}, "/sort"),
        ({"label": {}}, "/label"),
        ({"label": 5}, "/label"),
        ({"assignee": [5]}, "/assignee"),
        ({"overdue": "true"}, "/overdue"),
        ({"q": "status:"}, "/q"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_is_wrong_with_a_claim_is_told(
    ada: Person, team: dict[str, Any], wrong: dict[str, Any], pointer: str
) -> None:
    said = claim(ada, team, **wrong)

    assert (said.status_code, said.json()["errors"][0]["pointer"]) == (422, pointer)


def test_a_guest_claims_nothing_and_a_stranger_finds_no_team(
    team: dict[str, Any], join: Callable[[str, str], Person], sign_up: Callable[[str], Person]
) -> None:
    assert claim(join("Gus", "guest"), team).status_code == 403
    assert claim(sign_up("Eve"), team, lease_minutes=0).status_code == 404
