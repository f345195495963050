"""The description of what is told without being asked for is AsyncAPI's, and true of what is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import httpx
import jsonschema_rs
import pytest

from taskcore.delivery.cloudevents import MOST_BYTES, encoded
from taskcore.events import Event, plain
from taskcore.testing.stream import log_of, new_team
from taskcore.values import TaskId, UserId
from tests.servers import npm
from tools.asyncapi import SNAPSHOT, described

MANIFEST = Path(__file__).parent / "asyncapi" / "package.json"
SCHEMA = "node_modules/@asyncapi/specs/schemas/3.0.0.json"
BARE = log_of(new_team(), 1)[0]
FULL = attrs.evolve(BARE, actor_id=UserId(UUID(int=1)), task_id=TaskId(UUID(int=2)), at=datetime.now(UTC))
LARGE = attrs.evolve(BARE, data={"description": "x" * MOST_BYTES})


def test_what_was_changed_is_taken_up() -> None:
    assert json.loads(SNAPSHOT.read_text(encoding="utf-8")) == described(), "run `python -m tools.asyncapi`"


@pytest.mark.slow
def test_it_is_what_asyncapi_s_own_schema_asks_for() -> None:
    schema = json.loads((npm.installed(MANIFEST) / SCHEMA).read_text(encoding="utf-8"))
    validator = jsonschema_rs.Draft7Validator(schema)
    faults = [f"{fault.instance_path}: {fault.message[:300]}" for fault in validator.iter_errors(described())]
    damaged = described()
    del damaged["channels"]["nats"]["messages"]["published"]["$ref"]
    damaged["operations"]["tell"]["action"] = "shout"

    assert faults == []
    assert not validator.is_valid(damaged)


def test_every_reference_leads_somewhere() -> None:
    whole = described()

    for reference in references(whole):
        found: Any = whole
        for word in reference.removeprefix("#/").split("/"):
            found = found[word]
        assert found


@pytest.mark.parametrize("event", [BARE, FULL, LARGE], ids=["bare", "full", "large"])
def test_what_brokers_have_is_as_described(event: Event) -> None:
    message = json.loads(encoded(event))

    assert ("data" in message) == (event is not LARGE)
    assert valid("published", message)
    assert not valid(
        "published", {**message, "dataref": "/", "datacontenttype": "application/json", "data": plain(event)}
    )


@pytest.mark.parametrize("event", [BARE, FULL])
def test_what_a_socket_tells_is_as_described(event: Event) -> None:
    assert valid("event", {"type": "event", **plain(event)})
    assert not valid("event", plain(event))
    assert not valid("published", plain(event))


def test_the_service_gives_it(stranger: httpx.Client) -> None:
    answer = stranger.get("/asyncapi.json")
    again = stranger.get("/asyncapi.json", headers={"if-none-match": answer.headers["etag"]})
    given = answer.json()
    given["info"]["version"] = "1"

    assert given == described()
    assert again.status_code == 304


def valid(message: str, content: dict[str, Any]) -> bool:
    whole = described()
    payload = whole["components"]["messages"][message]["payload"]
    return jsonschema_rs.Draft202012Validator({**payload, "components": whole["components"]}).is_valid(
        content
    )


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for each in value.values() for found in references(each)]
    return [found for each in value for found in references(each)] if isinstance(value, list) else []
