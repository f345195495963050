"""What a service does at its time, beside answering."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from taskcore_http import from_settings
from tests.entry.http.conftest import Person, made, serving, settings_for

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that does itself what is to be done, as it does where nothing else is said."""
    folder = tmp_path_factory.mktemp("watching")
    settings = settings_for(f"sqlite:///{folder}/store.db", folder, relay="inline", jobs="inline://")
    with serving(from_settings(settings)) as served:
        yield served


def so(find: Callable[[], list[Any]]) -> list[Any]:
    """What is found, once the service has made it so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := find()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)
    return found


def told(person: Person, reason: str) -> list[Any]:
    found = person.http.get("/v1/me/notifications").json()["items"]
    return [each for each in found if each["reason"] == reason]


def test_people_are_reminded_at_the_time_that_they_named(ada: Person, task: dict[str, Any]) -> None:
    at = datetime.now(UTC) + timedelta(seconds=1)
    made(
        ada.http.post(f"/v1/tasks/{task['id']}/reminders", json={"anchor": "absolute", "at": at.isoformat()})
    )
    (notice,) = so(lambda: told(ada, "reminder"))

    assert notice["task_key"] == task["key"]
    assert notice["created_at"] >= at.replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%S")


def test_rules_change_tasks_in_trouble_and_tell_of_them(ada: Person, team: dict[str, Any]) -> None:
    steps = [{"action": "notify", "target": "owner"}, {"action": "raise_priority"}]
    day = 24 * 60
    late = {"name": "Late", "trouble": "overdue", "after_minutes": 2 * day, "steps": steps}
    due = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    task = made(ada.http.post("/v1/tasks", json={"team_id": team["id"], "title": "Ship it", "due_at": due}))
    made(ada.http.post(f"/v1/teams/{team['id']}/escalations", json=late))
    (notice,) = so(lambda: told(ada, "escalated"))
    raised = so(
        lambda: [each for each in [ada.http.get(f"/v1/tasks/{task['id']}").json()] if each["version"] > 1]
    )

    assert notice["text"] == f"{task['key']} Ship it has been overdue for 2 days (Late)"
    assert raised[0]["priority"] == "low"
    (event,) = [
        each
        for each in ada.http.get(f"/v1/tasks/{task['id']}/activity").json()["items"]
        if each["kind"] == "task.updated"
    ]
    assert (event["actor_id"], event["data"]["escalations"][0]["name"]) == (None, "Late")


def test_what_is_done_is_followed_by_the_next(ada: Person, team: dict[str, Any]) -> None:
    new = {"team_id": team["id"], "title": "Water", "recurrence": "RRULE:FREQ=DAILY", "due_on": "2030-01-01"}
    task = made(ada.http.post("/v1/tasks", json=new))
    again = {"Idempotency-Key": f"done-{task['id']}"}
    for _ in range(2):
        done = ada.http.patch(f"/v1/tasks/{task['id']}", json={"status": "done"}, headers=again)
        assert done.status_code == 200
    query = {"team": team["id"], "status": "open"}
    (following,) = ada.http.get("/v1/tasks", params=query).json()["items"]

    assert (following["title"], following["due_on"]) == ("Water", "2030-01-02")


def test_a_rule_that_lacks_what_it_needs_is_refused_with_each_fault(
    ada: Person, team: dict[str, Any]
) -> None:
    refused = ada.http.post(f"/v1/teams/{team['id']}/escalations", json={"enabled": False})

    assert refused.status_code == 422
    assert {each["pointer"] for each in refused.json()["errors"]} >= {"/trouble"}
