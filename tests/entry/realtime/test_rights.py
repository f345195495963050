"""What somebody may follow, and that it ends with the right to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from taskcore import blocking
from taskcore_http import from_settings
from tests.entry.http.conftest import CHEAP, Person, made, serving, settings_for
from tests.entry.realtime.listening import LIMITS, Follow, Open, title
from tests.entry.realtime.test_stream import events_of, streamed

Join = Callable[[str, str], Person]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('rights')}/store.db"


@pytest.fixture(scope="module")
def address(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service on a store that its operator works on too, from elsewhere."""
    settings = settings_for(store, tmp_path_factory.mktemp("served"))
    with serving(from_settings(settings, LIMITS)) as at:
        yield at


@attrs.frozen
class Parting:
    """A way to lose the right to follow."""

    code: int
    do: Callable[[Person, dict[str, Any], Person, str], object]


def _disable(_: Person, __: dict[str, Any], who: Person, store: str) -> None:
    with blocking.open(store, hasher=CHEAP) as core:
        core.users.disable(who.email)


def _end_session(_: Person, __: dict[str, Any], who: Person, ___: str) -> None:
    session = who.get("/v1/me/sessions").json()["items"][0]["id"]
    assert who.delete(f"/v1/me/sessions/{session}").status_code == 204


def _remove(ada: Person, team: dict[str, Any], who: Person, _: str) -> None:
    assert ada.delete(f"/v1/teams/{team['key']}/members/{who.id}").status_code == 204


def _delete_team(ada: Person, team: dict[str, Any], _: Person, __: str) -> None:
    assert ada.delete(f"/v1/teams/{team['key']}").status_code == 204


PARTINGS = {
    "removed": Parting(4404, _remove),
    "team deleted": Parting(4404, _delete_team),
    "session ended": Parting(4401, _end_session),
    "disabled by the operator, in another process": Parting(4401, _disable),
}


@pytest.mark.parametrize("parting", PARTINGS.values(), ids=[*PARTINGS])
def test_whoever_loses_the_right_hears_no_more(
    ada: Person, team: dict[str, Any], join: Join, follow: Follow, store: str, parting: Parting
) -> None:
    bob = join("Bob", "member")
    listener = follow(bob, team["key"])
    listener.until("ready")
    with streamed(bob, events_of(team)) as stream:
        stream.until("ready")
        parting.do(ada, team, bob, store)
        refused = stream.until("refused")[-1]

        assert listener.ends()[0] == parting.code
        assert next(stream._lines, None) is None, "the stream goes on"
    assert '"code":' in refused["data"]


def test_a_token_that_is_revoked_ends_its_sockets_alone(
    ada: Person, team: dict[str, Any], task: dict[str, Any], opened: Open, follow: Follow
) -> None:
    token = made(ada.post("/v1/me/tokens", {"name": "listens", "scopes": ["read"]}))
    by_token, by_session = opened(team["key"]), follow(ada, team["key"])
    by_token.say({"token": token["token"]})
    by_token.until("ready")
    by_session.until("ready")
    assert ada.delete(f"/v1/me/tokens/{token['id']}").status_code == 204

    assert by_token.ends()[0] == 4401
    title(ada, task, "Shipped")
    assert by_session.hears()["kind"] == "task.updated"


def test_a_guest_hears_of_shared_tasks_alone_and_begins_anew_when_they_are_others(
    ada: Person, team: dict[str, Any], task: dict[str, Any], join: Join, follow: Follow
) -> None:
    gus, bob = join("Gus", "guest"), join("Bob", "member")
    project = made(ada.post(f"/v1/teams/{team['key']}/projects", {"name": "Launch"}))
    shared = made(ada.post("/v1/tasks", {"team_id": team["id"], "title": "In", "project_id": project["id"]}))
    assert ada.put(f"/v1/projects/{project['id']}/guests/{gus.id}").is_success
    by_gus, by_bob = follow(gus, team["key"]), follow(bob, team["key"])
    by_gus.until("ready")
    by_bob.until("ready")
    title(ada, task, "Seen by members alone")
    title(ada, shared, "Seen by all")
    assert by_gus.hears()["task_id"] == shared["id"]
    assert [by_bob.hears()["task_id"] for _ in range(2)] == [task["id"], shared["id"]]

    role = ada.patch(f"/v1/teams/{team['key']}/members/{bob.id}", {"role": "guest"})
    assert role.status_code == 200, role.text
    assert by_bob.until("resync_required")
    assert by_bob.ends()[0] == 4410
    by_bob = follow(bob, team["key"])
    by_bob.until("ready")
    title(ada, task, "Seen by members alone")
    title(ada, shared, "Seen by a guest of it")
    assert by_gus.hears()["task_id"] == shared["id"]
    assert ada.put(f"/v1/projects/{project['id']}/guests/{bob.id}").is_success

    assert [each["type"] for each in by_bob.until("resync_required")] == ["resync_required"]
    assert by_bob.ends()[0] == 4410
