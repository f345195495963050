"""The way out of a kind of mail, as whoever was mailed goes it: by its page, or by a mail program's button."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from taskcore_http.app import from_settings
from tests.entry.http.conftest import serving, settings_for
from tests.servers.smtp import SmtpServer, smtp_server, text_of

PASSWORD = "correct horse battery"
PUBLIC = "https://tasks.example.org"


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with smtp_server() as server:
        yield server


@pytest.fixture
def http(smtp: SmtpServer, tmp_path: Path) -> Iterator[httpx.Client]:
    settings = settings_for(
        f"sqlite:///{tmp_path}/tasks.db",
        tmp_path,
        mail=smtp.url,
        jobs="inline://",
        relay="inline",
        public_url=PUBLIC,
    )
    with serving(from_settings(settings)) as at, httpx.Client(base_url=at) as http:
        yield http


def test_a_mail_of_a_notice_has_a_way_out_that_a_program_can_go(http: httpx.Client, smtp: SmtpServer) -> None:
    ada, bob = _signed_up(http, smtp, "ada"), _signed_up(http, smtp, "bob")
    team = http.post("/v1/teams", json={"name": "North", "key": "NO"}, headers=ada).json()
    asked = {"email": "bob@example.org", "role": "member"}
    http.post(f"/v1/teams/{team['id']}/invitations", json=asked, headers=ada)
    ticket = {"token": _token(smtp, "ada invites you to North")}
    http.post("/v1/invitations/accept", json=ticket, headers=bob).raise_for_status()
    me = http.get("/v1/me", headers=bob).json()
    task = {"title": "<b>Grüße</b>", "team_id": team["id"], "assignee_id": me["id"]}
    http.post("/v1/tasks", json=task, headers=ada).raise_for_status()
    smtp.wait_until(lambda: any("List-Unsubscribe" in each for each in smtp.messages))
    mail = next(each for each in smtp.messages if "List-Unsubscribe" in each)
    url = mail["List-Unsubscribe"].strip("<>")
    path = url.removeprefix(PUBLIC)

    assert mail["To"] == "bob@example.org"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url.startswith(f"{PUBLIC}/v1/unsubscribe/")
    assert url in text_of(mail)

    page = http.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert '<form method="post">' in page.text
    assert _channel(http, bob, "assigned") == "mail"

    form = {"List-Unsubscribe": "One-Click"}
    once = [http.post(path, data=form), http.post(path, files={"List-Unsubscribe": (None, "One-Click")})]
    assert [each.status_code for each in once] == [200, 200]
    assert _channel(http, bob, "assigned") == "inbox"
    assert _channel(http, bob, "mentioned") == "mail"
    assert _channel(http, ada, "assigned") == "mail"


@pytest.mark.parametrize("token", ["x", "AAAA", "ä", "A" * 80, "%00"])
def test_a_link_that_is_none_ends_nothing(http: httpx.Client, token: str) -> None:
    told = [http.request(method, f"/v1/unsubscribe/{token}") for method in ("GET", "POST")]

    assert {each.status_code for each in told} <= {404, 400}


def _signed_up(http: httpx.Client, smtp: SmtpServer, name: str) -> dict[str, str]:
    body = {"email": f"{name}@example.org", "name": name, "password": PASSWORD}
    token = http.post("/v1/auth/signup", json=body).json()["access_token"]
    verified = http.post(
        "/v1/auth/verify-email", json={"token": _token(smtp, "Is this your address?", body["email"])}
    )
    assert verified.status_code == 204
    return {"authorization": f"Bearer {token}"}


def _token(smtp: SmtpServer, subject: str, to: str = "bob@example.org") -> str:
    smtp.wait_until(lambda: any(each["subject"] == subject and each["to"] == to for each in smtp.messages))
    mail = next(each for each in smtp.messages if each["subject"] == subject and each["to"] == to)
    found = re.search(r"^ {4}(\S+)$", text_of(mail), re.MULTILINE)
    assert found is not None
    return found[1]


def _channel(http: httpx.Client, who: dict[str, str], reason: str) -> str:
    preferences = http.get("/v1/me/notifications/preferences", headers=who).json()
    return str(preferences["channels"][reason])
