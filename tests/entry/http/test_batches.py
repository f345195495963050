"""Several changes in one request."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.entry.http.conftest import Person


def run(person: Person, *operations: dict[str, Any], atomic: bool = False, **more: Any) -> Any:
    said = person.post("/v1/tasks/batch", {"operations": [*operations], "atomic": atomic}, **more)
    return said.status_code, said.json()


def total(person: Person, team: dict[str, Any]) -> int:
    count: int = person.get(f"/v1/tasks?team={team['key']}&count=true").json()["total"]
    return count


def test_each_operation_has_a_status_of_its_own(
    ada: Person, team: dict[str, Any], task: dict[str, Any]
) -> None:
    status, answer = run(
        ada,
        {"op": "create", "temp_id": "new", "team_id": team["key"], "title": "parent"},
        {"op": "create", "team_id": team["key"], "title": "child", "parent_id": "new"},
        {"op": "complete", "id": "new"},
        {"op": "edit", "id": task["key"], "title": "renamed", "if_version": 1},
        {"op": "edit", "id": task["key"], "title": "stale", "if_version": 1},
        {"op": "edit", "id": str(uuid4()), "title": "nobody's"},
        {"op": "edit", "id": task["key"], "priority": "quite"},
        {"op": "teleport", "id": task["key"]},
        {"op": "delete", "id": task["key"]},
        {"op": "restore", "id": task["id"]},
    )

    assert status == 200
    assert [item["status"] for item in answer["items"]] == [201, 201, 409, 200, 412, 404, 422, 422, 204, 200]
    assert answer["items"][1]["task"]["parent_id"] == answer["items"][0]["task"]["id"]
    assert answer["items"][0]["temp_id"] == "new"
    codes = [item["problem"]["code"] for item in answer["items"] if "problem" in item]
    assert codes == ["unfinished_subtasks", "version_conflict", "not_found", "invalid", "invalid"]
    assert answer["items"][6]["problem"]["errors"][0]["pointer"] == "/priority"


def test_an_atomic_batch_is_done_whole(ada: Person, team: dict[str, Any], task: dict[str, Any]) -> None:
    status, answer = run(
        ada,
        {"op": "create", "temp_id": "a", "team_id": team["id"], "title": "a"},
        {"op": "create", "temp_id": "b", "team_id": team["id"], "title": "b", "parent_id": "a"},
        {"op": "edit", "id": "b", "title": "b again"},
        {"op": "complete", "id": "b"},
        {"op": "complete", "id": "a"},
        {"op": "start", "id": task["key"]},
        atomic=True,
    )

    assert status == 200, answer
    assert [item["status"] for item in answer["items"]] == [201, 201, 200, 200, 200, 200]
    assert [item["task"]["status"] for item in answer["items"]][-3:] == ["done", "done", "in_progress"]
    events = ada.get(f"/v1/teams/{team['key']}/events").json()["items"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ({"op": "edit", "id": str(uuid4()), "title": "x"}, (404, "not_found")),
        ({"op": "edit", "id": "", "title": "x"}, (404, "not_found")),
        ({"op": "create", "team_id": "NOSUCH", "title": "x"}, (404, "not_found")),
        ({"op": "create", "title": "x"}, (422, "invalid")),
        ({"op": "edit", "title": "x"}, (422, "invalid")),
        ({"op": "delete", "id": "x", "title": "y"}, (422, "invalid")),
        ({"op": "create", "team_id": "NOSUCH", "title": 7}, (422, "invalid")),
        ({}, (422, "invalid")),
    ],
)
def test_an_atomic_batch_of_which_one_is_refused_is_not_done_at_all(
    ada: Person, team: dict[str, Any], wrong: dict[str, Any], refused: tuple[int, str]
) -> None:
    before = len(ada.get(f"/v1/teams/{team['key']}/events").json()["items"])
    status, problem = run(ada, {"op": "create", "team_id": team["id"], "title": "first"}, wrong, atomic=True)

    assert (status, problem["code"], problem["index"]) == (*refused, 1)
    assert total(ada, team) == 0
    assert len(ada.get(f"/v1/teams/{team['key']}/events").json()["items"]) == before


def test_it_is_answered_again_as_it_was(ada: Person, team: dict[str, Any]) -> None:
    for atomic in (True, False):
        key = {"idempotency-key": uuid4().hex}
        create = {"op": "create", "team_id": team["id"], "title": f"once {atomic}"}
        first, again = (run(ada, create, create, atomic=atomic, headers=key) for _ in range(2))

        assert first == again
    assert total(ada, team) == 4


def test_what_was_refused_is_tried_again_and_only_what_is_told_as_it_was_is_a_repetition(
    ada: Person, team: dict[str, Any]
) -> None:
    label, key = uuid4().hex, {"idempotency-key": uuid4().hex}
    create = {"op": "create", "team_id": team["id"], "title": "x"}
    body = {"operations": [create, {**create, "labels": [label]}]}
    first, again = (ada.post("/v1/tasks/batch", body, headers=key) for _ in range(2))
    ada.post(f"/v1/teams/{team['key']}/labels", {"name": label})
    late, last = (ada.post("/v1/tasks/batch", body, headers=key) for _ in range(2))

    assert [item["status"] for item in first.json()["items"]] == [201, 422]
    assert again.content == first.content
    assert [item["status"] for item in late.json()["items"]] == [201, 201]
    assert last.content == late.content
    replayed = ["idempotency-replayed" in each.headers for each in (first, again, late, last)]
    assert replayed == [False, True, False, True]
    assert total(ada, team) == 2


@pytest.mark.parametrize("temp_id", ["", "x" * 101, "a\0", "PLAT-1", "01a215bb-f57d-73aa-8000-000000000000"])
def test_a_temp_id_is_a_name_of_its_own(ada: Person, team: dict[str, Any], temp_id: str) -> None:
    create = {"op": "create", "team_id": team["id"], "title": "x"}
    _, wrong = run(ada, {**create, "temp_id": temp_id})
    _, twice = run(ada, {**create, "temp_id": "a"}, {**create, "temp_id": "a"})

    assert wrong["items"][0]["problem"]["errors"][0]["pointer"].endswith("/temp_id")
    assert [item["status"] for item in twice["items"]] == [201, 422]


@pytest.mark.parametrize("operations", [[], [{"op": "create"}] * 101, "none", [1]])
def test_a_list_that_is_none_is_refused(ada: Person, operations: Any) -> None:
    said = ada.post("/v1/tasks/batch", {"operations": operations})

    assert (said.status_code, said.json()["code"]) == (422, "invalid")
