"""The inbox over HTTP: what it takes and answers, and that a service tells people by itself."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from taskcore_http import from_settings
from tests.entry.http.conftest import Person, serving, settings_for

INBOX = "/v1/me/notifications"
PASSWORD = "correct horse battery"
WITHIN_SECONDS = 20


def pointers(answer: httpx.Response) -> list[str]:
    return [each["pointer"] for each in answer.json()["errors"]]


def test_an_inbox_and_its_preferences(ada: Person) -> None:
    read = ada.get(f"{INBOX}/preferences")
    etag = {"if-match": read.headers["etag"]}
    wanted = {"channels": {"due": "none"}, "quiet_from": "22:00", "quiet_until": "06:30"}
    changed = ada.patch(f"{INBOX}/preferences", wanted, headers=etag)
    stale = ada.patch(f"{INBOX}/preferences", wanted | {"digest_at": "09:00"}, headers=etag)
    marked = ada.post(f"{INBOX}/read", {"all": True})

    assert read.json()["channels"]["due"] == "digest"
    assert changed.json() == read.json() | wanted | {
        "channels": read.json()["channels"] | {"due": "none"},
        "version": read.json()["version"] + 1,
    }
    assert stale.status_code == 412
    assert ada.get(f"{INBOX}/unread").json() == {"unread": 0}
    assert marked.json() == {"marked": 0}


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"quiet_from": "25:00", "digest_at": "noon"}, ["/quiet_from", "/digest_at", "/quiet_until"]),
        ({"channels": {"nonsense": "mail", "due": "fax"}}, ["/channels/nonsense", "/channels/due"]),
        ({"channels": []}, ["/channels"]),
        ({"nonsense": 1}, ["/nonsense"]),
    ],
)
def test_what_cannot_be_preferred_is_told_by_its_pointer(
    ada: Person, body: dict[str, Any], wrong: list[str]
) -> None:
    answer = ada.patch(f"{INBOX}/preferences", body)

    assert (answer.status_code, pointers(answer)) == (422, wrong)


@pytest.mark.parametrize(
    ("query", "status"),
    [("unread=perhaps", 400), ("reason=nonsense", 422), ("team=NONE", 404), ("nonsense=1", 400)],
)
def test_what_cannot_be_listed_is_refused(ada: Person, query: str, status: int) -> None:
    assert ada.get(f"{INBOX}?{query}").status_code == status


def test_a_service_tells_people_by_itself(tmp_path: Path) -> None:
    settings = settings_for("memory://", tmp_path, relay="inline")
    with serving(from_settings(settings)) as address, httpx.Client(base_url=address) as http:
        ada, bob = (_signed_up(http, name) for name in ("ada", "bob"))
        team = http.post("/v1/teams", json={"name": "Platform", "key": "PLAT"}, headers=ada).json()
        asked = {"email": "bob@example.org", "role": "member"}
        invited = http.post(f"/v1/teams/{team['id']}/invitations", json=asked, headers=ada).json()
        http.post("/v1/invitations/accept", json={"token": invited["token"]}, headers=bob)
        him = http.get("/v1/me", headers=bob).json()["id"]
        task = {"team_id": "PLAT", "title": "Ship it", "assignee_id": him}
        assert http.post("/v1/tasks", json=task, headers=ada).status_code == 201
        latest = time.monotonic() + WITHIN_SECONDS
        while not (told := http.get(f"{INBOX}?unread=true", headers=bob).json()["items"]):
            assert time.monotonic() < latest, "nobody was told"
            threading.Event().wait(0.02)

        assert [(each["reason"], each["task_key"], each["text"]) for each in told] == [
            ("assigned", "PLAT-1", "ada assigned “Ship it” to you")
        ]
        assert http.get(INBOX, headers=ada).json()["items"] == []


def _signed_up(http: httpx.Client, name: str) -> dict[str, str]:
    account = {"email": f"{name}@example.org", "name": name, "password": PASSWORD}
    signed = http.post("/v1/auth/signup", json=account)
    return {"authorization": f"Bearer {signed.json()['access_token']}"}
