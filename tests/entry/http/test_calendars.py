"""Calendars over HTTP: documents, the working time that comes of them, and every fault by its pointer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import httpx
import pytest

from tests.entry.http.conftest import Person

_keys = count()
DOCUMENT = {
    "hours": {"mon-fri": ["09:00-12:00"]},
    "exceptions": [{"from": "2026-12-25", "name": "Christmas"}],
}
WINDOW = {"from": "2026-12-24", "to": "2026-12-28"}


def pointers(answer: httpx.Response) -> list[str]:
    return [each["pointer"] for each in answer.json()["errors"]]


@pytest.fixture
def place(ada: Person) -> str:
    """The path of a team of Ada's."""
    number = next(_keys)
    key = "CAL" + "".join(chr(65 + int(digit)) for digit in f"{number:04}")
    made = ada.post("/v1/teams", {"name": f"Calendars {number}", "key": key, "time_zone": "Europe/Berlin"})
    team = made.json()["id"] if made.status_code == 201 else ""
    return f"/v1/teams/{team}"


def joined(ada: Person, place: str, person: Person, role: str = "member") -> Person:
    token = ada.post(f"{place}/invitations", {"email": person.email, "role": role}).json()["token"]
    person.post("/v1/invitations/accept", {"token": token})
    return person


def test_a_team_says_when_it_works(ada: Person, place: str) -> None:
    unsaid = ada.get(f"{place}/calendar")
    put = ada.put(f"{place}/calendar", DOCUMENT, headers={"if-match": unsaid.headers["etag"]})
    found = ada.get(f"{place}/calendar", params=WINDOW)

    assert unsaid.json()["calendar"] == {"hours": None, "exceptions": []}
    assert (unsaid.json()["hours"], unsaid.json()["effective"]) == ({"mon-fri": ["09:00-17:00"]}, None)
    assert put.status_code == 200
    assert put.json()["calendar"]["exceptions"] == [
        {"from": "2026-12-25", "to": "2026-12-25", "hours": None, "name": "Christmas"}
    ]
    assert found.json()["effective"] == [
        {"start": "2026-12-24T08:00:00.000000Z", "end": "2026-12-24T11:00:00.000000Z"},
        {"start": "2026-12-28T08:00:00.000000Z", "end": "2026-12-28T11:00:00.000000Z"},
    ]
    assert ada.get(place).json()["calendar"] == put.json()["calendar"]


def test_what_was_read_can_be_put_back(ada: Person, place: str) -> None:
    for path in (f"{place}/calendar", f"{place}/members/me/calendar"):
        ada.put(path, DOCUMENT)
        read = ada.get(path)
        put = ada.put(path, read.json()["calendar"], headers={"if-match": read.headers["etag"]})

        assert put.json() == read.json()
        assert put.headers["etag"] == read.headers["etag"]
        assert ada.get(path, headers={"if-none-match": read.headers["etag"]}).status_code == 304


def test_a_member_says_what_is_their_own(ada: Person, place: str, sign_up: Callable[[str], Person]) -> None:
    bob = joined(ada, place, sign_up("Bob"))
    own = f"{place}/members/me/calendar"
    ada.put(f"{place}/calendar", DOCUMENT)
    document = {
        "time_zone": "Asia/Tokyo",
        "units": 0.5,
        "skills": ["python"],
        "exceptions": [{"from": "2026-12-28"}],
    }
    put = bob.put(own, document)
    found = ada.get(f"{place}/members/{bob.id}/calendar", params=WINDOW)

    assert put.json()["calendar"]["units"] == 0.5
    assert put.json()["hours"] == {"mon-fri": ["09:00-12:00"]}
    assert found.json()["effective"] == [
        {"start": "2026-12-24T00:00:00.000000Z", "end": "2026-12-24T03:00:00.000000Z"}
    ]
    assert ada.put(f"{place}/members/{bob.id}/calendar", {}).json()["calendar"]["units"] == 1
    assert bob.put(f"{place}/calendar", {}).status_code == 403
    assert bob.put(f"{place}/members/{ada.id}/calendar", {}).status_code == 403


def test_a_put_is_repeated_and_a_stale_one_refused(ada: Person, place: str) -> None:
    path = f"{place}/calendar"
    first = ada.get(path).headers["etag"]
    puts = [ada.put(path, DOCUMENT, headers={"idempotency-key": "once"}) for _ in range(2)]

    assert puts[0].content == puts[1].content
    assert puts[0].headers["etag"] == puts[1].headers["etag"]
    assert puts[1].headers["idempotency-replayed"] == "true"
    assert ada.put(path, {}, headers={"if-match": first}).status_code == 412
    assert ada.put(path, {}, headers={"idempotency-key": "once"}).json()["code"] == "idempotency_mismatch"


def test_every_fault_of_a_document_has_its_pointer(ada: Person, place: str) -> None:
    team = ada.put(
        f"{place}/calendar",
        {
            "hours": {"mon-fri": ["09:00-12:00", "11:00-13:00", "9"], "someday": []},
            "exceptions": [
                {"from": "2026-12-26", "to": "2026-12-24"},
                {"from": "2026-12-26", "name": "a\nb"},
            ],
        },
    )
    typed = ada.put(f"{place}/calendar", {"exceptions": [{"to": "2026-12-24", "x": 1}], "units": 1})
    member = ada.put(
        f"{place}/members/me/calendar",
        {
            "time_zone": "Nowhere",
            "units": 0,
            "efficiency": 11,
            "max_minutes_per_week": -1,
            "skills": ["a", "a"],
        },
    )

    assert (team.status_code, typed.status_code, member.status_code) == (422, 422, 422)
    assert pointers(team) == [
        "/hours/mon-fri/1",
        "/hours/mon-fri/2",
        "/hours/someday",
        "/exceptions/0/to",
        "/exceptions/1/name",
    ]
    assert sorted(pointers(typed)) == ["/exceptions/0/from", "/exceptions/0/x", "/units"]
    assert pointers(member) == [
        *("/time_zone", "/units", "/efficiency", "/max_minutes_per_week"),
        "/skills/1",
    ]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("from=2026-12-24", ["to"]),
        ("from=2026-12-24&to=2026-12-23", ["to"]),
        ("from=2026-12-24&to=2027-12-25", ["to"]),
        ("from=today&to=2026-13-01", ["from", "to"]),
        ("from=2026-12-24&to=2026-12-23&when=now", ["when", "to"]),
    ],
)
def test_a_faulty_window_is_malformed(ada: Person, place: str, query: str, wrong: list[str]) -> None:
    for path in (f"{place}/calendar", f"{place}/members/me/calendar"):
        answer = ada.get(f"{path}?{query}")

        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
        assert [pointer.removeprefix("/") for pointer in pointers(answer)] == wrong


def test_what_is_hidden_comes_before_what_is_wrong(
    ada: Person, place: str, sign_up: Callable[[str], Person]
) -> None:
    eve, gus = sign_up("Eve"), joined(ada, place, sign_up("Gus"), "guest")

    assert eve.get(f"{place}/calendar?from=x").status_code == 404
    assert eve.put(f"{place}/calendar", {"units": 1}).status_code == 404
    assert gus.get(f"{place}/members/{ada.id}/calendar?from=x").status_code == 403
    assert gus.put(f"{place}/members/me/calendar", {"units": 2}).status_code == 403
    assert ada.get(f"{place}/members/nobody/calendar").status_code == 404
    assert ada.get(f"{place}/members/{eve.id}/calendar").status_code == 404
