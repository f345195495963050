"""A team's log as server-sent events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest

from taskcore_http import from_settings
from tests.entry.http.conftest import Person, serving, settings_for
from tests.entry.realtime.listening import LIMITS, SECONDS, head, title


@attrs.frozen
class Stream:
    """An answer that goes on."""

    answer: httpx.Response
    _lines: Iterator[str]

    def hears(self) -> dict[str, str]:
        """The next block that is no heartbeat, field by field."""
        while True:
            block = [*takewhile(bool, self._lines)]
            assert block, "it ended"
            if block != [": heartbeat"]:
                return dict(line.split(": ", 1) for line in block)

    def until(self, kind: str) -> list[dict[str, str]]:
        heard = [self.hears()]
        while heard[-1]["event"] != kind:
            heard.append(self.hears())
        return heard


@contextmanager
def streamed(person: Person, path: str, **headers: str) -> Iterator[Stream]:
    wanted = {"accept": "text/event-stream", **headers}
    with person.http.stream("GET", path, headers=wanted, timeout=SECONDS) as answer:
        assert answer.status_code == 200, answer.read()
        yield Stream(answer, answer.iter_lines())


def events_of(team: dict[str, Any]) -> str:
    return f"/v1/teams/{team['key']}/events"


def test_it_tells_the_same_as_the_page_and_goes_on(
    ada: Person, team: dict[str, Any], task: dict[str, Any]
) -> None:
    page = ada.get(events_of(team))
    items = page.json()["items"]
    with streamed(ada, f"{events_of(team)}?after=0") as stream:
        *told, ready = stream.until("ready")
        title(ada, task, "Shipped")
        live = stream.hears()
        headers = stream.answer.headers

    assert [each["id"] for each in told] == [str(event["seq"]) for event in items]
    assert [each["event"] for each in told] == [event["kind"] for event in items]
    assert f"[{','.join(each['data'] for each in told)}]" in page.text
    assert ready == {"event": "ready", "id": str(items[-1]["seq"]), "data": f'{{"seq":{items[-1]["seq"]}}}'}
    assert (live["id"], live["event"]) == (str(items[-1]["seq"] + 1), "task.updated")
    assert headers["content-type"] == "text/event-stream"
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
    assert "x-request-id" in headers


def test_the_last_id_that_was_seen_wins_over_the_query(
    ada: Person, team: dict[str, Any], task: dict[str, Any]
) -> None:
    title(ada, task, "Shipped")
    last = head(ada, team)
    with streamed(ada, f"{events_of(team)}?after=0", **{"last-event-id": str(last - 1)}) as stream:
        assert [each["id"] for each in stream.until("ready")] == [str(last), str(last)]


def test_without_a_place_it_tells_what_happens_from_now_on(
    ada: Person, team: dict[str, Any], task: dict[str, Any]
) -> None:
    with streamed(ada, f"{events_of(team)}?kinds=comment.*&task={task['key']}") as stream:
        ready = stream.hears()
        title(ada, task, "Shipped")
        ada.post(f"/v1/tasks/{task['key']}/comments", {"body": "Done"})

        assert ready["event"] == "ready"
        assert stream.hears()["event"] == "comment.created"


def test_a_heartbeat_shows_that_it_goes_on(ada: Person, team: dict[str, Any]) -> None:
    with streamed(ada, events_of(team)) as stream:
        stream.until("ready")

        assert [next(stream._lines), next(stream._lines)] == [": heartbeat", ""]


def test_it_outlives_the_time_that_a_request_may_take(tmp_path: Path, key: str) -> None:
    """Nothing else would tell: the end of a request at its limit is an end of the stream."""
    settings = settings_for("memory://", tmp_path, time_limit=1)
    with serving(from_settings(settings, LIMITS)) as address, httpx.Client(base_url=address) as http:
        account = {"email": "ada@example.org", "name": "Ada", "password": "correct horse battery"}
        token = http.post("/v1/auth/signup", json=account).json()["access_token"]
        http.headers["authorization"] = f"Bearer {token}"
        http.post("/v1/teams", json={"name": "Platform", "key": key})
        with streamed(Person(http, "", ""), f"/v1/teams/{key}/events") as stream:
            stream.until("ready")
            beats = [next(stream._lines) for _ in range(2 * 15)]  # three seconds, of which the limit is two

    assert set(beats) == {": heartbeat", ""}


def test_a_place_that_the_log_does_not_have_asks_for_a_new_start(ada: Person, team: dict[str, Any]) -> None:
    for headers in ({"accept": "text/event-stream"}, {}):
        answer = ada.get(f"{events_of(team)}?after=1000", headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (410, "resync_required")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?limit=3", 400),
        ("?since=3", 400),
        ("?after=x", 400),
        ("?kinds=task", 422),
        ("?task=NONE-1", 404),
        ("?project=01936f2e-7c1a-7000-8000-000000000123", 404),
    ],
)
def test_what_is_wrong_is_told_before_it_begins(
    ada: Person, sign_up: Callable[[str], Person], team: dict[str, Any], query: str, status: int
) -> None:
    headers = {"accept": "text/html, text/event-stream;q=0.9"}
    answer = ada.get(f"{events_of(team)}{query}", headers=headers)
    hidden = sign_up("Bob").get(f"{events_of(team)}{query}", headers=headers)

    assert (answer.status_code, hidden.status_code) == (status, 404)
    assert answer.headers["content-type"] == "application/problem+json"


def test_whoever_takes_anything_gets_a_page(ada: Person, team: dict[str, Any]) -> None:
    assert ada.get(events_of(team), headers={"accept": "*/*"}).json()["items"]


@pytest.mark.parametrize(
    ("accept", "stream"),
    [
        ("application/json, text/event-stream;q=0", False),
        ("text/event-stream;q=0", False),
        ("text/event-stream;q=0.000, */*", False),
        ("application/json;q=0.9, text/event-stream;q=0.8", False),
        ("text/event-stream; Q=0.5, */*;q=0.6", False),
        ("text/event-stream;q=0.5, application/*", False),
        ("text/event-stream;q=high", False),
        ("text/event-stream, application/json", True),
        ("application/json;q=0.8, TEXT/event-stream ; q=0.9", True),
        ("application/json;q=0.1, */*, text/event-stream;q=0.5", True),
        ("text/event-stream;charset=utf-8", True),
    ],
)
def test_the_one_that_is_liked_better_is_given(
    ada: Person, team: dict[str, Any], accept: str, *, stream: bool
) -> None:
    answer = ada.http.head(events_of(team), headers={"accept": accept})

    assert answer.headers["content-type"] == ("text/event-stream" if stream else "application/json")


def test_head_tells_what_a_stream_would_be(ada: Person, team: dict[str, Any]) -> None:
    answer = ada.http.head(events_of(team), headers={"accept": "text/event-stream"})

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")


def test_the_page_takes_the_same_filters(ada: Person, team: dict[str, Any], task: dict[str, Any]) -> None:
    title(ada, task, "Shipped")
    ada.post(f"/v1/tasks/{task['key']}/comments", {"body": "Done"})
    comments = ada.get(f"{events_of(team)}?kinds=comment.*&count=true").json()
    edits = ada.get(f"{events_of(team)}?kinds=task.updated&task={task['key']}&limit=1&count=true").json()

    assert ([each["kind"] for each in comments["items"]], comments["total"]) == (["comment.created"], 1)
    assert ([each["kind"] for each in edits["items"]], edits["total"]) == (["task.updated"], 1)
