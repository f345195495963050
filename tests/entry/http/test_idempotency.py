"""A request that is sent again does nothing, and is answered as it was."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from tests.entry.http.conftest import Person, made

SAME = ("content-type", "location", "etag", "cache-control", "content-length")
CREATES, KEYS, LINES = 2000, 200, 24


def keyed(key: str | None = None) -> dict[str, str]:
    return {"idempotency-key": key or uuid4().hex}


def alike(first: httpx.Response, again: httpx.Response) -> None:
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert [again.headers.get(name) for name in SAME] == [first.headers.get(name) for name in SAME]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"


def test_a_creation_sent_again_creates_nothing(ada: Person, team: dict[str, Any]) -> None:
    key, body = keyed(), {"team_id": team["id"], "title": "once", "due_on": "2026-12-01"}
    first, again = (ada.post("/v1/tasks", body, headers=key) for _ in range(2))
    made(first)

    alike(first, again)
    assert ada.get(f"/v1/tasks?team={team['key']}&count=true").json()["total"] == 1
    other = ada.post("/v1/tasks", {**body, "title": "twice"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_every_way_of_changing_heeds_it(ada: Person, team: dict[str, Any], task: dict[str, Any]) -> None:
    second = made(ada.post("/v1/tasks", {"team_id": team["id"], "title": "second"}))
    project = made(ada.post(f"/v1/teams/{team['key']}/projects", {"name": "P"}))
    ways: list[Callable[[dict[str, str]], httpx.Response]] = [
        lambda key: ada.patch(f"/v1/tasks/{task['id']}", {"status": "in_progress"}, headers=key),
        lambda key: ada.put(f"/v1/tasks/{task['id']}/dependencies/{second['key']}", {}, headers=key),
        lambda key: ada.post(f"/v1/tasks/{task['id']}/comments", {"body": "hello"}, headers=key),
        lambda key: ada.post(f"/v1/teams/{team['key']}/labels", {"name": "bug"}, headers=key),
        lambda key: ada.patch(f"/v1/projects/{project['id']}", {"archived": True}, headers=key),
        lambda key: ada.patch("/v1/me", {"name": "Ada King"}, headers=key),
        lambda key: ada.post("/v1/teams", {"name": "Another One"}, headers=key),
        lambda key: ada.delete(f"/v1/tasks/{task['id']}", headers=key),
        lambda key: ada.post(f"/v1/tasks/{task['id']}/restore", headers=key),
    ]
    for way in ways:
        key = keyed()
        first = way(key)
        assert first.status_code < 300, first.text
        alike(first, way(key))


def test_secrets_are_given_again_and_kept_nowhere(ada: Person, team: dict[str, Any]) -> None:
    key = keyed()
    first, again = (ada.post("/v1/me/tokens", {"name": "ci"}, headers=key) for _ in range(2))
    alike(first, again)
    invite = {"email": "new@example.org"}
    key = keyed()
    first, again = (ada.post(f"/v1/teams/{team['key']}/invitations", invite, headers=key) for _ in range(2))

    alike(first, again)


def test_an_error_did_nothing_and_is_not_remembered(ada: Person, team: dict[str, Any]) -> None:
    key, body = keyed(), {"team_id": team["id"], "title": "x", "labels": ["later"]}
    assert ada.post("/v1/tasks", body, headers=key).status_code == 422
    made(ada.post(f"/v1/teams/{team['key']}/labels", {"name": "later"}))

    assert ada.post("/v1/tasks", body, headers=key).status_code == 201


def test_a_key_is_its_users_own(
    ada: Person, team: dict[str, Any], join: Callable[[str, str], Person]
) -> None:
    key, body = keyed(), {"team_id": team["id"], "title": "x"}
    mine = ada.post("/v1/tasks", body, headers=key)
    theirs = join("Bob", "member").post("/v1/tasks", body, headers=key)

    assert made(mine)["id"] != made(theirs)["id"]


def test_who_has_lost_the_right_is_told_so_instead(
    ada: Person, team: dict[str, Any], join: Callable[[str, str], Person]
) -> None:
    bob, key = join("Bob", "member"), keyed()
    body = {"team_id": team["id"], "title": "x"}
    made(bob.post("/v1/tasks", body, headers=key))
    ada.patch(f"/v1/teams/{team['key']}/members/{bob.id}", {"role": "guest"})
    assert bob.post("/v1/tasks", body, headers=key).status_code == 403
    ada.delete(f"/v1/teams/{team['key']}/members/{bob.id}")

    assert bob.post("/v1/tasks", body, headers=key).status_code == 404


@pytest.mark.parametrize("wrong", ["", "x" * 256, "schlüssel"])
def test_what_is_no_key_is_refused(ada: Person, team: dict[str, Any], wrong: str) -> None:
    headers = {b"idempotency-key": wrong.encode()}
    refused = ada.post("/v1/tasks", {"team_id": team["id"], "title": "x"}, headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (400, "malformed")


def test_many_creations_over_few_keys_with_cut_connections(
    ada: Person, team: dict[str, Any], address: str
) -> None:
    """2,000 requests over 200 keys, a fifth of them cut off before their answer: 200 tasks."""
    keys = [uuid4().hex for _ in range(KEYS)]
    chance = Random(11)  # noqa: S311  which are cut off
    plan = [(keys[place % KEYS], chance.random() < 0.2) for place in range(CREATES)]
    chance.shuffle(plan)
    token = ada.http.headers["authorization"]

    def create(step: tuple[str, bool]) -> tuple[str, int, bytes] | None:
        key, cut = step
        body = f'{{"team_id": "{team["id"]}", "title": "{key}"}}'.encode()
        if cut:
            _cut_off(address, token, key, body)
            return None
        said = clients[hash(key) % LINES].post(
            "/v1/tasks", content=body, headers={**keyed(key), "content-type": "application/json"}
        )
        return key, said.status_code, said.content

    clients = [
        httpx.Client(base_url=address, headers={"authorization": token}, timeout=60) for _ in range(LINES)
    ]
    with ThreadPoolExecutor(LINES) as pool:
        answers = [each for each in pool.map(create, plan) if each is not None]
    again = [create((key, False)) for key in keys]
    for client in clients:
        client.close()

    assert {status for _, status, _ in answers} <= {201, 409}
    by_key = {key: body for key, status, body in (each for each in again if each) if status == 201}
    assert len(by_key) == KEYS
    assert all(body == by_key[key] for key, status, body in answers if status == 201)
    assert ada.get(f"/v1/tasks?team={team['key']}&count=true").json()["total"] == KEYS


def _cut_off(address: str, token: str, key: str, body: bytes) -> None:
    """Send a whole request, and go away without waiting for its answer."""
    host = urlsplit(address)
    head = (
        f"POST /v1/tasks HTTP/1.1\r\nHost: test\r\nAuthorization: {token}\r\nIdempotency-Key: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((host.hostname or "", host.port or 0), timeout=30) as peer:
        peer.sendall(head.encode() + body)
