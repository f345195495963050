"""A team's log over a WebSocket: what is said to it, what it says, and with which code it ends."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.entry.http.conftest import Person, made
from tests.entry.realtime.listening import LIMITS, Follow, Open, bearer, head, title

KEY, VERSION = "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version: 13"
UPGRADE = ("host: here", "connection: Upgrade", "upgrade: websocket")
HANDSHAKE = (*UPGRADE, KEY, VERSION)


def test_it_tells_what_was_beyond_a_seq_then_that_it_is_ready_then_what_happens(
    ada: Person, team: dict[str, Any], task: dict[str, Any], follow: Follow
) -> None:
    page = ada.get(f"/v1/teams/{team['key']}/events").json()["items"]
    listener = follow(ada, team["key"], "?after=1")
    *events, ready = listener.until("ready")
    title(ada, task, "Shipped")
    title(ada, task, "Shipped again")
    live = [listener.hears(), listener.hears()]

    assert events == [{"type": "event", **event} for event in page[1:]]
    assert ready == {"type": "ready", "seq": page[-1]["seq"]}
    assert [event["seq"] for event in live] == [ready["seq"] + 1, ready["seq"] + 2]
    assert live[0]["data"]["title"] == {"from": "Ship it", "to": "Shipped"}


def test_without_a_place_it_tells_what_happens_from_now_on(
    ada: Person, team: dict[str, Any], task: dict[str, Any], follow: Follow
) -> None:
    listener = follow(ada, team["id"])
    ready = listener.hears()
    title(ada, task, "Shipped")

    assert ready == {"type": "ready", "seq": head(ada, team) - 1}
    assert listener.hears()["seq"] == ready["seq"] + 1


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_every_version_has_it(address: str, ada: Person, team: dict[str, Any], version: str) -> None:
    uri = f"{address.replace('http', 'ws', 1)}/{version}/teams/{team['key']}/events/ws"
    with connect(uri, proxy=None) as socket:
        socket.send(json.dumps({"token": bearer(ada)}))

        assert json.loads(socket.recv())["type"] == "ready"
        assert socket.protocol.extensions == []  # nothing is compressed, whatever a client offers


def test_an_api_token_will_do(ada: Person, team: dict[str, Any], opened: Open) -> None:
    token = made(ada.post("/v1/me/tokens", {"name": "listens", "scopes": ["read"]}))
    listener = opened(team["key"])
    listener.say({"token": token["token"]})

    assert listener.hears()["type"] == "ready"


def test_it_tells_only_what_is_asked_for(
    ada: Person, team: dict[str, Any], task: dict[str, Any], follow: Follow
) -> None:
    project = made(ada.post(f"/v1/teams/{team['key']}/projects", {"name": "Launch"}))
    inside = made(ada.post("/v1/tasks", {"team_id": team["id"], "title": "In", "project_id": project["id"]}))
    by_kind = follow(ada, team["key"], "?kinds=task.created,comment.*")
    by_task = follow(ada, team["key"], f"?task={task['key']}")
    by_project = follow(ada, team["key"], f"?project={project['id']}")
    for listener in (by_kind, by_task, by_project):
        listener.until("ready")
    title(ada, inside, "Still in")
    title(ada, task, "Shipped")
    ada.post(f"/v1/tasks/{task['key']}/comments", {"body": "Done"})
    made(ada.post("/v1/tasks", {"team_id": team["id"], "title": "Out"}))
    title(ada, inside, "In again")

    assert [by_kind.hears()["kind"] for _ in range(2)] == ["comment.created", "task.created"]
    assert [by_task.hears()["kind"] for _ in range(2)] == ["task.updated", "comment.created"]
    assert [by_project.hears()["task_id"] for _ in range(2)] == [inside["id"], inside["id"]]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("?after=-1", "after must be"),
        ("?after=x", "after must be"),
        ("?kinds=task", "kinds must be"),
        ("?since=3", "since is no query parameter here"),
        ("?after=%ff", "the query must be UTF-8"),
    ],
)
def test_a_query_that_cannot_be_read_is_refused(
    ada: Person, team: dict[str, Any], follow: Follow, query: str, reason: str
) -> None:
    code, told = follow(ada, team["key"], query).ends()

    assert code == 4400
    assert reason in told


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("", 4400),
        ("{", 4400),
        ("[]", 4400),
        ('{"token": 3}', 4400),
        ('{"token": "a", "token": "b"}', 4400),
        ('{"token": "a", "team": "b"}', 4400),
        ("{}", 4400),
        (b'{"token": "a"}', 4400),
        ('{"token": ""}', 4401),
        ('{"token": "nobody gave this"}', 4401),
        ('{"token": "tca_nobody_gave_this"}', 4401),
        (json.dumps({"token": "x" * LIMITS.message_bytes}), 4413),
    ],
)
def test_a_first_message_without_a_good_token_is_refused(
    team: dict[str, Any], opened: Open, first: str | bytes, code: int
) -> None:
    listener = opened(team["key"])
    listener.say(first)

    assert listener.ends()[0] == code


def test_who_says_nothing_is_not_waited_for(team: dict[str, Any], opened: Open) -> None:
    assert opened(team["key"]).ends() == (4401, "no token came in time")


def test_a_team_that_is_none_of_theirs_is_as_one_that_is_not_there(
    sign_up: Callable[[str], Person], team: dict[str, Any], follow: Follow
) -> None:
    bob = sign_up("Bob")
    hidden, missing = follow(bob, team["key"]).ends(), follow(bob, "NONE").ends()

    assert hidden[0] == missing[0] == 4404
    assert hidden[1].replace(team["key"], "NONE") == missing[1]


@pytest.mark.parametrize(
    ("field", "status"), [("cookie: a=" + "x" * 9_000, b"431"), ("no field at all", b"400")]
)
def test_a_handshake_that_cannot_be_read_is_refused_at_once(
    address: str, team: dict[str, Any], field: str, status: bytes
) -> None:
    problem = told(address, f"GET /v1/teams/{team['key']}/events/ws HTTP/1.1", *HANDSHAKE, field)[1]

    assert str(problem["status"]).encode() == status


@pytest.mark.parametrize(
    ("request_line", "fields", "status"),
    [
        ("POST {socket} HTTP/1.1", HANDSHAKE, 426),
        ("PUT {socket} HTTP/1.1", (*HANDSHAKE, "content-length: 0"), 426),
        ("GET {socket} HTTP/1.0", HANDSHAKE, 426),
        ("GET {socket} HTTP/1.1", (*UPGRADE, KEY, "sec-websocket-version: 8"), 426),
        ("GET {socket} HTTP/1.1", (*UPGRADE, KEY), 400),
        ("GET {socket} HTTP/1.1", (*UPGRADE, VERSION), 400),
        ("GET {socket} HTTP/1.1", (*UPGRADE, VERSION, "sec-websocket-key: none"), 400),
        ("GET /v1/tasks HTTP/1.1", HANDSHAKE, 404),
        ("GET /nowhere HTTP/1.1", HANDSHAKE, 404),
        ("POST /nowhere HTTP/1.1", HANDSHAKE, 426),
    ],
)
def test_a_handshake_that_is_none_is_told_why(
    address: str, team: dict[str, Any], request_line: str, fields: tuple[str, ...], status: int
) -> None:
    line = request_line.format(socket=f"/v1/teams/{team['key']}/events/ws")
    head, problem = told(address, line, *fields)

    assert (int(head.split()[1]), problem["status"]) == (status, status)
    assert "content-type: application/problem+json" in head
    assert f"x-request-id: {problem['request_id']}" in head
    assert ("sec-websocket-version: 13" in head) == ("upgrade: websocket" in head) == (status == 426)


def test_http_1_0_which_knows_no_upgrade_is_answered_as_ever(address: str) -> None:
    assert told(address, "GET /v1/tasks HTTP/1.0", *HANDSHAKE)[1]["code"] == "unauthenticated"


def told(address: str, *head: str) -> tuple[str, dict[str, Any]]:
    """What a request without TLS, client or mercy is answered: head, in small letters, and problem."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall("\r\n".join((*head, "", "")).encode())
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    top, _, said = answer.partition(b"\r\n\r\n")
    return top.decode().lower(), json.loads(said)


