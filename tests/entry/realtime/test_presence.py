"""People at a team's tasks, over sockets: they see each other come and go, and only where they may."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.sync.client import connect

from taskcore_http.realtime.presence import MOST_MESSAGES
from tests.entry.http.conftest import PASSWORD, Person, made
from tests.entry.http.test_asyncapi import valid
from tests.entry.realtime.listening import LIMITS, Follow, Listener, Open, bearer
from tests.servers.redis import redis_server
from tests.servers.service import started

Join = Callable[[str, str], Person]
Ready = Callable[[Person], Listener]


@pytest.fixture
def ready(team: dict[str, Any], follow: Follow) -> Ready:
    """A socket that is told what happens from now on."""

    def listening(person: Person) -> Listener:
        listener = follow(person, team["key"])
        assert listener.hears()["type"] == "ready"
        return listener

    return listening


@pytest.fixture
def bob(join: Join) -> Person:
    return join("Bob", "member")


def look(listener: Listener, task: dict[str, Any] | None) -> None:
    listener.say({"type": "look", "task": task["key"] if task else None})


def sees(listener: Listener, person: str, state: str) -> dict[str, Any]:
    """The next of the presence messages, which says that; events are passed over."""
    told = listener.until("presence")[-1]
    assert (told["user_id"], told["state"]) == (person, state)
    assert valid("presence", told)
    return told


def refused(listener: Listener, said: object) -> str:
    listener.say(said)
    code: str = listener.until("error")[-1]["code"]
    return code


def test_two_see_each_other(ada: Person, bob: Person, task: dict[str, Any], ready: Ready) -> None:
    at_ada, at_bob = ready(ada), ready(bob)
    look(at_ada, task)
    seen = sees(at_bob, ada.id, "looking")
    assert (seen["task_id"], seen["task"]) == (task["id"], task["key"])
    at_ada.say({"type": "typing", "task": task["id"], "active": True})
    sees(at_bob, ada.id, "typing")
    at_ada.say({"type": "typing", "task": task["id"], "active": False})
    sees(at_bob, ada.id, "looking")
    look(at_bob, task)
    sees(at_ada, bob.id, "looking")
    look(at_bob, None)
    sees(at_ada, bob.id, "gone")


def test_who_comes_later_is_told_who_is_there_and_who_closes_is_gone(
    ada: Person, bob: Person, task: dict[str, Any], ready: Ready
) -> None:
    first, second = ready(ada), ready(ada)
    look(first, task)
    look(second, task)
    at_bob = ready(bob)
    sees(at_bob, ada.id, "looking")
    first.socket.close()
    second.say({"type": "typing", "task": task["key"], "active": True})
    sees(at_bob, ada.id, "typing")
    second.socket.close()
    sees(at_bob, ada.id, "gone")


def test_a_guest_sees_nobody_at_what_is_not_shared(
    ada: Person, bob: Person, team: dict[str, Any], task: dict[str, Any], join: Join, ready: Ready
) -> None:
    gus = join("Gus", "guest")
    project = made(ada.post(f"/v1/teams/{team['key']}/projects", {"name": "Open"}))
    assert ada.put(f"/v1/projects/{project['id']}/guests/{gus.id}").status_code == 200
    new = {"team_id": team["key"], "title": "Shared", "project_id": project["id"]}
    shared = made(ada.post("/v1/tasks", new))
    at_ada, at_bob, at_gus = ready(ada), ready(bob), ready(gus)
    look(at_ada, task)
    sees(at_bob, ada.id, "looking")
    look(at_bob, shared)
    sees(at_gus, bob.id, "looking")  # and not Ada, of whom Bob was told before
    assert refused(at_gus, {"type": "look", "task": task["key"]}) == "not_found"
    at_late = ready(gus)
    sees(at_late, bob.id, "looking")
    look(at_ada, shared)

    assert sees(at_late, ada.id, "looking")["task_id"] == shared["id"]


def test_whoever_sees_other_tasks_than_before_is_told(
    ada: Person, bob: Person, team: dict[str, Any], task: dict[str, Any], join: Join, ready: Ready
) -> None:
    """Ada does nothing on her socket; what changes is who may see where she is."""
    gus = join("Gus", "guest")
    project = made(ada.post(f"/v1/teams/{team['key']}/projects", {"name": "Open"}))
    assert ada.put(f"/v1/projects/{project['id']}/guests/{gus.id}").status_code == 200
    at_ada, at_bob, at_gus = ready(ada), ready(bob), ready(gus)
    look(at_ada, task)
    sees(at_bob, ada.id, "looking")
    about = f"/v1/tasks/{task['key']}"
    assert ada.patch(about, {"project_id": project["id"]}).status_code == 200
    sees(at_gus, ada.id, "looking")
    assert ada.patch(about, {"project_id": None}).status_code == 200
    sees(at_gus, ada.id, "gone")
    assert ada.delete(about).is_success
    sees(at_bob, ada.id, "gone")
    assert ada.post(f"{about}/restore").status_code == 200
    sees(at_bob, ada.id, "looking")


def test_those_who_look_are_told_who_has_read(
    ada: Person, bob: Person, task: dict[str, Any], ready: Ready
) -> None:
    said = made(bob.post(f"/v1/tasks/{task['key']}/comments", {"body": "Done?"}))
    at_ada, at_bob = ready(ada), ready(bob)
    look(at_bob, task)
    sees(at_ada, bob.id, "looking")
    at_ada.say({"type": "read", "task": task["key"], "comment": said["id"]})
    told = at_bob.until("read")[-1]

    assert told == {"type": "read", "task_id": task["id"], "user_id": ada.id, "comment_id": said["id"]}
    assert valid("read", told)
    assert ada.get(f"/v1/tasks/{task['key']}/read").json() == {"unread": 0, "comment_id": said["id"]}


def test_who_may_not_is_told_so_and_goes_on(
    ada: Person, team: dict[str, Any], task: dict[str, Any], opened: Open
) -> None:
    token = made(ada.post("/v1/me/tokens", {"name": "reads", "scopes": ["read"]}))
    listener = opened(team["key"])
    listener.say({"token": token["token"]})

    assert refused(listener, {"type": "typing", "task": task["key"], "active": True}) == "insufficient_scope"
    assert refused(listener, {"type": "look", "task": "NONE-1"}) == "not_found"
    assert refused(listener, {"type": "look"}) == "invalid"
    assert refused(listener, {"type": "typing", "task": task["key"], "active": "yes"}) == "invalid"
    assert refused(listener, {"type": "read", "task": task["key"], "comment": "none"}) == "invalid"
    assert refused(listener, {"type": "look", "task": None, "more": 1}) == "invalid"
    assert refused(listener, {"type": "shout"}) == "malformed"


def test_too_many_messages_are_refused_and_too_large_ones_end_it(
    ada: Person, task: dict[str, Any], ready: Ready
) -> None:
    listener = ready(ada)
    for _ in range(MOST_MESSAGES):
        look(listener, task)
    assert refused(listener, {"type": "look", "task": None}) == "rate_limited"
    listener.say({"type": "look", "task": "x" * LIMITS.said_bytes})

    assert listener.ends()[0] == 4413


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two services on one store and one bus, each in a process of its own."""
    store = f"sqlite:///{tmp_path}/tasks.db"
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server())
        shared = {"bus": redis.url, "secret": uuid4().hex + uuid4().hex, "hasher": "argon2://?m=8&t=1&p=1"}
        addresses = []
        for name in ("one", "other"):
            folder = tmp_path / name
            folder.mkdir()
            addresses.append(stack.enter_context(started(store, folder, **shared))[0])
        yield addresses[0], addresses[1]


