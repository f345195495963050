"""Whatever is sent, to whichever route: a problem that says what is wrong, never a failure, and the service goes on."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from taskcore_http.app import OPERATIONS
from taskcore_http.operation import Operation
from tests.entry.http.conftest import Person, made

NOT_THERE = "01936f2e-7c1a-7000-8000-000000000000"
JSON = {"content-type": "application/json"}
TOO_GREAT = (2**63, -(2**63) - 1, 2**64, 10**40, 2**31)
CHANGING: tuple[Operation, ...] = tuple(
    about
    for handler in OPERATIONS
    if (about := handler.opt["operation"]).method != "GET" and not about.upload
)
LARGE = b'{"x": "' + b"x" * 10_000_000 + b'"}'
HOSTILE: Mapping[str, tuple[bytes, Mapping[str, str], int]] = {
    "100,000 deep lists": (b"[" * 100_000, JSON, 400),
    "100,000 deep, all closed": (b"[" * 100_000 + b"]" * 100_000, JSON, 400),
    "100,000 deep objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, JSON, 400),
    "duplicate keys": (b'{"x": 1, "x": 1}', JSON, 400),
    "duplicate keys further in": (b'{"x": [{"y": 1, "y": 2}]}', JSON, 400),
    "NaN": (b'{"x": NaN}', JSON, 400),
    "Infinity": (b'{"x": Infinity}', JSON, 400),
    "-Infinity": (b'{"x": -Infinity}', JSON, 400),
    "a float beyond all": (b'{"x": 1e999}', JSON, 400),
    "5,000 digits": (b'{"x": ' + b"9" * 5000 + b"}", JSON, 400),
    "half of a pair": (b'{"x": "\\ud800"}', JSON, 400),
    "half of a pair as a key": (b'{"\\udfff": 1}', JSON, 400),
    "half of a pair in bytes": (b'{"x": "\xed\xa0\x80"}', JSON, 400),
    "NUL bytes": (b"\0\0\0\0", JSON, 400),
    "a NUL in a text": (b'{"x": "\0"}', JSON, 400),
    "no UTF-8": (b'{"x": "\xff"}', JSON, 400),
    "UTF-16": ('{"x": 1}'.encode("utf-16"), JSON, 400),
    "cut off": (b'{"x": ', JSON, 400),
    "10 MB": (LARGE, JSON, 413),
    "10 MB of another type": (LARGE, {"content-type": "text/plain"}, 413),
    "XML": (b"<x/>", {"content-type": "application/xml"}, 415),
    "a form": (b"x=1", {"content-type": "application/x-www-form-urlencoded"}, 415),
    "a multipart form": (b"--x--\r\n", {"content-type": "multipart/form-data; boundary=x"}, 415),
    "no type": (b'{"x": 1}', {}, 415),
    "no type that one could read": (b'{"x": 1}', {"content-type": ";;;=,"}, 415),
    "another charset": (b'{"x": 1}', {"content-type": "application/json; charset=utf-16"}, 415),
    "compressed": (b"\x1f\x8b\x08", {**JSON, "content-encoding": "gzip"}, 415),
}
CODES = {400: "malformed", 404: "not_found", 413: "too_large", 415: "unsupported_media_type"}
UNREAD = {"/v1/unsubscribe/{link:str}"}
"""Where nothing that is sent is looked at: the link says all, and mail programs send a form of theirs (RFC 8058)."""


@pytest.fixture
def raw(address: str) -> Iterator[socket.socket]:
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=30) as connection:
        yield connection


def refused(answer: httpx.Response, *statuses: int, what: object = "") -> dict[str, Any]:
    """The problem that an answer is, with one of these statuses."""
    assert answer.status_code in statuses, (what, answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json", what
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["type"]) == (answer.status_code, f"/problems/{body['code']}"), what
    assert body["request_id"] == answer.headers["x-request-id"], what
    return body


def still_serves(ada: Person) -> None:
    assert ada.get("/readyz").status_code == ada.get("/v1/me").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("what", HOSTILE)
def test_every_changing_route_refuses_a_hostile_body(ada: Person, what: str) -> None:
    body, headers, of_body = HOSTILE[what]
    for about in CHANGING:
        path = re.sub(r"{\w+:str}", NOT_THERE, about.path)
        status = 404 if about.path in UNREAD else of_body
        said = refused(ada.http.request(about.method, path, content=body, headers=headers), status, what=path)
        assert said["code"] == CODES[status], (about.method, path)
    still_serves(ada)


@pytest.mark.parametrize("number", TOO_GREAT)
def test_a_number_beyond_every_store_is_refused(
    ada: Person, task: dict[str, Any], team: dict[str, Any], number: int
) -> None:
    path, home = f"/v1/tasks/{task['key']}", f"/v1/teams/{team['key']}"
    other = made(ada.post("/v1/tasks", {"team_id": team["id"], "title": "Other"}))["key"]
    changes = [
        ("PATCH", path, {"estimate_minutes": number}),
        ("PATCH", path, {"spent_minutes": number}),
        ("POST", "/v1/tasks", {"team_id": team["id"], "title": "x", "estimate_minutes": number}),
        ("POST", "/v1/tasks/claim", {"team_id": team["id"], "lease_minutes": number}),
        ("PATCH", f"{home}/members/me", {"capacity_minutes_per_day": number}),
        ("PUT", f"{path}/dependencies/{other}", {"lag_minutes": number}),
        ("PATCH", path, {"title": number}),
        ("PATCH", path, {"due_on": number}),
        ("POST", f"{home}/views", {"name": "x", "query": {"sort": number}}),
    ]
    for method, place, body in changes:
        refused(ada.http.request(method, place, json=body), 422, what=(place, body))
    operation = {"op": "edit", "id": task["key"], "if_version": number, "estimate_minutes": number}
    item = ada.post("/v1/tasks/batch", {"operations": [operation]}).json()["items"][0]
    assert item["status"] in (412, 422)
    for query in (
        *(f"/v1/tasks?limit={number}", f"/v1/tasks?q=estimate>{number}", f"/v1/tasks?due_after={number}"),
        *(f"{home}/events?after={number}", f"{home}/members?limit={number}", f"/v1/tasks?cursor={number}"),
    ):
        if not (query.startswith(f"{home}/events") and 0 <= number < 10**15):
            refused(ada.get(query), 400, 422, what=query)
    for place in (f"/v1/tasks/{team['key']}-{number}", f"/v1/teams/{number}", f"/v1/projects/{number}"):
        refused(ada.get(place), 404, what=place)
    refused(ada.patch(path, {"title": "x"}, headers={"if-match": f'"{abs(number)}"'}), 412)
    assert ada.get(path).json() == task


TEXTS = ("\0", "a\0b", "\0" * 500)


@pytest.mark.parametrize("text", TEXTS)
def test_a_nul_that_no_store_could_hold_is_refused(
    ada: Person, task: dict[str, Any], team: dict[str, Any], text: str
) -> None:
    path, home = f"/v1/tasks/{task['key']}", f"/v1/teams/{team['key']}"
    for method, place, body in [
        *(("PATCH", path, {name: text}) for name in ("title", "description", "recurrence", "rank")),
        ("PATCH", path, {"external_source": text, "external_id": "x"}),
        ("PATCH", path, {"labels": [text]}),
        ("PATCH", path, {"parent_id": text}),
        ("POST", f"{path}/comments", {"body": text}),
        ("POST", "/v1/teams", {"name": text}),
        *(("PATCH", home, {name: text}) for name in ("name", "slug", "time_zone")),
        *(("PATCH", "/v1/me", {name: text}) for name in ("name", "time_zone")),
        ("PATCH", "/v1/me", {"email": text, "current": "correct horse battery"}),
        *(("POST", f"{home}/{noun}", {"name": text}) for noun in ("projects", "labels", "views")),
        ("POST", f"{home}/views", {"name": "x", "query": {"label": text}}),
        ("POST", f"{home}/invitations", {"email": text}),
        ("POST", "/v1/me/tokens", {"name": text}),
        ("POST", "/v1/auth/signup", {"email": text, "name": "x", "password": "correct horse battery"}),
        ("POST", "/v1/tasks/claim", {"team_id": team["id"], "text": text}),
    ]:
        refused(ada.http.request(method, place, json=body), 422, what=(place, body))
    for method, place, body in [
        ("POST", "/v1/auth/login", {"email": text, "password": text}),
        ("POST", "/v1/auth/refresh", {"refresh_token": text}),
        ("POST", "/v1/auth/verify-email", {"token": text}),
        ("POST", "/v1/invitations/accept", {"token": text}),
        ("POST", "/v1/tasks", {"team_id": text, "title": "x"}),
    ]:
        refused(ada.http.request(method, place, json=body), 401, 404, 422, what=place)
    for name in ("text", "q", "label", "team", "parent", "assignee", "sort", "cursor", "limit", "due_after"):
        said = ada.http.get("/v1/tasks", params={name: text})
        refused(said, 400, 404, 422, what=name)
    for noun in ("tasks", "teams", "projects", "labels", "views"):
        refused(ada.get(f"/v1/{noun}/{'%00' * len(text)}"), 404, what=noun)
    still_serves(ada)
    assert ada.get(path).json() == task


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (b"GET /v1/me HTTP/1.1\r\nhost: x\r\nx-odd: a\0b\r\n\r\n", {400}),
        (b"GET /v1/\0 HTTP/1.1\r\nhost: x\r\n\r\n", {400}),
        (b"\0\0\0\0\r\n\r\n", {400}),
        (b"GET\r\n\r\n", {400}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", {400}),  # somebody who speaks TLS
        (b"POST /v1/tasks HTTP/1.1\r\nhost: x\r\ncontent-length: 9223372036854775808\r\n\r\n", {401}),
        (b"POST /v1/tasks HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n", {400}),
        (b"POST /v1/tasks HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", {400}),
        (b"POST /v1/tasks HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", {400}),
        (b"GET /v1/me HTTP/1.1\r\nhost: x\r\n" + b"x-odd: " + b"a" * 70_000 + b"\r\n\r\n", {431}),
        (
            b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
            {400, 404},
        ),  # older uvicorn lets it come to us
    ],
)
def test_what_is_no_request_is_told_so(
    raw: socket.socket, ada: Person, sent: bytes, statuses: set[int]
) -> None:
    raw.sendall(sent)
    answer = b""
    while piece := raw.recv(65_536):
        answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        if body.endswith(b"}"):
            break

    status = int(head.split()[1])
    assert status in statuses, answer[:300]
    assert b"content-type: application/problem+json" in head.lower()
    said = json.loads(body)
    assert said["status"] == status
    assert f"x-request-id: {said['request_id']}".encode() in head.lower()
    still_serves(ada)


FORM = {"content-type": "multipart/form-data; boundary=x"}
FILE = b'--x\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\ntitle\r\n'
FORMAT = b'--x\r\ncontent-disposition: form-data; name="format"\r\n\r\ncsv\r\n'


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (FILE + FORMAT + b"--x--\r\n", {"content-type": "multipart/form-data"}, 400),
        (FILE + FORMAT + b"--x--\r\n", {"content-type": "multipart/form-data; boundary=" + "y" * 71}, 400),
        (FILE + FORMAT + b"--x--\r\n", {"content-type": "multipart/form-data; boundary=other"}, 400),
        (FILE + FORMAT + b"--x--\r\n", {"content-type": "multipart/mixed; boundary=x"}, 415),
        (FILE + FORMAT + b"--x--\r\n", JSON, 415),
        (FILE + FORMAT + b"--x--\r\n", {**FORM, "content-encoding": "gzip"}, 415),
        (FILE + FORMAT, FORM, 400),
        (FILE + FORMAT + b"--x", FORM, 400),
        (FILE[:-20], FORM, 400),
        (FILE + b"--x--\r\n", FORM, 422),
        (FORMAT + b"--x--\r\n", FORM, 422),
        (FILE + FILE + FORMAT + b"--x--\r\n", FORM, 422),
        (FILE + FORMAT + FORMAT + b"--x--\r\n", FORM, 422),
        (FILE + FORMAT.replace(b"csv", b"c\0v") + b"--x--\r\n", FORM, 422),
        (FILE + FORMAT.replace(b"csv", b"\xff\xfe") + b"--x--\r\n", FORM, 400),
        (FILE + FORMAT.replace(b"csv", b"c" * 2000) + b"--x--\r\n", FORM, 400),
        (
            FILE
            + b'--x\r\ncontent-disposition: form-data; name="'
            + b"y" * 9000
            + b'"\r\n\r\n1\r\n--x--\r\n',
            FORM,
            413,
        ),
        (FILE + b"--x\r\nx-odd: " + b"y" * 70_000 + b"\r\n\r\n1\r\n--x--\r\n", FORM, 413),
        (FILE + b"--x\r\n\r\n1\r\n--x--\r\n", FORM, 400),
        (b"--x--\r\n", FORM, 422),
        ((FORMAT * 200) + b"--x--\r\n", FORM, 413),
        (b"\0" * 100_000, FORM, 400),
    ],
)
def test_a_form_that_is_none_is_refused(
    ada: Person, team: dict[str, Any], body: bytes, headers: dict[str, str], status: int
) -> None:
    said = ada.http.post(f"/v1/teams/{team['key']}/imports", content=body, headers=headers)

    refused(said, status, what=body[:200])
    still_serves(ada)


def test_a_form_of_ten_megabytes_that_is_none_is_refused(ada: Person, team: dict[str, Any]) -> None:
    said = ada.http.post(f"/v1/teams/{team['key']}/imports", content=b"x" * 10_000_000, headers=FORM)

    refused(said, 400, 413)
    still_serves(ada)
