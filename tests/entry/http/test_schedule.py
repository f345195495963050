"""A team's plan over HTTP: as values, as files, tried out and applied."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar

from taskcore.planning.pictures.page import page_policy
from tests.entry.http.conftest import Person


@pytest.fixture
def tasks(ada: Person, team: dict[str, Any]) -> list[dict[str, Any]]:
    """A day's work, then another's that waits for it."""
    me = ada.get("/v1/me").json()["id"]
    made = [
        ada.post(
            "/v1/tasks",
            {"team_id": team["key"], "title": title, "estimate_minutes": 480, "assignee_id": me},
        ).json()
        for title in ("dig", "pour <concrete> & wait")
    ]
    assert ada.put(f"/v1/tasks/{made[1]['key']}/dependencies/{made[0]['key']}", {}).status_code == 201
    return made


def test_a_plan_is_read_tried_and_applied(
    ada: Person, team: dict[str, Any], tasks: list[dict[str, Any]]
) -> None:
    there = f"/v1/teams/{team['key']}/schedule"
    read = ada.get(there)
    assert read.status_code == 200
    assert read.headers["etag"]
    first, second = read.json()["tasks"]
    assert [first["key"], second["key"]] == [task["key"] for task in tasks]
    assert first["finish"] <= second["start"]
    assert {reason["task_key"] for reason in second["reasons"]} >= {first["key"]}

    preview = ada.post(f"{there}/plan", {"schedules": 10})
    assert (preview.status_code, preview.json()["applied"]) == (200, False)
    assert ada.get(f"/v1/tasks/{first['key']}").json()["planned_start"] is None

    tried = ada.post(
        f"{there}/plan", {"changes": [{"op": "edit", "id": first["key"], "estimate_minutes": 60}]}
    ).json()
    assert tried["comparison"]["finish_delta_minutes"] < 0

    applied = ada.post(f"{there}/plan", {"apply": True}, headers={"Idempotency-Key": "once"})
    again = ada.post(f"{there}/plan", {"apply": True}, headers={"Idempotency-Key": "once"})
    assert applied.json()["applied"]
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == applied.json()
    kept = ada.get(f"/v1/tasks/{first['key']}").json()
    assert (kept["planned_start"], kept["planned_finish"]) == (
        applied.json()["tasks"][0]["start"],
        applied.json()["tasks"][0]["finish"],
    )
    log = ada.get(f"/v1/teams/{team['key']}/events?limit=200").json()["items"]
    assert [event["kind"] for event in log].count("schedule.planned") == 1


def test_a_plan_is_drawn_and_written(ada: Person, team: dict[str, Any], tasks: list[dict[str, Any]]) -> None:
    there = f"/v1/teams/{team['key']}/schedule"
    titles = {task["title"] for task in tasks}

    svg = ada.get(f"{there}.svg")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert "style-src 'unsafe-inline'" in svg.headers["content-security-policy"]
    assert len(svg.headers.get_list("content-security-policy")) == 1
    words = "".join(ET.fromstring(svg.text).itertext())  # noqa: S314  # of our own making
    assert all(title in words for title in titles)

    page = ada.get(f"{there}.html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page_policy() in page.headers["content-security-policy"]
    assert "pour &lt;concrete&gt; &amp; wait" in page.text

    table = list(csv.DictReader(io.StringIO(ada.get(f"{there}.csv").text)))
    assert {row["title"] for row in table} == titles

    feed = Calendar.from_ical(ada.get(f"{there}.ics").content)
    assert {
        title for title in titles if any(title in str(each.get("summary")) for each in feed.walk())
    } == titles


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"seconds": 3600}, "/seconds"),
        ({"schedules": -1}, "/schedules"),
        ({"estimate_minutes": -5}, "/estimate_minutes"),
        ({"start": "tomorrow"}, "/start"),
        ({"apply": True, "changes": [{"op": "drop", "id": "X-1"}]}, "/apply"),
        ({"changes": [{"op": "vanish"}]}, "/changes/0/op"),
        ({"changes": [{"op": "drop", "id": "ZZZ-9"}]}, "/changes/0/id"),
        (
            {"changes": [{"op": "add_member", "name": "Z"}, {"op": "delay", "id": "{task}"}]},
            "/changes/1/minutes",
        ),
        ({"changes": [{"op": "edit", "id": "{task}", "title": "x"}]}, "/changes/0/title"),
        (
            {"changes": [{"op": "edit", "id": "{task}", "estimate_minutes": -1}]},
            "/changes/0/estimate_minutes",
        ),
        ({"when": "now"}, "/when"),
    ],
)
def test_what_is_wrong_with_a_plan_is_told_by_its_place(
    ada: Person, team: dict[str, Any], tasks: list[dict[str, Any]], body: dict[str, Any], pointer: str
) -> None:
    sent = json.loads(json.dumps(body).replace("{task}", tasks[0]["key"]))

    said = ada.post(f"/v1/teams/{team['key']}/schedule/plan", sent)

    assert said.status_code == 422, said.text
    assert pointer in [each["pointer"] for each in said.json()["errors"]]


def test_tasks_that_wait_for_each_other_through_their_parents_are_named(
    ada: Person, team: dict[str, Any]
) -> None:
    def made(title: str, **fields: Any) -> dict[str, Any]:
        task: dict[str, Any] = ada.post(
            "/v1/tasks", {"team_id": team["key"], "title": title, **fields}
        ).json()
        return task

    house = made("house")
    roof = made("roof", parent_id=house["id"])
    garden = made("garden")
    assert ada.put(f"/v1/tasks/{garden['key']}/dependencies/{house['key']}", {}).status_code == 201
    closing = ada.put(f"/v1/tasks/{roof['key']}/dependencies/{garden['key']}", {})

    said = ada.get(f"/v1/teams/{team['key']}/schedule") if closing.status_code == 201 else closing

    assert said.status_code == 409
    assert said.json()["code"] == "cycle"
    assert {roof["key"], garden["key"]} <= set(said.json()["detail"].replace(",", " ").split())
