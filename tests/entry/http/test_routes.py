"""Each resource's own routes, from sign-up to the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

from tests.entry.http.conftest import PASSWORD, Person, made
from tests.entry.http.test_conventions import pointers, problem


def test_who_signed_up_can_log_in(ada: Person, stranger: httpx.Client) -> None:
    said = stranger.post("/v1/auth/login", json={"email": ada.email.upper(), "password": PASSWORD})
    body = said.json()
    headers = {"authorization": f"bearer {body['access_token']}"}

    assert (said.status_code, body["token_type"], body["expires_in"]) == (200, "Bearer", 900)
    assert body.keys() == {"user", "access_token", "refresh_token", "token_type", "expires_in"}
    assert said.headers["cache-control"] == "no-store"
    assert stranger.get("/v1/me", headers=headers).json() == body["user"]


def test_a_wrong_password_and_an_unknown_email_answer_alike(ada: Person, stranger: httpx.Client) -> None:
    wrong = stranger.post("/v1/auth/login", json={"email": ada.email, "password": "not this one"})
    unknown = stranger.post("/v1/auth/login", json={"email": f"{uuid4()}@example.org", "password": PASSWORD})
    told = [{**problem(each, 401, "wrong_credentials"), "request_id": ""} for each in (wrong, unknown)]

    assert told[0] == told[1]


def test_an_email_signs_up_once_and_a_bad_one_not_at_all(ada: Person, stranger: httpx.Client) -> None:
    account = {"email": ada.email, "name": "Ada", "password": PASSWORD}
    again = stranger.post("/v1/auth/signup", json=account)
    bad = stranger.post("/v1/auth/signup", json={"email": "ada", "name": "", "password": "short"})

    assert problem(again, 409, "already_exists")["field"] == "email"
    assert set(pointers(problem(bad, 422, "invalid"))) == {"/email", "/name", "/password"}


def test_one_edits_oneself(ada: Person) -> None:
    changed = ada.patch("/v1/me", {"time_zone": "Europe/Berlin"}, headers={"if-match": '"1"'})
    stale = ada.patch("/v1/me", {"name": "Augusta"}, headers={"if-match": '"1"'})
    refused = ada.patch("/v1/me", {"is_admin": True, "time_zone": "Mars"})

    assert changed.json()["time_zone"] == "Europe/Berlin"
    problem(stale, 412, "version_conflict")
    assert pointers(problem(refused, 422, "invalid")) == ["/is_admin"]


def test_a_task_is_moved_behind_or_ahead_of_another(
    ada: Person, team: dict[str, Any], join: Callable[[str, str], Person]
) -> None:
    a, b, c = (made(ada.post("/v1/tasks", {"team_id": team["id"], "title": each})) for each in "abc")
    steps: list[tuple[dict[str, Any], dict[str, str], list[str]]] = [
        (a, {"after": c["key"]}, ["b", "c", "a"]),
        (c, {"before": b["id"]}, ["c", "b", "a"]),
        (c, {"after": b["key"], "title": "C"}, ["b", "C", "a"]),
    ]
    for moving, change, order in steps:
        assert ada.patch(f"/v1/tasks/{moving['id']}", change).status_code == 200
        listed = ada.get(f"/v1/tasks?team={team['key']}&sort=rank").json()["items"]
        assert [each["title"] for each in listed] == order
    path, gus = f"/v1/tasks/{a['id']}", join("Gus", "guest")

    assert pointers(problem(ada.patch(path, {"after": a["key"]}), 422, "invalid")) == ["/after"]
    problem(ada.patch(path, {"after": b["key"], "before": c["key"]}), 422, "invalid")
    problem(ada.patch(path, {"after": f"{team['key']}-99"}), 404, "not_found")
    problem(ada.patch(path, {"after": b["key"]}, headers={"if-match": '"1"'}), 412, "version_conflict")
    problem(gus.patch(path, {"after": b["key"]}), 404, "not_found")
    project = made(ada.post(f"/v1/teams/{team['key']}/projects", {"name": "Shown"}))
    ada.put(f"/v1/projects/{project['id']}/guests/{gus.id}")
    ada.patch(path, {"project_id": project["id"]})
    problem(gus.patch(path, {"after": b["key"]}), 403, "forbidden")


def test_a_team_answers_to_id_slug_and_key(ada: Person, team: dict[str, Any]) -> None:
    same = [ada.get(f"/v1/teams/{team[name]}").json() for name in ("id", "slug", "key")]
    listed = ada.get("/v1/teams").json()

    assert same == [team, team, team]
    assert listed == {"items": [team], "next_cursor": None}


def test_a_teams_key_is_taken_once(ada: Person, team: dict[str, Any]) -> None:
    again = ada.post("/v1/teams", {"name": "Other", "key": team["key"]})
    unnamed = ada.post("/v1/teams", {})

    problem(again, 409, "already_exists")
    assert "/name" in pointers(problem(unnamed, 422, "invalid"))


def test_a_deleted_team_is_gone(ada: Person, team: dict[str, Any], task: dict[str, Any]) -> None:
    gone = ada.delete(f"/v1/teams/{team['key']}")

    assert (gone.status_code, gone.content) == (204, b"")
    problem(ada.get(f"/v1/teams/{team['id']}"), 404, "not_found")
    problem(ada.get(f"/v1/tasks/{task['id']}"), 404, "not_found")


def test_a_member_is_promoted_and_leaves(
    ada: Person, team: dict[str, Any], join: Callable[[str, str], Person]
) -> None:
    max_ = join("Max", "member")
    home = f"/v1/teams/{team['key']}"
    promoted = ada.patch(f"{home}/members/{max_.id}", {"role": "admin", "capacity_minutes_per_day": 300})
    own = ada.patch(f"{home}/members/me", {"role": "member"})
    last = ada.delete(f"{home}/members/me")
    left = max_.delete(f"{home}/members/me")

    assert (promoted.json()["role"], promoted.json()["capacity_minutes_per_day"]) == ("admin", 300)
    problem(own, 403, "own_role")
    assert problem(last, 409, "last_owner")["teams"] == [team["key"]]
    assert left.status_code == 204
    assert [each["user_id"] for each in ada.get(f"{home}/members").json()["items"]] == [ada.id]


def test_a_team_changes_hands(ada: Person, team: dict[str, Any], join: Callable[[str, str], Person]) -> None:
    max_ = join("Max", "member")
    done = ada.post(f"/v1/teams/{team['key']}/transfer", {"user_id": max_.id})
    roles = {
        each["user_id"]: each["role"] for each in max_.get(f"/v1/teams/{team['key']}/members").json()["items"]
    }

    assert done.status_code == 204
    assert roles == {ada.id: "admin", max_.id: "owner"}


def test_an_invitation_shows_its_token_once(
    ada: Person, team: dict[str, Any], sign_up: Callable[[str], Person]
) -> None:
    home, max_ = f"/v1/teams/{team['key']}/invitations", sign_up("Max")
    asked = made(ada.post(home, {"email": max_.email}))
    listed = ada.get(home).json()["items"]
    revoked = ada.delete(f"{home}/{asked['id']}")
    late = max_.post("/v1/invitations/accept", {"token": asked["token"]})

    assert (asked["role"], asked["email"]) == ("member", max_.email)
    assert listed == [{name: value for name, value in asked.items() if name != "token"}]
    assert "token_hash" not in asked
    assert revoked.status_code == 204
    problem(late, 404, "not_found")


def test_a_project_is_archived_shared_and_deleted(
    ada: Person, team: dict[str, Any], join: Callable[[str, str], Person]
) -> None:
    gus = join("Gus", "guest")
    made_ = ada.post(f"/v1/teams/{team['key']}/projects", {"name": "Launch", "target_on": "2026-12-01"})
    path = made_.headers["location"]
    hidden = gus.get(path)
    shared = ada.put(f"{path}/guests/{gus.id}")
    seen = gus.get(path)
    archived = ada.patch(path, {"archived": True})
    unshared = ada.delete(f"{path}/guests/{gus.id}")

    problem(hidden, 404, "not_found")
    assert (shared.json()["guests"], seen.status_code) == ([gus.id], 200)
    assert archived.json()["archived_at"] is not None
    assert (unshared.status_code, ada.delete(path).status_code) == (204, 204)
    problem(ada.get(path), 404, "not_found")
    problem(ada.put(f"{path}/guests/nobody"), 404, "not_found")


def test_a_label_is_renamed_on_its_tasks(ada: Person, team: dict[str, Any]) -> None:
    label = ada.post(f"/v1/teams/{team['key']}/labels", {"name": "bug", "colour": "#d73a4a"})
    task = made(ada.post("/v1/tasks", {"team_id": team["key"], "title": "Fix it", "labels": ["bug"]}))
    again = ada.post(f"/v1/teams/{team['key']}/labels", {"name": "bug"})
    renamed = ada.patch(label.headers["location"], {"name": "defect"})

    problem(again, 409, "already_exists")
    assert renamed.status_code == 200
    assert ada.get(f"/v1/tasks/{task['id']}").json()["labels"] == ["defect"]
    assert ada.get(f"/v1/tasks?team={team['key']}&label=defect").json()["items"][0]["id"] == task["id"]
    assert ada.delete(label.headers["location"]).status_code == 204


def test_a_view_keeps_a_query(ada: Person, team: dict[str, Any], join: Callable[[str, str], Person]) -> None:
    home, max_ = f"/v1/teams/{team['key']}/views", join("Max", "member")
    query = {"assignee": "me", "status": ["open", "in_progress"], "due_before": "2026-12-01", "overdue": True}
    view = ada.post(home, {"name": "Mine", "query": query})
    bad = ada.post(home, {"name": "Bad", "query": {"bogus": 1, "status": "nope"}})
    shared = ada.patch(view.headers["location"], {"shared": True})

    assert made(view)["query"]["status"] == ["open", "in_progress"]
    assert pointers(problem(bad, 422, "invalid")) == ["/query/bogus", "/query/status"]
    assert shared.json()["shared"] is True
    assert [each["name"] for each in ada.get("/v1/me/views").json()["items"]] == ["Mine"]
    assert max_.get("/v1/me/views").json()["items"] == []
    assert max_.get(view.headers["location"]).status_code == 200
    assert ada.delete(view.headers["location"]).status_code == 204


def test_a_task_goes_to_the_trash_and_comes_back(ada: Person, task: dict[str, Any]) -> None:
    path = f"/v1/tasks/{task['key']}"
    early = ada.post(f"{path}/purge")
    deleted = ada.delete(path, headers={"if-match": '"1"'})
    hidden, found = ada.get(path), ada.get(f"{path}?deleted=true")
    restored = ada.post(f"{path}/restore")
    ada.delete(path)
    purged = ada.post(f"{path}/purge")

    problem(early, 409, "not_deleted")
    assert (deleted.status_code, found.status_code, restored.status_code) == (204, 200, 200)
    problem(hidden, 404, "not_found")
    assert restored.json()["deleted_at"] is None
    assert restored.headers["etag"].startswith('"3-')
    assert purged.status_code == 204
    problem(ada.get(f"{path}?deleted=true"), 404, "not_found")


def test_a_blocked_task_is_finished_by_force_only(ada: Person, team: dict[str, Any]) -> None:
    first, second = (
        made(ada.post("/v1/tasks", {"team_id": team["key"], "title": title})) for title in ("A", "B")
    )
    link = f"/v1/tasks/{second['key']}/dependencies/{first['key']}"
    new, known, changed = (
        ada.put(link),
        ada.put(link),
        ada.put(link, {"lag_minutes": 60, "lag_unit": "elapsed"}),
    )
    back = ada.put(f"/v1/tasks/{first['key']}/dependencies/{second['key']}")
    refused = ada.patch(f"/v1/tasks/{second['key']}", {"status": "done"})
    forced = ada.patch(f"/v1/tasks/{second['key']}?force=true", {"status": "done"})

    assert (new.status_code, known.status_code, changed.status_code) == (201, 200, 200)
    assert (new.headers["location"], new.json()["version"], changed.json()["lag_minutes"]) == (link, 1, 60)
    assert ada.get(f"/v1/tasks/{first['key']}/dependencies").json()["items"] == [changed.json()]
    assert problem(back, 409, "cycle")["cycle"][0] in (first["key"], second["key"])
    assert problem(refused, 409, "blocked")["blockers"] == [first["key"]]
    assert forced.json()["status"] == "done"
    assert (ada.delete(link).status_code, ada.delete(link).status_code) == (204, 404)


def test_an_impossible_lag_is_refused(ada: Person, task: dict[str, Any]) -> None:
    other = made(ada.post("/v1/tasks", {"team_id": task["team_id"], "title": "Other"}))
    link = f"/v1/tasks/{task['key']}/dependencies/{other['key']}"

    assert pointers(problem(ada.put(link, {"lag_minutes": 10**12}), 422, "invalid")) == ["/lag_minutes"]
    assert pointers(problem(ada.put(link, {"type": "XX", "lag": 1}), 422, "invalid")) == ["/lag", "/type"]
    assert ada.get(f"/v1/tasks/{task['key']}/dependencies").json()["items"] == []


def test_people_follow_a_task(ada: Person, task: dict[str, Any], join: Callable[[str, str], Person]) -> None:
    max_, path = join("Max", "member"), f"/v1/tasks/{task['key']}/followers"
    none_yet = ada.get(f"{path}/{max_.id}")
    followed = max_.put(f"{path}/me")
    found, listed = ada.get(f"{path}/{max_.id}"), ada.get(path).json()
    stopped = max_.delete(f"{path}/me")

    problem(none_yet, 404, "not_found")
    assert followed.json()["followers"] == [max_.id]
    assert (found.status_code, listed["items"]) == (200, [{"user_id": max_.id}])
    assert stopped.status_code == 204


def test_a_conversation_on_a_task(
    ada: Person, task: dict[str, Any], join: Callable[[str, str], Person]
) -> None:
    max_, path = join("Max", "member"), f"/v1/tasks/{task['key']}/comments"
    said = ada.post(path, {"body": f"What do you think, @{max_.email}?"})
    place = said.headers["location"]
    foreign = max_.patch(place, {"body": "Nothing"})
    edited = ada.patch(place, {"body": "Never mind"}, headers={"if-match": '"1"'})
    empty = ada.post(path, {"body": ""})

    assert made(said)["mentions"] == [max_.id]
    problem(foreign, 403, "forbidden")
    assert (edited.json()["body"], edited.headers["etag"][:3]) == ("Never mind", '"2-')
    assert pointers(problem(empty, 422, "invalid")) == ["/body"]
    assert ada.get(path).json()["items"] == [edited.json()]
    assert ada.delete(place).status_code == 204
    assert ada.get(path).json()["items"] == []


def test_a_task_tells_what_happened_to_it(ada: Person, task: dict[str, Any]) -> None:
    ada.patch(f"/v1/tasks/{task['key']}", {"status": "in_progress"})
    ada.patch(f"/v1/tasks/{task['key']}", {"status": "done"})
    kinds = [each["kind"] for each in ada.get(f"/v1/tasks/{task['key']}/activity").json()["items"]]

    assert kinds == ["task.completed", "task.started", "task.created"]


def test_a_teams_log_is_read_from_a_seq_on(ada: Person, team: dict[str, Any], task: dict[str, Any]) -> None:
    path = f"/v1/teams/{team['key']}/events"
    everything = ada.get(path).json()["items"]
    page = ada.get(f"{path}?after=1&limit=1")
    rest = ada.get(page.links["next"]["url"]).json()["items"]

    assert [each["seq"] for each in everything] == list(range(1, len(everything) + 1))
    assert everything[-1]["subject_id"] == task["id"]
    assert page.json()["items"] + rest == everything[1:]


def test_tasks_are_filtered_by_every_field(ada: Person, team: dict[str, Any]) -> None:
    late = made(
        ada.post(
            "/v1/tasks", {"team_id": team["key"], "title": "Late", "due_on": "2020-01-01", "priority": "high"}
        )
    )
    made(ada.post("/v1/tasks", {"team_id": team["key"], "title": "Mine", "assignee_id": ada.id}))
    for query in (
        "overdue=true",
        "text=LATE",
        "assignee=none",
        "due_before=2026-01-01",
        "priority=high,urgent",
        "status=open&status=done&assignee=none",
    ):
        items = ada.get(f"/v1/tasks?team={team['key']}&{query}").json()["items"]

        assert [each["id"] for each in items] == [late["id"]], query


def test_tasks_cannot_be_created_elsewhere_or_without_a_title(ada: Person, team: dict[str, Any]) -> None:
    problem(ada.post("/v1/tasks", {"team_id": str(uuid4()), "title": "Lost"}), 404, "not_found")
    assert pointers(problem(ada.post("/v1/tasks", {"team_id": team["key"]}), 422, "invalid")) == ["/title"]
    assert pointers(problem(ada.post("/v1/tasks", {"title": "Lost"}), 422, "invalid")) == ["/team_id"]


def test_all_that_is_missing_is_named(ada: Person) -> None:
    create, claim = ada.post("/v1/tasks", {}), ada.post("/v1/tasks/claim", {"lease_minutes": 5})

    assert (create.status_code, claim.status_code) == (422, 422)
    assert {fault["pointer"] for fault in create.json()["errors"]} == {"/team_id", "/title"}
    assert [fault["pointer"] for fault in claim.json()["errors"]] == ["/team_id"]
