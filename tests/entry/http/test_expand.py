"""What a task refers to, given whole; and how much there is in a log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.entry.http.conftest import Person, made


def test_a_task_is_given_with_whom_and_what_it_refers_to(
    ada: Person, team: dict[str, Any], join: Callable[[str, str], Person]
) -> None:
    bob, gus = join("Bob", "member"), join("Gus", "guest")
    project = made(ada.post(f"/v1/teams/{team['key']}/projects", {"name": "Launch"}))
    label = made(ada.post(f"/v1/teams/{team['key']}/labels", {"name": "bug"}))
    ada.put(f"/v1/projects/{project['id']}/guests/{gus.id}")
    fields = {"title": "x", "assignee_id": bob.id, "project_id": project["id"], "labels": ["bug"]}
    task = made(ada.post("/v1/tasks", {"team_id": team["id"], **fields}))
    bare = made(ada.post("/v1/tasks", {"team_id": team["id"], "title": "bare"}))
    whole = ada.get(f"/v1/tasks/{task['key']}?expand=assignee,project,labels").json()

    assert whole["assignee"] == {"id": bob.id, "name": "Bob", "email": bob.email}
    assert whole["project"]["name"] == "Launch"
    assert whole["labels"] == [label]
    assert {name: whole[name] for name in task if name != "labels"} == {
        name: task[name] for name in task if name != "labels"
    }
    listed = ada.get(f"/v1/tasks?team={team['key']}&expand=assignee&sort=number").json()["items"]
    assert [item["assignee"] and item["assignee"]["name"] for item in listed] == ["Bob", None]
    assert "project" not in listed[0]
    assert ada.get(f"/v1/tasks/{bare['key']}?expand=project").json()["project"] is None
    assert gus.get(f"/v1/tasks/{task['key']}?expand=assignee").json()["assignee"]["email"] is None


def test_the_etag_is_of_the_whole_representation(
    ada: Person, team: dict[str, Any], task: dict[str, Any]
) -> None:
    project = made(ada.post(f"/v1/teams/{team['key']}/projects", {"name": "Launch"}))
    ada.patch(f"/v1/tasks/{task['id']}", {"project_id": project["id"]})
    place = f"/v1/tasks/{task['id']}?expand=project"
    tag = ada.get(place).headers["etag"]
    assert ada.get(place, headers={"if-none-match": tag}).status_code == 304
    ada.patch(f"/v1/projects/{project['id']}", {"name": "Landing"})

    assert ada.get(place, headers={"if-none-match": tag}).status_code == 200


def test_what_cannot_be_expanded_is_told(ada: Person, task: dict[str, Any]) -> None:
    for place in (f"/v1/tasks/{task['id']}", "/v1/tasks"):
        refused = ada.get(f"{place}?expand=assignee,secrets")

        assert (refused.status_code, refused.json()["code"]) == (400, "malformed")
        assert refused.json()["errors"][0]["pointer"] == "/expand"


def test_logs_tell_how_much_is_in_them(ada: Person, team: dict[str, Any], task: dict[str, Any]) -> None:
    for number in range(3):
        ada.patch(f"/v1/tasks/{task['id']}", {"title": f"title {number}"})
    log = ada.get(f"/v1/teams/{team['key']}/events?count=true&limit=2").json()
    later = ada.get(f"/v1/teams/{team['key']}/events?count=true&limit=1&after=4").json()
    activity = ada.get(f"/v1/tasks/{task['id']}/activity?count=true&limit=1").json()
    rest = ada.get(
        f"/v1/tasks/{task['id']}/activity?count=true&limit=1&cursor={activity['next_cursor']}"
    ).json()

    assert (log["total"], len(log["items"])) == (6, 2)
    assert later["total"] == 2
    assert [activity["total"], rest["total"]] == [4, 4]
