"""What holds for every route: errors, caching, versions, order of checks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from taskcore_http.app import OPERATIONS
from tests.entry.http.conftest import Person, made

NOT_THERE = "01936f2e-7c1a-7000-8000-000000000000"
MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem details of a refusal, as all of them look."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), (
        answer.text
    )
    body: dict[str, Any] = answer.json()
    assert body["code"] == code, body
    assert body.keys() >= MEMBERS
    assert (body["type"], body["status"]) == (f"/problems/{code}", status)
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


def pointers(body: dict[str, Any]) -> list[str]:
    return sorted(each["pointer"] for each in body["errors"])


def test_a_new_thing_says_where_it_is_and_which_version(ada: Person, team: dict[str, Any]) -> None:
    answer = ada.post("/v1/tasks", {"team_id": team["key"], "title": "Ship it"})
    again = ada.get(answer.headers["location"])

    assert answer.status_code == 201
    assert (again.status_code, again.json()) == (200, answer.json())
    assert again.headers["etag"] == answer.headers["etag"]
    assert again.headers["cache-control"] == "private, no-cache"


def test_what_has_not_changed_is_not_sent_again(ada: Person, task: dict[str, Any]) -> None:
    for path in (f"/v1/tasks/{task['key']}", f"/v1/tasks?team={task['team_id']}", "/v1/me", "/v1/teams"):
        tag = ada.get(path).headers["etag"]
        same = ada.get(path, headers={"if-none-match": f'"other", W/{tag}'})
        other = ada.get(path, headers={"if-none-match": '"other"'})

        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
        assert other.status_code == 200


def test_an_etag_is_of_the_whole_representation(ada: Person, task: dict[str, Any]) -> None:
    blocker = made(ada.post("/v1/tasks", {"team_id": task["team_id"], "title": "First"}))
    before = ada.get(f"/v1/tasks/{task['id']}")
    ada.put(f"/v1/tasks/{task['id']}/dependencies/{blocker['id']}")
    after = ada.get(f"/v1/tasks/{task['id']}", headers={"if-none-match": before.headers["etag"]})

    assert after.status_code == 200
    assert after.json()["blocked"] is True


def test_head_is_get_without_a_body(ada: Person, task: dict[str, Any]) -> None:
    for path in (f"/v1/tasks/{task['key']}", "/v1/tasks", "/v1/me", "/healthz", "/docs", "/openapi.json"):
        got, head = ada.get(path), ada.http.head(path)

        assert (head.status_code, head.content) == (200, b"")
        assert {**head.headers, "date": "", "x-request-id": ""} == {
            **got.headers,
            "date": "",
            "x-request-id": "",
        }


def test_head_of_what_is_not_there_has_no_body_either(ada: Person) -> None:
    head = ada.http.head("/v1/tasks/NONE-1")

    assert (head.status_code, head.content) == (404, b"")
    assert head.headers["content-type"] == "application/problem+json"


def test_options_and_405_list_the_methods(ada: Person, task: dict[str, Any]) -> None:
    methods = "DELETE, GET, HEAD, OPTIONS, PATCH"
    options = ada.http.options(f"/v1/tasks/{task['key']}")
    refused = ada.put(f"/v1/tasks/{task['key']}", {})

    problem(refused, 405, "method_not_allowed")
    assert (options.status_code, options.headers["allow"]) == (204, methods)
    assert refused.headers["allow"] == methods


def test_an_unknown_route_is_a_problem(ada: Person) -> None:
    problem(ada.get("/v1/nothing"), 404, "not_found")
    problem(ada.get("/v1/tasks/a/b/c"), 404, "not_found")


def test_a_request_keeps_its_id_and_else_gets_one(ada: Person) -> None:
    given = ada.get("/v1/me", headers={"x-request-id": "from-the-proxy:42"})
    refused = ada.get("/nowhere", headers={"x-request-id": "from-the-proxy:43"})
    unfit = ada.get("/v1/me", headers={"x-request-id": "a b"})

    assert given.headers["x-request-id"] == "from-the-proxy:42"
    assert refused.json()["request_id"] == "from-the-proxy:43"
    assert re.fullmatch(r"[0-9a-f]{32}", unfit.headers["x-request-id"])


def paths_of_all_operations() -> list[tuple[str, str]]:
    abouts = [handler.opt["operation"] for handler in OPERATIONS]
    return [
        (about.method, re.sub(r"{\w+:str}", NOT_THERE, about.path)) for about in abouts if not about.public
    ]


def test_every_route_wants_a_token_before_anything_else(stranger: httpx.Client) -> None:
    for method, path in paths_of_all_operations():
        refused = stranger.request(
            method, f"{path}?bogus=1", content=b"{", headers={"content-type": "text/plain"}
        )

        problem(refused, 401, "unauthenticated")
        assert refused.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("sent", ["", "Basic YTpi", "Bearer", "Bearer x.y.z", "Bearer \xff"])
def test_a_token_that_is_none_is_refused(stranger: httpx.Client, sent: str) -> None:
    refused = stranger.get("/v1/me", headers={b"authorization": sent.encode("latin-1")})

    problem(refused, 401, "unauthenticated")


def test_a_strict_write_fails_on_any_newer_version(ada: Person, task: dict[str, Any]) -> None:
    path = f"/v1/tasks/{task['key']}"
    first = ada.get(path).headers["etag"]
    changed = ada.patch(path, {"priority": "high"}, headers={"if-match": first})
    stale = ada.patch(path, {"title": "Other"}, headers={"if-match": first})
    by_version = ada.patch(path, {"title": "Other"}, headers={"if-match": '"2"'})

    assert changed.status_code == 200
    assert problem(stale, 412, "version_conflict")["version"] == 2
    assert (by_version.status_code, by_version.json()["version"]) == (200, 3)


def test_without_a_precondition_the_last_writer_of_a_field_wins(ada: Person, task: dict[str, Any]) -> None:
    path = f"/v1/tasks/{task['key']}"
    ada.patch(path, {"title": "One", "priority": "low"})
    last = ada.patch(path, {"title": "Two"}).json()

    assert (last["title"], last["priority"], last["version"]) == ("Two", "low", 3)


def test_a_merging_write_fails_only_on_its_own_fields(ada: Person, task: dict[str, Any]) -> None:
    path, headers = f"/v1/tasks/{task['key']}", {"if-match": '"1"', "prefer": "merge"}
    ada.patch(path, {"priority": "high"})
    merged = ada.patch(path, {"title": "Other"}, headers=headers)
    clashing = ada.patch(path, {"priority": "low", "title": "Third"}, headers=headers)

    assert (merged.status_code, merged.headers["preference-applied"]) == (200, "merge")
    assert problem(clashing, 412, "version_conflict")["fields"] == ["priority", "title"]


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        ('"no-such"', "If-Match names no version of it"),
        ('"0"', "If-Match names no version of it"),
        ('"-1"', "If-Match names no version of it"),
        ('"999999999999999999"', "it is at version 1, not 999999999999999999: read it again"),
    ],
)
def test_a_precondition_that_nothing_meets_is_412(
    ada: Person, task: dict[str, Any], tag: str, says: str
) -> None:
    refused = ada.delete(f"/v1/tasks/{task['key']}", headers={"if-match": tag})

    assert problem(refused, 412, "version_conflict")["detail"] == says
    assert ada.get(f"/v1/tasks/{task['key']}").status_code == 200


def test_every_thing_with_a_version_heeds_a_precondition(ada: Person, task: dict[str, Any]) -> None:
    home = f"/v1/teams/{task['team_id']}"
    places = [
        ada.post(f"{home}/projects", {"name": "Launch"}).headers["location"],
        ada.post(f"{home}/labels", {"name": "bug"}).headers["location"],
        ada.post(f"{home}/views", {"name": "Mine"}).headers["location"],
        ada.post(f"/v1/tasks/{task['id']}/comments", {"body": "Hello"}).headers["location"],
        f"/v1/tasks/{task['id']}",
        home,
    ]
    changes = {"comments": {"body": "Bye"}, "tasks": {"title": "Other"}}
    stale = {"if-match": '"99-abc"'}
    for place in places:
        change = changes.get(place.split("/")[2], {"name": "Other"})
        problem(ada.patch(place, change, headers=stale), 412, "version_conflict")
        problem(ada.delete(place, headers=stale), 412, "version_conflict")
        assert ada.patch(place, change, headers={"if-match": '"1"'}).headers["etag"].startswith('"2-')
    problem(ada.patch("/v1/me", {"name": "Other"}, headers=stale), 412, "version_conflict")
    problem(
        ada.patch(f"{home}/members/me", {"capacity_minutes_per_day": 1}, headers=stale),
        412,
        "version_conflict",
    )


@pytest.mark.parametrize("tag", ["3", "", '"1", "2"'])
def test_a_precondition_that_is_no_etag_is_malformed(
    ada: Person, task: dict[str, Any], sign_up: Callable[[str], Person], tag: str
) -> None:
    path, headers = f"/v1/tasks/{task['key']}", {"if-match": tag}

    problem(ada.patch(path, {}, headers=headers), 400, "malformed")
    problem(sign_up("Eve").patch(path, {}, headers=headers), 404, "not_found")


def test_what_hangs_on_a_thing_heeds_a_precondition_on_it(
    ada: Person, task: dict[str, Any], team: dict[str, Any], join: Callable[[str, str], Person]
) -> None:
    gus, max_, home = join("Gus", "guest"), join("Max", "member"), f"/v1/teams/{team['key']}"
    project = ada.post(f"{home}/projects", {"name": "Launch"}).headers["location"]
    trashed = made(ada.post("/v1/tasks", {"team_id": team["id"], "title": "Trashed"}))
    other = made(ada.post("/v1/tasks", {"team_id": team["id"], "title": "Other"}))
    ada.delete(f"/v1/tasks/{trashed['id']}")
    path = f"/v1/tasks/{task['id']}"
    changes: list[tuple[str, str, dict[str, Any] | None, str]] = [
        ("PUT", f"{path}/dependencies/{other['id']}", None, '"1"'),
        ("PUT", f"{path}/dependencies/{other['id']}", {"lag_minutes": 5}, '"1"'),
        ("DELETE", f"{path}/dependencies/{other['id']}", None, '"1"'),
        ("PUT", f"{path}/followers/me", None, '"1"'),
        ("DELETE", f"{path}/followers/me", None, '"2"'),
        ("POST", f"/v1/tasks/{trashed['id']}/restore", None, '"2"'),
        ("POST", f"/v1/tasks/{task['id']}/purge", None, ""),
        ("PUT", f"{project}/guests/{gus.id}", None, '"1"'),
        ("DELETE", f"{project}/guests/{gus.id}", None, '"2"'),
        ("POST", f"{home}/transfer", {"user_id": gus.id}, ""),
        ("DELETE", f"{home}/members/{gus.id}", None, '"1"'),
        ("DELETE", f"{home}/members/me", None, ""),
        ("POST", f"{home}/transfer", {"user_id": max_.id}, '"1"'),
    ]
    for method, place, body, right in changes:
        stale = ada.http.request(method, place, json=body, headers={"if-match": '"7-abc"'})
        assert problem(stale, 412, "version_conflict")["detail"].endswith("not 7: read it again"), place
        if right:
            done = ada.http.request(method, place, json=body, headers={"if-match": right})
            assert done.status_code in (200, 201, 204), (place, done.text)


def test_the_etag_of_a_dependency_is_no_version_of_its_task(ada: Person, task: dict[str, Any]) -> None:
    other = made(ada.post("/v1/tasks", {"team_id": task["team_id"], "title": "Other"}))
    link = f"/v1/tasks/{task['key']}/dependencies/{other['key']}"
    tag = ada.put(link).headers["etag"]

    problem(ada.delete(link, headers={"if-match": tag}), 412, "version_conflict")


def places_without_a_body(task: dict[str, Any], team: dict[str, Any]) -> list[tuple[str, str]]:
    path, home = f"/v1/tasks/{task['id']}", f"/v1/teams/{team['key']}"
    return [
        ("POST", f"{path}/restore"),
        ("POST", f"{path}/purge"),
        ("DELETE", path),
        ("DELETE", home),
        ("DELETE", f"{home}/members/me"),
        ("PUT", f"{path}/followers/me"),
        ("DELETE", f"{path}/followers/me"),
    ]


def test_a_body_where_none_is_expected_is_read_all_the_same(
    ada: Person, task: dict[str, Any], team: dict[str, Any]
) -> None:
    for method, place in places_without_a_body(task, team):
        broken = ada.http.request(
            method, place, content=b"{bad", headers={"content-type": "application/json"}
        )
        unknown = ada.http.request(method, place, json={"a": 1})
        text = ada.http.request(method, place, content=b"hello", headers={"content-type": "text/plain"})

        problem(broken, 400, "malformed")
        assert pointers(problem(unknown, 422, "invalid")) == ["/a"]
        problem(text, 415, "unsupported_media_type")
    assert ada.get(f"/v1/tasks/{task['id']}").json() == task
    assert ada.http.request("PUT", f"/v1/tasks/{task['id']}/followers/me", json={}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1,]",
        b'{"title": "a", "title": "b"}',
        b'{"title": NaN}',
        b'{"spent_minutes": Infinity}',
        b'{"spent_minutes": 1e999}',
        b'{"spent_minutes": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"labels": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"title": "\\ud800"}',
        b'{"title": "\xff"}',
        b'\xef\xbb\xbf{"title": "a"}',
        b'{"title": "a"} {}',
        b"{'title': 'a'}",
    ],
)
def test_what_is_not_json_is_malformed(ada: Person, task: dict[str, Any], body: bytes) -> None:
    headers = {"content-type": "application/json"}
    refused = ada.http.patch(f"/v1/tasks/{task['key']}", content=body, headers=headers)

    problem(refused, 400, "malformed")


def test_a_body_of_another_type_is_refused(ada: Person, task: dict[str, Any]) -> None:
    path = f"/v1/tasks/{task['key']}"
    form = ada.http.patch(path, data={"title": "a"})
    merge = ada.http.patch(
        path, content='{"title": "b"}', headers={"content-type": "application/merge-patch+json"}
    )
    charset = ada.http.patch(
        path, content='{"title": "c"}', headers={"content-type": "application/json; charset=utf-8"}
    )
    quoted = ada.http.patch(
        path, content='{"title": "c"}', headers={"content-type": 'application/json;charset="UTF-8"'}
    )
    plain = {"content-type": "application/json", "content-encoding": "identity"}
    uncoded = ada.http.patch(path, content='{"title": "c"}', headers=plain)

    problem(form, 415, "unsupported_media_type")
    assert [each.status_code for each in (merge, charset, quoted, uncoded)] == [200] * 4


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": 'application/json; q=1; charset="latin-1"'},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "application/json", "content-encoding": "identity, br"},
    ],
)
def test_a_body_in_another_spelling_is_refused(
    ada: Person, task: dict[str, Any], headers: dict[str, str]
) -> None:
    refused = ada.http.patch(f"/v1/tasks/{task['key']}", content=b'{"title": "a"}', headers=headers)

    problem(refused, 415, "unsupported_media_type")


def test_a_number_that_is_too_long_is_refused_in_our_own_words(ada: Person, task: dict[str, Any]) -> None:
    content = b'{"spent_minutes": ' + b"9" * 5000 + b"}"
    headers = {"content-type": "application/json"}
    refused = ada.http.patch(f"/v1/tasks/{task['key']}", content=content, headers=headers)

    told = problem(refused, 400, "malformed")["detail"]
    assert told == "the body is not JSON: a number has more than 640 digits"


def test_a_body_beyond_the_limit_is_refused(ada: Person, task: dict[str, Any]) -> None:
    path, large = f"/v1/tasks/{task['key']}", b'{"description": "' + b"x" * 2_100_000 + b'"}'
    announced = ada.http.patch(path, content=large, headers={"content-type": "application/json"})
    streamed = ada.http.patch(
        path, content=iter([large[:50], large[50:]]), headers={"content-type": "text/plain"}
    )

    problem(announced, 413, "too_large")
    problem(streamed, 413, "too_large")


def test_every_fault_of_a_body_is_named(ada: Person, task: dict[str, Any]) -> None:
    sent = {
        "titel": "x",
        "id": task["id"],
        "version": 7,
        "title": None,
        "status": "nope",
        "spent_minutes": True,
        "estimate_minutes": 1.0,
        "assignee_id": "ada",
        "labels": ["bug", 3],
        "due_on": "2026-02-30",
        "start_at": "2026-01-01T00:00:00",
        "a/b~c": 1,
    }
    refused = problem(ada.patch(f"/v1/tasks/{task['key']}", sent), 422, "invalid")

    named = [name for name in sent if name not in ("labels", "a/b~c")]
    assert pointers(refused) == sorted([f"/{name}" for name in named] + ["/labels/1", "/a~1b~0c"])
    assert ada.get(f"/v1/tasks/{task['key']}").json() == task


def test_unknown_fields_are_named_along_with_a_wrong_value(ada: Person, task: dict[str, Any]) -> None:
    refused = ada.patch(f"/v1/tasks/{task['key']}", {"a": 1, "b": 2, "title": 5})

    assert pointers(problem(refused, 422, "invalid")) == ["/a", "/b", "/title"]


@pytest.mark.parametrize("body", [[], "text", 3, None, True])
def test_a_body_that_is_no_object_is_invalid(ada: Person, task: dict[str, Any], body: object) -> None:
    content = json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    refused = ada.http.patch(f"/v1/tasks/{task['key']}", content=content, headers=headers)

    assert pointers(problem(refused, 422, "invalid")) == [""]


def test_what_is_absent_stays_and_null_clears(ada: Person, task: dict[str, Any]) -> None:
    path = f"/v1/tasks/{task['key']}"
    ada.patch(path, {"estimate_minutes": 30, "due_on": "2026-12-01"})
    changed = ada.patch(path, {"estimate_minutes": None}).json()

    assert (changed["estimate_minutes"], changed["due_on"]) == (None, "2026-12-01")


def test_a_hidden_thing_is_404_before_its_faults_are_told(
    sign_up: Callable[[str], Person], task: dict[str, Any], team: dict[str, Any]
) -> None:
    eve = sign_up("Eve")
    bogus = {"bogus": 1}
    for answer in (
        eve.patch(f"/v1/tasks/{task['id']}", bogus),
        eve.patch(f"/v1/tasks/{task['key']}", bogus, headers={"if-match": '"9"'}),
        eve.get(f"/v1/tasks/{task['id']}?bogus=1"),
        eve.delete(f"/v1/tasks/{task['id']}?bogus=1"),
        eve.post(f"/v1/tasks/{task['id']}/restore?bogus=1"),
        eve.post(f"/v1/tasks/{task['id']}/comments", bogus),
        eve.put(f"/v1/tasks/{task['id']}/dependencies/{task['id']}", bogus),
        eve.put(f"/v1/tasks/{task['id']}/followers/nobody"),
        eve.post("/v1/tasks", {"team_id": team["key"], **bogus}),
        eve.patch(f"/v1/teams/{team['key']}", bogus),
        eve.post(f"/v1/teams/{team['key']}/projects", bogus),
        eve.post(f"/v1/teams/{team['key']}/labels", bogus),
        eve.post(f"/v1/teams/{team['key']}/views", bogus),
        eve.post(f"/v1/teams/{team['key']}/invitations", bogus),
        eve.patch(f"/v1/teams/{team['key']}/members/{uuid4()}", bogus),
        eve.post(f"/v1/teams/{team['key']}/transfer", bogus),
        eve.get(f"/v1/teams/{team['key']}/events?after=x"),
        eve.get(f"/v1/teams/{team['key']}/members?limit=0"),
        eve.get(f"/v1/tasks/{task['id']}/dependencies?limit=0"),
        eve.get(f"/v1/tasks/{task['id']}/followers?cursor=x"),
        eve.get(f"/v1/tasks?team={team['key']}&limit=0"),
        eve.get(f"/v1/tasks?team={team['key']}&status=bogus"),
        eve.get(f"/v1/tasks?team={team['key']}&cursor=x"),
        eve.get(f"/v1/tasks?team={team['key']}&foo=1"),
        eve.post(f"/v1/tasks/{task['id']}/restore", bogus),
        eve.delete(f"/v1/teams/{team['key']}/members/nobody?bogus=1"),
    ):
        problem(answer, 404, "not_found")


def test_a_missing_right_is_403_before_faults_are_told(
    ada: Person, join: Callable[[str, str], Person], task: dict[str, Any], team: dict[str, Any]
) -> None:
    max_, gus = join("Max", "member"), join("Gus", "guest")
    project = ada.post(f"/v1/teams/{team['key']}/projects", {"name": "Launch"}).headers["location"]
    bogus = {"bogus": 1}
    for answer in (
        max_.patch(f"/v1/teams/{team['key']}", bogus),
        max_.delete(f"/v1/teams/{team['key']}?bogus=1"),
        max_.delete(f"/v1/tasks/{task['key']}?bogus=1", headers={"if-match": '"9"'}),
        max_.post(f"/v1/teams/{team['key']}/invitations", bogus),
        max_.post(f"/v1/teams/{team['key']}/transfer", bogus),
        join("Amy", "admin").post(f"/v1/teams/{team['key']}/transfer", bogus),
        max_.post(f"/v1/tasks/{task['key']}/purge?bogus=1"),
        max_.post(f"/v1/tasks/{task['key']}/restore?bogus=1"),
        max_.delete(f"/v1/teams/{team['key']}/members/{ada.id}?bogus=1"),
        max_.put(f"{project}/guests/{gus.id}?bogus=1"),
        max_.delete(f"{project}/guests/{gus.id}", headers={"if-match": "x"}),
        gus.post("/v1/tasks", {"team_id": team["key"], **bogus}),
        gus.post(f"/v1/teams/{team['key']}/projects", bogus),
        gus.post(f"/v1/teams/{team['key']}/labels", bogus),
    ):
        problem(answer, 403, "forbidden")


def test_the_hidden_and_the_missing_answer_alike(
    sign_up: Callable[[str], Person], task: dict[str, Any]
) -> None:
    eve = sign_up("Eve")
    hidden, missing = eve.get(f"/v1/tasks/{task['id']}"), eve.get(f"/v1/tasks/{uuid4()}")

    assert shape(hidden) == shape(missing)


def shape(answer: httpx.Response) -> tuple[object, ...]:
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", answer.text.replace(answer.headers["x-request-id"], ""))
    fields = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date")}
    return answer.status_code, text, fields


@pytest.mark.parametrize("odd", ["nobody", "123", "%00", "%F0%9F%A6%84", "a" * 300, NOT_THERE, "..%2f"])
def test_an_id_that_is_none_is_not_found(ada: Person, team: dict[str, Any], odd: str) -> None:
    home = f"/v1/teams/{team['key']}"
    for path in (
        f"/v1/tasks/{odd}",
        f"/v1/teams/{odd}",
        f"/v1/projects/{odd}",
        f"/v1/labels/{odd}",
        f"/v1/views/{odd}",
    ):
        problem(ada.get(path), 404, "not_found")
    for path in (f"{home}/members/{odd}", f"{home}/invitations/{odd}", f"/v1/comments/{odd}"):
        problem(ada.delete(path), 404, "not_found")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("bogus=1", "/bogus"),
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=ten", "/limit"),
        ("limit=%2B5", "/limit"),
        ("limit=+5", "/limit"),
        ("limit=%D9%A5", "/limit"),
        ("limit=0&bogus=1", "/bogus"),
        ("limit=0&bogus=1", "/limit"),
        ("limit=1&limit=2", "/limit"),
        ("cursor=abc", "/cursor"),
        ("cursor=%F0%9F%A6%84", "/cursor"),
        ("count=maybe", "/count"),
        ("title=%ff", ""),
    ],
)
def test_a_query_that_cannot_be_read_is_malformed(
    ada: Person, team: dict[str, Any], query: str, named: str
) -> None:
    refused = problem(ada.get(f"/v1/tasks?team={team['key']}&{query}"), 400, "malformed")

    assert named in pointers(refused)


def test_an_unknown_parameter_is_refused_everywhere(ada: Person, task: dict[str, Any]) -> None:
    for path in ("/v1/me", "/v1/teams", f"/v1/tasks/{task['key']}", f"/v1/tasks/{task['key']}/comments"):
        refused = problem(ada.get(f"{path}?bogus=1"), 400, "malformed")

        assert pointers(refused) == ["/bogus"]


def test_a_walk_through_pages_finds_everything_once(ada: Person, team: dict[str, Any]) -> None:
    wanted = [
        made(ada.post("/v1/tasks", {"team_id": team["key"], "title": f"Task {n}"}))["id"] for n in range(5)
    ]
    path, found = f"/v1/tasks?team={team['key']}&sort=created_at&limit=2&count=true", []
    while path:
        page = ada.get(path)
        found += [each["id"] for each in page.json()["items"]]
        assert page.json()["total"] == 5
        assert (page.json()["next_cursor"] is None) == ("link" not in page.headers)
        path = page.links.get("next", {}).get("url", "")

    assert found == wanted


def lists(team: dict[str, Any], task: dict[str, Any]) -> list[str]:
    home, path = f"/v1/teams/{team['key']}", f"/v1/tasks/{task['key']}"
    return [
        *(f"{home}/{noun}" for noun in ("members", "invitations", "projects", "labels", "views")),
        *(f"{path}/{noun}" for noun in ("comments", "dependencies", "followers")),
        *("/v1/teams", "/v1/me/views"),
    ]


def test_every_list_has_pages_and_a_total(
    ada: Person, team: dict[str, Any], task: dict[str, Any], join: Callable[[str, str], Person]
) -> None:
    home, path = f"/v1/teams/{team['key']}", f"/v1/tasks/{task['key']}"
    people = [ada, join("Max", "member"), join("Amy", "admin")]
    for n, person in enumerate(people):
        made(ada.post(f"{home}/invitations", {"email": f"{n}-{person.email}"}))
        for noun in ("projects", "labels", "views"):
            made(ada.post(f"{home}/{noun}", {"name": f"Name {n}"}))
        made(ada.post(f"{path}/comments", {"body": f"Comment {n}"}))
        other = made(ada.post("/v1/tasks", {"team_id": team["id"], "title": f"Task {n}"}))
        assert ada.put(f"{path}/dependencies/{other['id']}").status_code == 201
        assert person.put(f"{path}/followers/me").status_code == 200
        if n:
            made(ada.post("/v1/teams", {"name": "Other", "key": team["key"] + "ZYX"[n]}))
    for place in lists(team, task):
        whole, found, at = ada.get(place).json(), [], f"{place}?limit=1&count=true"
        while at:
            page = ada.get(at)
            assert page.json()["total"] == 3, page.text
            assert len(page.json()["items"]) == 1
            found += page.json()["items"]
            at = page.links.get("next", {}).get("url", "")
        assert found == whole["items"], place
        assert "total" not in whole
        assert pointers(problem(ada.get(f"{place}?limit=0"), 400, "malformed")) == ["/limit"]
        assert pointers(problem(ada.get(f"{place}?cursor=x"), 400, "malformed")) == ["/cursor"]


def test_every_fault_of_a_lists_parameters_is_named(ada: Person, task: dict[str, Any]) -> None:
    refused = ada.get(f"/v1/tasks/{task['key']}/comments?limit=0&count=maybe&bogus=1")

    assert pointers(problem(refused, 400, "malformed")) == ["/bogus", "/count", "/limit"]


def test_an_encoded_slash_hides_no_other_path(ada: Person, task: dict[str, Any]) -> None:
    for path in (
        "/v1/tasks/%2F",
        "/v1/tasks//",
        "/v1/tasks%2f",
        f"/v1/tasks%2F{task['key']}",
        f"/v1/tasks/%2f{task['key']}",
    ):
        problem(ada.get(path), 404, "not_found")


def test_a_cursor_is_good_for_its_own_query_only(ada: Person, team: dict[str, Any]) -> None:
    for n in range(3):
        made(ada.post("/v1/tasks", {"team_id": team["key"], "title": f"Task {n}"}))
    cursor = ada.get(f"/v1/tasks?team={team['key']}&limit=2").json()["next_cursor"]
    refused = ada.get(f"/v1/tasks?team={team['key']}&limit=2&sort=title&cursor={cursor}")

    problem(refused, 400, "malformed")


def test_instants_have_six_fraction_digits(ada: Person, team: dict[str, Any]) -> None:
    title = '"due_at":"2026-12-01T09:00:00Z"'
    sent = {
        "team_id": team["key"],
        "title": title,
        "due_at": "2026-12-01T10:00:00+01:00",
        "start_at": "2026-11-01T00:00:00.5Z",
    }
    got = made(ada.post("/v1/tasks", sent))

    assert (got["due_at"], got["start_at"]) == ("2026-12-01T09:00:00.000000Z", "2026-11-01T00:00:00.500000Z")
    assert got["title"] == title