def test_a_place_that_the_log_does_not_have_asks_for_a_new_start(
    ada: Person, team: dict[str, Any], follow: Follow
) -> None:
    listener = follow(ada, team["key"], "?after=1000")

    assert listener.hears() == {"type": "resync_required"}
    assert listener.ends()[0] == 4410


def test_what_it_does_not_understand_is_told_and_the_socket_stays(
    ada: Person, team: dict[str, Any], task: dict[str, Any], follow: Follow
) -> None:
    listener = follow(ada, team["key"])
    listener.until("ready")
    for said in ({"type": "dance"}, {}, "no JSON", b"no text", {"type": 3}):
        listener.say(said)
        told = listener.hears()

        assert (told["type"], told["code"]) == ("error", "malformed")
    title(ada, task, "Shipped")
    assert listener.hears()["type"] == "event"


def test_a_message_that_is_too_large_ends_it(ada: Person, team: dict[str, Any], follow: Follow) -> None:
    listener = follow(ada, team["key"])
    listener.until("ready")
    listener.say({"type": "x" * LIMITS.message_bytes})

    assert listener.ends()[0] == 4413


@pytest.mark.parametrize(
    ("origin", "right"),
    [
        ("https://app.example.org", True),
        ("HTTPS://APP.example.org", True),
        ("http://{host}", True),
        ("https://{host}", True),
        ("https://evil.example.org", False),
        ("https://app.example.org.evil.example", False),
        ("http://127.0.0.1", False),  # another port is another origin
        ("null", False),
        ("ftp://{host}", False),
        ("{host}", False),
        ("https://{host}/path", False),
        ("https://user@{host}", False),
        ("https://[", False),
    ],
)
def test_pages_of_other_origins_open_no_socket(
    address: str, team: dict[str, Any], ada: Person, opened: Open, origin: str, *, right: bool
) -> None:
    host = address.removeprefix("http://")
    headers = {"Origin": origin.format(host=host)}
    if right:
        listener = opened(team["key"], additional_headers=headers)
        listener.say({"token": bearer(ada)})

        assert listener.hears()["type"] == "ready"
        return
    with pytest.raises(InvalidStatus) as refused:
        opened(team["key"], additional_headers=headers)

    assert refused.value.response.status_code == 403
    assert json.loads(refused.value.response.body or b"")["code"] == "foreign_origin"


def test_a_request_that_opens_no_socket_is_told_so(address: str, team: dict[str, Any]) -> None:
    answer = httpx.get(f"{address}/v1/teams/{team['key']}/events/ws")

    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
    assert answer.json()["code"] == "upgrade_required"


def test_a_socket_elsewhere_is_refused(address: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{address.replace('http', 'ws', 1)}/v1/tasks", proxy=None)

    assert refused.value.response.status_code == 404
