"""In which order a request is refused: who one is, then size, media type and syntax, then what one may see, then
what one may do, and only then what is wrong with the rest; so that no later code betrays what lies there."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from taskcore.permissions import table
from taskcore_http.operation import Operation
from tests.security.conftest import LARGEST
from tests.security.matrix import ways
from tests.security.scene import Scene, scene
from tests.security.stages import Service, said
from tests.security.test_hidden_things import never, shown, unknown_to
from tests.security.test_nothing_is_left_out import OPERATIONS_SAID, operation_of
from tests.security.ways import FORBIDDEN, HIDDEN, Http, Outcome, Way

pytestmark = pytest.mark.slow

ON_ONE_STORE = pytest.mark.parametrize("service", ["sqlite"], indirect=True)
"""For what is decided by the service, whatever the store."""
BROKEN = b'{"name": '
NONSENSE: dict[str, Any] = {"nonsense": [1, {"a": None}], "id": "1", "role": 7, "version": -1}
"""A body that no route reads."""
STALE = '"999999"'
TOO_LARGE = json.dumps("x" * LARGEST).encode()
IDS = (
    "no-id-at-all",
    "%00",
    "%0D%0ASet-Cookie:%20a=b",
    "'; DROP TABLE tasks; --",
    "x" * 300,
    "ⅷ",
    "%ED%A0%80",
)


def cells(*wanted: Outcome) -> list[Any]:
    """Ways of changing something, each with a caller to whom it comes out as one of `wanted`."""
    told = scene("owner", "")
    return [
        pytest.param(row, way, caller, outcome, id=f"{row}-{number}-{caller}")
        for row, number, way in ways()
        if way.http is not None and way.http.method != "GET" and not operation_of(way, told).public
        for caller in way.callers
        for outcome in [way.outcome(row, caller, table())]
        if outcome in wanted
    ]


def send(service: Service, told: Scene, wanted: Http, **more: Any) -> httpx.Response:
    headers = {"authorization": f"Bearer {service.bearer(told)}", **more.pop("headers", {})}
    return service.http.request(wanted.method, said(wanted.path, told.names), headers=headers, **more)


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "about",
    [each for each in OPERATIONS_SAID if not each.public],
    ids=lambda each: f"{each.method} {each.path}",
)
def test_who_is_nobody_is_told_so_before_all_else(service: Service, about: Operation) -> None:
    path = about.path.replace(":str", "").format_map(Anything())
    sent: tuple[dict[str, Any], ...] = (
        {},
        {"content": BROKEN, "headers": {**JSON, "if-match": "nonsense"}},
        {"content": TOO_LARGE, "headers": {"content-type": "text/plain"}},
    )
    answers = [service.http.request(about.method, f"{path}?nonsense=1", **more) for more in sent]
    forged = service.http.request(about.method, path, headers={"authorization": "Bearer forged"})

    assert {each.status_code for each in (*answers, forged)} == {401}
    assert {each.headers["www-authenticate"] for each in answers} == {"Bearer"}


class Anything(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "01936f2e-7c1a-7000-8000-000000000000"


DEPENDS_ON_WHAT_IS_SENT = {
    **dict.fromkeys(
        (
            *("membership.set_role_below_admin", "membership.set_role_admin", "membership.set_role_owner"),
            *("membership.set_own_role", "calendar.manage_team", "invitation.create", "project.archive"),
        ),
        "what is sent decides which right it takes",
    ),
    **dict.fromkeys(
        (
            *("team.transfer_ownership", "task.bulk", "invitation.accept", "invitation.decline"),
            "notification.manage_own",
        ),
        "what is sent names the thing",
    ),
    **dict.fromkeys(
        (
            *("invitation.revoke", "invitation.resend", "api_token.revoke_other"),
            *("api_token.revoke_own", "session.revoke_own"),
        ),
        "who gets as far sees the list anyway",
    ),
}
"""Where a fault may be told of before the right: the answer is that of what never was all the same."""


@ON_ONE_STORE
@pytest.mark.parametrize(("row", "way", "caller", "outcome"), cells(HIDDEN, FORBIDDEN))
def test_hidden_and_forbidden_things_are_so_whatever_is_sent(
    service: Service, row: str, way: Way, caller: str, outcome: Outcome
) -> None:
    assert way.http is not None
    told = service.set(caller, way)
    before = service.state(told)
    statuses = {
        name: send(service, told, wanted, **more).status_code
        for name, (wanted, more) in faulty(told, way.http).items()
    }

    if row in DEPENDS_ON_WHAT_IS_SENT:
        assert set(statuses.values()) <= {int(outcome), 400, 403, 404, 412, 422}
    else:
        assert statuses == dict.fromkeys(statuses, int(outcome))
    assert service.state(told) == before


@pytest.mark.parametrize(("row", "way", "caller", "outcome"), cells(HIDDEN))
def test_no_fault_betrays_a_hidden_thing(
    service: Service, row: str, way: Way, caller: str, outcome: Outcome
) -> None:
    assert way.http is not None
    if caller == "instance admin" and "membership.list" in way.needs:
        return  # who is in a team is known to them
    told, unknown = service.set(caller, way), unknown_to(caller, way)
    real, other = told.names, {**told.names, **{name: never(told.names[name]) for name in unknown}}
    there = faulty(told, way.http)
    told.names = other
    gone = faulty(told, way.http)
    for name in there:
        told.names = real
        one = shown(send(service, told, there[name][0], **there[name][1]), real, unknown)
        told.names = other
        another = shown(send(service, told, gone[name][0], **gone[name][1]), other, unknown)

        assert one == another, (row, name, outcome)


def faulty(told: Scene, wanted: Http) -> dict[str, tuple[Http, dict[str, Any]]]:
    """A request with one fault each, by its name."""
    body = said(wanted.body, told.names)
    sound: dict[str, Any] = {"json": body} if body is not None else {}
    ids = {*told.names.values()}
    named = {name: value for name, value in (body or {}).items() if isinstance(value, str) and value in ids}
    return {
        "with fields that are none": (wanted, {"json": {**NONSENSE, **named}}),
        "with a parameter that is none": (with_query(wanted, "nonsense=1"), sound),
        "at a stale version": (wanted, {**sound, "headers": {"if-match": STALE}}),
        "at no version": (wanted, {**sound, "headers": {"if-match": "nonsense"}}),
    }


def with_query(wanted: Http, query: str) -> Http:
    return Http(wanted.method, f"{wanted.path}{'&' if '?' in wanted.path else '?'}{query}", wanted.body)


@ON_ONE_STORE
@pytest.mark.parametrize(("row", "way", "caller", "outcome"), cells(HIDDEN, FORBIDDEN))
def test_what_cannot_be_read_is_told_of_before_what_is_hidden(
    service: Service, row: str, way: Way, caller: str, outcome: Outcome
) -> None:
    assert way.http is not None
    if way.http.form is not None:
        return  # a file is not looked at before it is known that it may come
    told = service.set(caller, way)
    syntax = send(service, told, way.http, content=BROKEN, headers=JSON)
    media = send(service, told, way.http, content=b"{}", headers={"content-type": "text/plain"})
    large = send(service, told, way.http, content=TOO_LARGE, headers=JSON)
    statuses = (syntax.status_code, media.status_code, large.status_code)

    assert statuses == (400, 415, 413), (row, outcome)


@ON_ONE_STORE
@pytest.mark.parametrize(
    ("method", "path"),
    [(each.method, each.path.replace(":str", "")) for each in OPERATIONS_SAID if "{" in each.path],
)
@pytest.mark.parametrize("odd", IDS)
def test_an_id_that_is_none_is_not_there(service: Service, method: str, path: str, odd: str) -> None:
    told = service.set("owner")
    sent = {"headers": JSON, "content": b"{}"} if method != "GET" else {}
    answer = send(service, told, Http(method, re.sub(r"{\w+}", odd.replace("\\", r"\\"), path)), **sent)

    assert answer.status_code in (403, 404), answer.text
    assert "set-cookie" not in answer.headers
