"""A team's content over HTTP: sent as it is read, taken in from a form."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.entry.http.conftest import Person, made

LABEL = {"id": "019a0000-0000-7000-8000-000000000001", "name": "new", "created_at": "2026-11-02T09:30:00Z"}
HEAD = json.dumps({"type": "taskcore_export", "data": {"version": 2}})


def bring(person: Person, team: str, content: bytes | str, form: str, **fields: str) -> httpx.Response:
    return person.http.post(
        f"/v1/teams/{team}/imports", files={"file": ("f", content)}, data={"format": form, **fields}
    )


@pytest.fixture
def filled(ada: Person, team: dict[str, Any]) -> dict[str, Any]:
    """A team with two tasks, of which one waits for the other."""
    first = made(ada.post("/v1/tasks", {"team_id": team["id"], "title": "=First, ünd 🚀"}))
    second = made(ada.post("/v1/tasks", {"team_id": team["id"], "title": "Second"}))
    ada.put(f"/v1/tasks/{second['id']}/dependencies/{first['id']}", {})
    made(ada.post(f"/v1/tasks/{first['id']}/comments", {"body": "said"}))
    return team


def test_what_leaves_comes_into_another_team(ada: Person, filled: dict[str, Any], key: str) -> None:
    other = made(ada.post("/v1/teams", {"name": "Other", "key": f"O{key}"[:10]}))
    answer = ada.get(f"/v1/teams/{filled['key']}/export")
    report = bring(ada, other["key"], answer.content, "json")
    again = bring(ada, other["key"], answer.content, "json")
    left, came = answer.json(), ada.get(f"/v1/teams/{other['key']}/export").json()

    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == f'attachment; filename="{filled["key"]}.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert (report.status_code, report.json()["created"], report.json()["refused"]) == (200, 2, [])
    assert (again.json()["created"], again.json()["known"]) == (0, 2)
    for name in ("title", "number", "created_at", "created_by", "version", "rank"):
        assert [task[name] for task in came["tasks"]] == [task[name] for task in left["tasks"]]
    assert [len(came[part]) for part in ("dependencies", "comments")] == [1, 1]


def test_lines_and_tables_leave_too(ada: Person, filled: dict[str, Any]) -> None:
    lines = ada.get(f"/v1/teams/{filled['key']}/export?format=ndjson&events=false")
    table = ada.get(f"/v1/teams/{filled['key']}/export?format=csv")
    kinds = [json.loads(line)["type"] for line in lines.text.splitlines()]
    rows = list(csv.DictReader(io.StringIO(table.text)))

    assert lines.headers["content-type"] == "application/x-ndjson"
    assert kinds == ["taskcore_export", "team", "person", "task", "task", "dependency", "comment"]
    assert [row["title"] for row in rows] == ["'=First, ünd 🚀", "Second"]
    assert rows[1]["predecessors"] == rows[0]["key"]


def test_a_dry_run_tells_of_each_line_and_changes_nothing(ada: Person, team: dict[str, Any]) -> None:
    text = "title,key,priority,parent\nOne,1,high,\nTwo,2,soon,\nThree,3,,9\n"
    tried = bring(ada, team["key"], text, "csv", dry_run="true").json()

    assert sorted((each["line"], each["outcome"]) for each in tried["outcomes"]) == [
        (2, "created"),
        (3, "refused"),
        (4, "created"),
    ]
    assert sorted(each["line"] for each in tried["refused"]) == [3, 4]
    assert ada.get(f"/v1/tasks?team={team['key']}").json()["items"] == []


@pytest.mark.parametrize("role", ["member", "guest"])
def test_only_who_runs_a_team_takes_its_work_away_or_brings_some(
    role: str, team: dict[str, Any], join: Callable[[str, str], Person]
) -> None:
    bob = join("Bob", role)
    refused = [bob.get(f"/v1/teams/{team['key']}/export"), bring(bob, team["key"], "", "csv")]

    assert [each.json()["action"] for each in refused] == ["team.export", "import.run"]


def test_a_stranger_learns_nothing_whatever_they_send(
    sign_up: Callable[[str], Person], team: dict[str, Any]
) -> None:
    eve = sign_up("Eve")
    asked = [
        eve.get(f"/v1/teams/{team['key']}/export?format=exe"),
        bring(eve, team["key"], "", "exe", bogus="1"),
        eve.post(f"/v1/teams/{team['key']}/imports", {}),
    ]

    assert [each.status_code for each in asked] == [404, 404, 404]


def test_queries_that_are_none_are_refused(ada: Person, team: dict[str, Any]) -> None:
    for query in ("format=exe", "deleted=perhaps", "bogus=1", "format=csv&events=false"):
        assert ada.get(f"/v1/teams/{team['key']}/export?{query}").status_code == 400, query
    assert ada.http.head(f"/v1/teams/{team['key']}/export").content == b""


def test_forms_that_are_none_are_refused(ada: Person, team: dict[str, Any]) -> None:
    path = f"/v1/teams/{team['key']}/imports"
    assert bring(ada, team["key"], "x", "exe").status_code == 422
    assert bring(ada, team["key"], "x", "csv", dry_run="perhaps").status_code == 422
    assert bring(ada, team["key"], "x", "csv", bogus="1").status_code == 422
    assert ada.http.post(path, files={"file": ("f", b"x")}).status_code == 422
    assert ada.http.post(path, files={"other": ("f", b"x")}).status_code == 422
    assert ada.http.post(path, json={}).status_code == 415
    for kind in ("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=ü"):
        headers = [(b"content-type", kind.encode())]
        assert ada.http.post(path, content=b"--x\r\n", headers=headers).status_code == 400, kind
    for body in (
        b"",
        b"hello",
        b"--x\r\n",
        b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\nabc",
        b"\0" * 99,
    ):
        sent = ada.http.post(path, content=body, headers={"content-type": "multipart/form-data; boundary=x"})
        assert sent.status_code == 400, (body, sent.text)
        assert sent.json()["code"] == "malformed"


@pytest.mark.parametrize(
    "line",
    [
        b'{"type": "label", "data": {"name": "\\u0000"}}',
        b'{"type": "label", "data": {"name": "\\ud800"}}',
        b'{"type": "label", "data": NaN}',
        b'{"type": "label", "data": ' + b"[" * 100_000,
        b'{"type": "label", "type": "label", "data": {}}',
        b'{"type": "task", "data": {"number": 9223372036854775808}}',
        b'{"type": "view", "data": {"query": {"x": 1e999}}}',
        b"\xff\xfe",
        b"[]",
        b'{"type": "person", "data": {"id": 5}}',
    ],
)
def test_lines_that_no_store_could_hold_are_told_and_the_rest_is_taken(
    line: bytes, ada: Person, team: dict[str, Any]
) -> None:
    label = json.dumps({"type": "label", "data": {**LABEL, "name": "after"}})
    report = bring(ada, team["key"], HEAD.encode() + b"\n" + line + b"\n" + label.encode(), "ndjson").json()

    assert [each["line"] for each in report["refused"]] == [2]
    assert (report["read"], report["labels"]) == (3, 1)


def test_the_repetition_of_a_file_needs_no_key(ada: Person, team: dict[str, Any]) -> None:
    text, path = "title,key\n" + "".join(f"T{n},{n}\n" for n in range(3)), f"/v1/teams/{team['key']}/imports"
    reports = [
        ada.http.post(
            path,
            files={"file": ("f", text)},
            data={"format": "csv"},
            headers={"idempotency-key": f"once {team['key']}"},
        ).json()
        for _ in range(2)
    ]

    assert [(each["created"], each["known"]) for each in reports] == [(3, 0), (0, 3)]
