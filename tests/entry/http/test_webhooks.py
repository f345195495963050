"""Webhooks over HTTP: made, read, changed, tried, rotated and ended, and what became of each delivery."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.entry.http.conftest import Person, made

URL = "https://hooks.example.org/taskcore?room=1"


@pytest.fixture
def place(team: dict[str, Any]) -> str:
    """The path of Ada's team."""
    return f"/v1/teams/{team['id']}"


def hook(person: Person, place: str, **more: Any) -> dict[str, Any]:
    return made(person.post(f"{place}/webhooks", {"url": URL, **more}))


def faults(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [each["pointer"] for each in answer.json()["errors"]]


def test_a_webhook_is_made_and_its_secret_shown_once(ada: Person, place: str) -> None:
    new = {"url": URL, "kinds": ["task.*"], "payload": "thin", "description": "The chat"}
    said = ada.post(f"{place}/webhooks", new)
    read = ada.get(said.headers["location"])
    listed = ada.get(f"{place}/webhooks")

    assert said.status_code == 201
    assert said.headers["cache-control"] == "no-store"
    assert said.json().pop("secret").startswith("whsec_")
    assert {name: read.json()[name] for name in new} == new
    assert read.json() == {name: each for name, each in said.json().items() if name != "secret"}
    assert listed.json()["items"] == [read.json()]
    assert (
        ada.get(said.headers["location"], headers={"if-none-match": read.headers["etag"]}).status_code == 304
    )


def test_the_same_request_once_more_gives_the_same_secret(ada: Person, place: str) -> None:
    key = {"idempotency-key": f"a hook for {place}"}
    first, again = (ada.post(f"{place}/webhooks", {"url": URL}, headers=key) for _ in range(2))

    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    assert len(ada.get(f"{place}/webhooks").json()["items"]) == 1


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        *(
            ({"url": url}, "/url")
            for url in ("http://example.org/", "https://127.1/", "https://[::1]/", "", "x")
        ),
        ({"url": "https://169.254.169.254/latest/meta-data/"}, "/url"),
        ({"kinds": ["everything"]}, "/kinds"),
        ({"kinds": [f"{a}.{b}" for a in "abcdefgh" for b in "abcdefgh"]}, "/kinds"),
        ({"payload": "half"}, "/payload"),
        ({"project_id": "01936f2e-7c1a-7000-8000-000000000123"}, "/project_id"),
        ({"description": "x" * 1_001}, "/description"),
        *(({name: 1}, f"/{name}") for name in ("secret", "team_id", "version", "secret_generation")),
    ],
)
def test_what_is_wrong_with_it_is_told_by_its_pointer(
    ada: Person, place: str, wrong: dict[str, Any], pointer: str
) -> None:
    webhook = hook(ada, place)

    assert faults(ada.post(f"{place}/webhooks", {"url": URL, **wrong})) == [pointer]
    assert faults(ada.patch(f"/v1/webhooks/{webhook['id']}", wrong)) == [pointer]


def test_a_url_is_needed(ada: Person, place: str) -> None:
    assert faults(ada.post(f"{place}/webhooks", {})) == ["/url"]


def test_a_webhook_is_changed_and_ended_at_the_version_that_was_read(ada: Person, place: str) -> None:
    webhook = hook(ada, place)
    path = f"/v1/webhooks/{webhook['id']}"
    changed = ada.patch(path, {"active": False, "kinds": []}, headers={"if-match": '"1"'})
    late = {"if-match": '"1"'}
    refused = [
        ada.patch(path, {"active": True}, headers=late),
        ada.post(f"{path}/test", headers=late),
        ada.post(f"{path}/rotate-secret", headers=late),
        ada.delete(path, headers=late),
    ]
    ended = ada.delete(path, headers={"if-match": changed.headers["etag"]})

    assert (changed.status_code, changed.json()["active"], changed.json()["version"]) == (200, False, 2)
    assert [each.status_code for each in refused] == [412] * 4
    assert (ended.status_code, ada.get(path).status_code) == (204, 404)


def test_a_webhook_is_tried_and_what_was_posted_posted_again(ada: Person, place: str) -> None:
    path = f"/v1/webhooks/{hook(ada, place)['id']}"
    tried = [ada.post(f"{path}/test") for _ in range(3)]
    first, *_, last = (each.json() for each in tried)
    page = ada.get(f"{path}/deliveries", params={"limit": 2, "count": "true", "status": "pending"})
    rest = httpx.URL(page.headers["link"].partition(">")[0].removeprefix("<"))
    again = ada.post(f"/v1/deliveries/{first['id']}/redeliver")

    assert [each.status_code for each in tried] == [202] * 3
    assert (last["kind"], last["status"], last["attempts"], last["log"]) == ("webhook.test", "pending", 0, [])
    assert page.json()["items"][0]["id"] == last["id"]
    assert page.json()["total"] == 3
    assert [each["id"] for each in ada.get(str(rest)).json()["items"]] == [first["id"]]
    assert ada.get(f"{path}/deliveries", params={"status": "failed", "count": "true"}).json()["total"] == 0
    assert (again.status_code, again.json()["body"]) == (202, first["body"])
    assert ada.post(f"/v1/deliveries/{first['id']}/redeliver", headers={"if-match": '"1"'}).status_code == 412


def test_a_status_that_there_is_not_is_no_query(ada: Person, place: str) -> None:
    answer = ada.get(f"/v1/webhooks/{hook(ada, place)['id']}/deliveries", params={"status": "lost"})

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_what_is_off_posts_nothing(ada: Person, place: str) -> None:
    path = f"/v1/webhooks/{hook(ada, place)['id']}"
    tried = ada.post(f"{path}/test").json()
    ada.patch(path, {"active": False})

    assert ada.post(f"{path}/test").json()["code"] == "conflict"
    assert ada.post(f"/v1/deliveries/{tried['id']}/redeliver").json()["code"] == "conflict"


def test_a_new_secret_is_shown_once_and_is_another(ada: Person, place: str) -> None:
    webhook = hook(ada, place)
    key = {"idempotency-key": f"rotate {webhook['id']}"}
    rotated, again = (ada.post(f"/v1/webhooks/{webhook['id']}/rotate-secret", headers=key) for _ in range(2))

    assert rotated.status_code == 200
    assert rotated.headers["cache-control"] == "no-store"
    assert rotated.json()["secret"] not in (webhook["secret"], None)
    assert (rotated.json()["secret_generation"], again.json()) == (2, rotated.json())


def test_only_whoever_runs_the_team_has_to_do_with_its_webhooks(
    ada: Person, place: str, join: Callable[[str, str], Person], sign_up: Callable[[str], Person]
) -> None:
    member, stranger = join("Bob", "member"), sign_up("Eve")
    path = f"/v1/webhooks/{hook(ada, place)['id']}"
    asked = [
        [who.get(f"{place}/webhooks"), who.get(path), who.get(f"{path}/deliveries"), who.post(f"{path}/test")]
        for who in (member, stranger)
    ]

    assert [[each.status_code for each in answers] for answers in asked] == [[403] * 4, [404] * 4]
