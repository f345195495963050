"""What somebody may not know of is, to the letter of the answer, as what never was."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from string import Formatter
from typing import Any
from uuid import UUID

import attrs
import httpx
import pytest

from taskcore.permissions import table
from tests.security.matrix import ways
from tests.security.scene import Scene, fresh_key, new_id
from tests.security.stages import Service, Stage, said
from tests.security.ways import HIDDEN, Http, Way

pytestmark = pytest.mark.slow

REQUEST_ID = re.compile(r',?"request_id":"[0-9a-f]{32}"')
VARIES = {"date", "x-request-id"}
"""Header fields that differ from answer to answer, whatever is asked."""


@attrs.frozen
class Shown:
    """An answer without what differs anyway, and with names for what was asked for."""

    status: int
    headers: dict[str, str]
    body: Any


def shown(answer: httpx.Response, names: dict[str, str], asked: set[str]) -> Shown:
    def named(text: str) -> str:
        for name in sorted(asked):
            text = text.replace(names[name], f"<{name}>")
        return text

    text = named(REQUEST_ID.sub("", answer.text))
    body = json.loads(text) if text else None
    varies = VARIES | ({"etag"} if text != answer.text else set())  # which is of all that is said
    headers = {name: named(value) for name, value in answer.headers.items() if name not in varies}
    return Shown(answer.status_code, headers, body)


def names_in(wanted: Http) -> set[str]:
    return set(_names(wanted.path)) | set(_names(wanted.body))


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from (name for _, name, _, _ in Formatter().parse(value) if name)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _names(each)
    elif isinstance(value, list):
        for each in value:
            yield from _names(each)


def never(value: str) -> str:
    """Something of the same form and length that never was."""
    if is_id(value):
        return str(new_id())
    if value.isalpha():
        return fresh_key() if value.isupper() else fresh_key().lower()
    return value[:-12] + new_id().hex[-12:]


def is_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def assert_alike(service: Service, told: Scene, wanted: Http, unknown: set[str], **more: Any) -> Shown:
    """The answer, once it is the same for the names in `unknown` and for what never was."""
    real, nothing = dict(told.names), {name: never(told.names[name]) for name in unknown}
    there = service.send(told, _named(wanted, real), **more)
    other = {**real, **nothing}
    gone = service.send(told, _named(wanted, other), **more)

    assert shown(there, real, unknown) == shown(gone, other, unknown)
    return shown(there, real, unknown)


def _named(wanted: Http, names: dict[str, str]) -> Http:
    return attrs.evolve(wanted, path=said(wanted.path, names), body=said(wanted.body, names), form=None)


OF_NOBODY = {"fresh_key", "fresh_email", "password"}


def unknown_to(caller: str, way: Way) -> set[str]:
    """What a way names that the caller may not know of: whoever runs the instance knows teams and their people; a
    guest knows the team in which something is hidden from them; where a thing is hidden from those who see its task, they know that."""
    assert way.http is not None
    knows = caller == "instance admin" and "membership.list" in way.needs
    sees = way.unless.get(caller) is HIDDEN
    names = names_in(way.http) - OF_NOBODY - ({"team"} if knows else set()) - ({"task"} if sees else set())
    if caller == "guest of nothing" and names - {"team"}:
        return names - {"team"}
    return names


CELLS = [
    pytest.param(way, caller, id=f"{row}-{number}-{caller}")
    for row, number, way in ways()
    if way.http is not None
    for caller in way.callers
    if way.outcome(row, caller, table()) is HIDDEN and unknown_to(caller, way)
]


@pytest.mark.parametrize(("way", "caller"), CELLS)
def test_each_way_to_what_is_hidden_ends_as_one_to_nothing(service: Service, way: Way, caller: str) -> None:
    assert way.http is not None
    told, unknown = service.set(caller, way), unknown_to(caller, way)

    assert assert_alike(service, told, way.http, unknown).status == 404
    if way.http.method == "GET":
        assert_alike(service, told, attrs.evolve(way.http, method="HEAD"), unknown)
    tag = '"1-0123456789abcdef0123"'
    assert_alike(service, told, way.http, unknown, headers={"if-match": tag, "if-none-match": tag})


SPELT = (
    Http("GET", "/v1/teams/{team_key}"),
    Http("PATCH", "/v1/teams/{team_key}", {"name": "New"}),
    Http("GET", "/v1/teams/{team_slug}/members"),
    Http("GET", "/v1/tasks/{team_key}-1"),
    Http("DELETE", "/v1/tasks/{team_key}-1"),
    Http("GET", "/v1/tasks?team={team_key}"),
    Http("GET", "/v1/tasks?team={team_slug}&count=true&sort=title"),
    Http("POST", "/v1/tasks", {"team_id": "{team_key}", "title": "New"}),
    Http("POST", "/v1/me/tokens", {"name": "New", "team_id": "{team_slug}"}),
)
"""By key and by slug, which people guess."""


@pytest.mark.parametrize("wanted", SPELT, ids=str)
def test_a_foreign_teams_key_is_as_one_that_nobody_has(service: Service, wanted: Http) -> None:
    told = service.set("outsider")

    assert assert_alike(service, told, wanted, names_in(wanted)).status == 404


FILTERS = (
    "project={project}",
    "project={unshared_project}",
    "parent={task}",
    "parent={team_key}-1",
    "label={label_name}",
    "assignee={member}",
    "created_by={other_owner}",
    "follower={other_admin}",
    "project={project}&count=true",
    "label={label_name}&text=ship&sort=-due_at,title",
    "label={label_name}&text=ship&sort=-relevance,title&count=true",
    "team={elsewhere}&parent={task}&count=true",
    "team={elsewhere}&label={label_name}",
)


@pytest.mark.parametrize("query", FILTERS)
def test_no_filter_tells_of_a_foreign_team(service: Service, query: str) -> None:
    told = service.set("outsider")
    wanted = Http("GET", f"/v1/tasks?{query}")
    answer = assert_alike(service, told, wanted, names_in(wanted) - {"elsewhere"})

    assert answer.status == 200
    assert answer.body["items"] == []
    assert answer.body.get("total", 0) == 0


@pytest.mark.parametrize(
    "query",
    ["", "text=ship", "q=ship%20or%20-ship", "sort=number", "count=true", "deleted=true", "overdue=false"],
)
def test_lists_hold_what_is_ones_own_alone(service: Service, query: str) -> None:
    told = service.set("outsider")
    answer = service.send(told, Http("GET", f"/v1/tasks?{query}")).json()

    assert {each["team_id"] for each in answer["items"]} <= {told.names["elsewhere"]}
    assert answer.get("total", 0) == (1 if query == "count=true" else 0)


def test_the_librarys_lists_hold_what_is_ones_own_alone(stage: Stage) -> None:
    for caller, own in (("outsider", {"elsewhere"}), ("instance admin", set()), ("member", {"team"})):
        told = stage.set(caller)
        me, theirs = stage.core.acting_as(told.actor), {told[name] for name in own}
        for query in (
            {},
            {"text": "ship"},
            {"deleted": True},
            {"label": told["label_name"]},
            {"overdue": False},
        ):
            page = stage.run(me.tasks.list(limit=200, **query))

            assert {task.team_id for task in page.items} <= theirs, (caller, query)
            assert stage.run(me.tasks.count(**query)) == len(page.items)
        found = stage.run(me.tasks.list(project=told["foreign_project"])).items
        assert found == []


NEVER_OTHERS = (
    Http("PATCH", "/v1/tasks/{own_task}", {"parent_id": "{foreign_task}"}),
    Http("PATCH", "/v1/tasks/{own_task}", {"parent_id": "{foreign_key}-1"}),
    Http("PATCH", "/v1/tasks/{own_task}", {"project_id": "{foreign_project}"}),
    Http("PATCH", "/v1/tasks/{own_task}", {"assignee_id": "{outsider}"}),
    Http("PATCH", "/v1/tasks/{own_task}", {"labels": ["{foreign_label_name}"]}),
    Http("POST", "/v1/tasks", {"team_id": "{team}", "title": "New", "parent_id": "{foreign_task}"}),
    Http("POST", "/v1/tasks", {"team_id": "{team}", "title": "New", "project_id": "{foreign_project}"}),
    Http("POST", "/v1/tasks", {"team_id": "{team}", "title": "New", "assignee_id": "{outsider}"}),
    Http("PUT", "/v1/tasks/{own_task}/dependencies/{foreign_task}"),
    Http("PUT", "/v1/tasks/{own_task}/dependencies/{foreign_key}-1"),
    Http("PUT", "/v1/tasks/{foreign_task}/dependencies/{own_task}"),
    Http("DELETE", "/v1/tasks/{own_task}/dependencies/{foreign_task}"),
    Http("PUT", "/v1/tasks/{own_task}/followers/{outsider}"),
    Http("DELETE", "/v1/tasks/{task}/followers/{outsider}"),
    Http("GET", "/v1/tasks/{task}/followers/{outsider}"),
    Http("PUT", "/v1/projects/{project}/guests/{outsider}"),
    Http("DELETE", "/v1/projects/{project}/guests/{outsider}"),
    Http("PATCH", "/v1/projects/{project}", {"lead_id": "{outsider}"}),
    Http("POST", "/v1/teams/{team}/projects", {"name": "New", "lead_id": "{outsider}"}),
    Http("PATCH", "/v1/teams/{team}/members/{outsider}", {"role": "admin"}),
    Http("DELETE", "/v1/teams/{team}/members/{outsider}"),
    Http("POST", "/v1/teams/{team}/transfer", {"user_id": "{outsider}"}),
    Http("DELETE", "/v1/teams/{team}/invitations/{asked_another}"),
    Http("POST", "/v1/teams/{team}/invitations/{asked_another}/resend"),
    Http("DELETE", "/v1/teams/{team}/tokens/{foreign_token}"),
    Http("GET", "/v1/tasks/{foreign_task}"),
    Http("PATCH", "/v1/tasks/{foreign_task}", {"title": "New"}),
    Http("POST", "/v1/tasks/{foreign_task}/comments", {"body": "New"}),
    Http("PUT", "/v1/tasks/{foreign_task}/read", {}),
    Http("GET", "/v1/tasks/{foreign_task}/read"),
    Http("GET", "/v1/tasks/{foreign_task}/reminders"),
    Http("POST", "/v1/tasks/{foreign_task}/reminders", {}),
    Http("PATCH", "/v1/comments/{foreign_comment}", {"body": "New"}),
    Http("DELETE", "/v1/comments/{foreign_comment}"),
    Http("GET", "/v1/projects/{foreign_project}"),
    Http("DELETE", "/v1/projects/{foreign_project}"),
    Http("GET", "/v1/labels/{foreign_label}"),
    Http("PATCH", "/v1/labels/{foreign_label}", {"name": "new"}),
    Http("GET", "/v1/views/{foreign_view}"),
    Http("DELETE", "/v1/views/{foreign_view}"),
    Http("GET", "/v1/teams/{elsewhere}"),
    Http("GET", "/v1/teams/{elsewhere}/events"),
)
"""What lies beyond the wall, named by somebody who may do everything on this side of it."""
OURS = {"team", "task", "own_task", "project"}


@pytest.mark.parametrize("wanted", NEVER_OTHERS, ids=str)
def test_what_lies_beyond_the_wall_is_as_what_never_was(service: Service, wanted: Http) -> None:
    told = service.set("owner")
    before = service.state(told)
    answer = assert_alike(service, told, wanted, names_in(wanted) - OURS)

    assert answer.status in (204, 404, 422)
    assert service.state(told) == before


BATCHED = {"op": "edit", "id": "{foreign_task}", "title": "New"}, {"op": "delete", "id": "{foreign_key}-1"}


@pytest.mark.parametrize("atomic", [True, False])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_batch_does_not_say_which_foreign_tasks_there_are(
    service: Service, *, atomic: bool, place: int
) -> None:
    told = service.set("owner")
    own: list[Any] = [{"op": "edit", "id": "{own_task}", "title": "New"}]
    operations = [*own[:place], *BATCHED, *own[place:]]
    wanted = Http("POST", "/v1/tasks/batch", {"operations": operations, "atomic": atomic})
    before = service.state(told)
    answer = assert_alike(service, told, wanted, {"foreign_task", "foreign_key"})

    if atomic:
        assert answer.status == 404
        assert service.state(told) == before
    else:
        theirs = [each for each in answer.body["items"] if each["op"] != "edit" or "problem" in each]
        assert [each["status"] for each in theirs] == [404, 404]


def test_what_a_task_refers_to_is_shown_to_who_may_see_that(stage: Stage) -> None:
    told = stage.set("owner")
    there = attrs.evolve(
        told.things["foreign_task"],
        assignee_id=told["other_outsider"],
        project_id=told["foreign_project"],
        labels=(told["foreign_label_name"],),
    )
    unshared = attrs.evolve(told.things["task"], project_id=told["unshared_project"])
    for who in (told["me"], told["root"], told["guest"]):
        for task in (there, unshared) if who != told["me"] else (there,):
            me = stage.core.acting_as(who)
            (shown,) = stage.run(me.tasks.expand([task], "assignee,project,labels"))

            assert (shown.assignee, shown.project, shown.labels) == (None, None, ())


def test_a_query_may_be_saved_whatever_it_names(service: Service) -> None:
    told = service.set("owner")
    for named in (told.names["elsewhere"], str(new_id())):
        body = {"name": "New", "query": {"team": named}}
        answer = service.send(told, Http("POST", "/v1/teams/{team}/views", body))

        assert answer.json()["query"] == {"team": [named]}


@pytest.mark.parametrize(
    "path", ["/v1/tasks?limit=1", "/v1/teams/{team}/projects?limit=1", "/v1/teams/{team}/audit?limit=1"]
)
def test_a_cursor_from_the_other_side_is_as_one_that_never_was(service: Service, path: str) -> None:
    told, other = service.set("owner"), service.set("owner")
    service.send(told, Http("PATCH", "/v1/teams/{team}", {"name": "New"}))
    service.send(told, Http("PATCH", "/v1/teams/{team}", {"name": "Newer"}))
    cursor = service.send(told, Http("GET", path)).json()["next_cursor"]
    answers = [
        shown(service.send(other, Http("GET", f"{path}&cursor={each}")), {"cursor": each}, {"cursor"})
        for each in (cursor, f"{'A' * 16}{cursor[16:]}")
    ]

    assert answers[0] == answers[1]
    assert answers[0].status == 400


def test_an_etag_from_the_other_side_opens_nothing(service: Service) -> None:
    told = service.set("outsider")
    inside = service.core.acting_as(told["other_owner"])
    task = service.run(inside.tasks.get(told["task"]))
    for method, body in (("GET", None), ("PATCH", {"title": "New"}), ("DELETE", None)):
        for tag in (f'"{task.version}"', f'"{task.version}-0123456789abcdef0123"', "*"):
            headers = {"if-none-match": tag} if method == "GET" else {"if-match": tag}
            answer = assert_alike(
                service, told, Http(method, "/v1/tasks/{task}", body), {"task"}, headers=headers
            )

            assert answer.status == 404


GUESTS_LISTS = (
    "/v1/tasks",
    "/v1/tasks?team={team}&count=true",
    "/v1/tasks?text=roof",
    "/v1/tasks?q=roof%20or%20-roof",
    "/v1/tasks?project={unshared_project}",
    "/v1/teams/{team}/projects?count=true",
    "/v1/teams/{team}/events",
    "/v1/teams/{team}/views",
    "/v1/teams/{team}/labels",
    "/v1/teams/{team}/members",
    "/v1/me/views",
)


@pytest.mark.parametrize("path", GUESTS_LISTS)
@pytest.mark.parametrize("caller", ["guest", "guest of nothing"])
def test_no_list_tells_a_guest_of_what_is_not_shared(service: Service, caller: str, path: str) -> None:
    told = service.set(caller)
    answer = service.send(told, Http("GET", path))

    assert answer.status_code == 200
    assert [word for word in told.unseen if word in answer.text] == []
    if caller == "guest of nothing":
        assert told.names["task"] not in answer.text


def test_no_list_tells_a_guest_an_address(service: Service) -> None:
    told = service.set("guest")
    answer = service.send(told, Http("GET", "/v1/teams/{team}/members"))

    assert "@" not in answer.text


def test_whoever_runs_the_instance_sees_what_teams_are_called_and_nothing_that_is_in_them(
    service: Service,
) -> None:
    told = service.set("instance admin")
    paths = (
        "/v1/teams/{team}",
        "/v1/teams/{team}/members",
        "/v1/instance/teams",
        "/v1/instance/audit",
        "/v1/tasks",
    )
    for path in paths:
        answer = service.send(told, Http("GET", path))

        assert answer.status_code == 200
        assert "Ship it" not in answer.text
        assert told.names["task"] not in answer.text