@pytest.mark.slow
def test_two_see_each_other_across_processes(processes: tuple[str, str]) -> None:
    one, other = processes
    people = []
    for name in ("ada", "bob"):
        new = {"email": f"{name}@example.org", "name": name, "password": PASSWORD}
        account = httpx.post(f"{one}/v1/auth/signup", json=new, timeout=30).raise_for_status().json()
        http = httpx.Client(
            base_url=one, timeout=30, headers={"authorization": f"Bearer {account['access_token']}"}
        )
        people.append(Person(http, account["user"]["id"], new["email"]))
    ada, bob = people
    made(ada.post("/v1/teams", {"name": "Platform", "key": "PLAT"}))
    asked = made(ada.post("/v1/teams/PLAT/invitations", {"email": bob.email, "role": "member"}))
    assert bob.post("/v1/invitations/accept", {"token": asked["token"]}).status_code == 200
    task = made(ada.post("/v1/tasks", {"team_id": "PLAT", "title": "Ship it"}))
    with ExitStack() as stack:
        sockets = []
        for person, address in ((ada, one), (bob, other)):
            uri = f"{address.replace('http', 'ws', 1)}/v1/teams/PLAT/events/ws"
            listener = Listener(stack.enter_context(connect(uri, proxy=None)))
            listener.say({"token": bearer(person)})
            assert listener.hears()["type"] == "ready"
            look(listener, task)
            sockets.append(listener)
        at_ada, at_bob = sockets
        sees(at_bob, ada.id, "looking")
        sees(at_ada, bob.id, "looking")
        at_bob.say({"type": "typing", "task": task["key"], "active": True})
        sees(at_ada, bob.id, "typing")
        at_bob.socket.close()
        sees(at_ada, bob.id, "gone")
    for person in people:
        person.http.close()


def test_what_a_client_says_is_as_described() -> None:
    assert valid("look", json.loads('{"type": "look", "task": null}'))
    assert valid("typing", {"type": "typing", "task": "PLAT-42", "active": True})
    assert not valid("typing", {"type": "typing", "task": "PLAT-42"})
