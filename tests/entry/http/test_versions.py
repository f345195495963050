"""Versions side by side, and what a version promises to whoever wrote a client against it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from taskcore_http.app import OPERATIONS
from taskcore_http.description import document
from tests.entry.http.conftest import Person, made
from tools.api_snapshot import SNAPSHOT, described

Schema = dict[str, Any]


class TestSideBySide:
    def test_both_give_the_same_things_and_places_of_their_own(
        self, ada: Person, team: dict[str, Any]
    ) -> None:
        said = ada.post("/v2/tasks", {"team_id": team["id"], "title": "x"})
        task = made(said)

        assert said.headers["location"] == f"/v2/tasks/{task['id']}"
        assert ada.get(f"/v1/tasks/{task['id']}").json() == ada.get(f"/v2/tasks/{task['id']}").json()
        ada.post("/v2/tasks", {"team_id": team["id"], "title": "y"})
        listed = ada.get(f"/v2/tasks?team={team['key']}&limit=1")
        assert listed.headers["link"].startswith("</v2/tasks?")
        assert len(ada.get(listed.links["next"]["url"]).json()["items"]) == 1

    def test_the_newer_gives_what_it_put_in_the_trash(self, ada: Person, task: dict[str, Any]) -> None:
        trashed = ada.delete(f"/v2/tasks/{task['key']}")
        assert (trashed.status_code, trashed.json()["deleted_by"]) == (200, ada.id)
        back = ada.post(f"/v2/tasks/{task['id']}/restore", headers={"if-match": trashed.headers["etag"]})

        assert (back.status_code, back.json()["deleted_at"]) == (200, None)

    def test_what_is_superseded_says_so_and_nothing_else_does(
        self, ada: Person, task: dict[str, Any]
    ) -> None:
        for said in (ada.delete("/v1/tasks/NOSUCH-1"), ada.delete(f"/v1/tasks/{task['id']}")):
            assert int(said.headers["deprecation"].removeprefix("@")) > 1_700_000_000
            assert parsedate_to_datetime(said.headers["sunset"]).year == 2027
            place = said.request.url.path.replace("/v1/", "/v2/")
            assert said.headers["link"] == f'<{place}>; rel="successor-version"'
        for other in (ada.get("/v1/tasks"), ada.get("/v1/me"), ada.delete(f"/v2/tasks/{task['id']}")):
            assert {"deprecation", "sunset"}.isdisjoint(other.headers)

    def test_a_version_that_is_not_there_is_not_there(self, ada: Person) -> None:
        assert ada.get("/v3/tasks").status_code == 404

    def test_signing_in_counts_the_same_in_each(self, stranger: httpx.Client) -> None:
        body = {"email": "nobody@example.org", "password": "correct horse battery"}

        assert stranger.post("/v2/auth/login", json=body).json()["code"] == "wrong_credentials"


class TestPromises:
    def test_nothing_that_version_1_promised_was_taken_away(self) -> None:
        """`python -m tools.api_snapshot` takes up what was added."""
        before = json.loads(SNAPSHOT.read_text(encoding="utf-8"))

        assert [*broken(before, described())] == []

    def test_what_was_added_is_taken_up(self) -> None:
        before = json.loads(SNAPSHOT.read_text(encoding="utf-8"))

        assert before == described(), "run `python -m tools.api_snapshot`"

    @pytest.mark.parametrize(
        "damage",
        [
            lambda api: api["paths"].pop("/v1/tasks"),
            lambda api: api["paths"]["/v1/tasks"].pop("post"),
            lambda api: api["paths"]["/v1/tasks"]["get"]["parameters"].pop(),
            lambda api: api["components"]["schemas"]["Task"]["properties"].pop("title"),
            lambda api: api["components"]["schemas"]["Task"]["required"].remove("title"),
            lambda api: api["components"]["schemas"]["NewTask"]["required"].append("priority"),
            lambda api: api["components"]["schemas"]["NewTask"]["properties"].pop("priority"),
            lambda api: api["components"]["schemas"]["Status"]["enum"].remove("open"),
            lambda api: api["components"]["schemas"]["Task"]["properties"]["title"].update(type="integer"),
            lambda api: api["paths"]["/v1/tasks"]["post"]["responses"].pop("201"),
        ],
    )
    def test_what_would_break_a_client_is_noticed(self, damage: Callable[[Schema], object]) -> None:
        now = described()
        damaged = copy.deepcopy(now)
        damage(damaged)

        assert [*broken(now, damaged)] != []

    def test_what_is_only_added_breaks_nobody(self) -> None:
        now = described()
        more = copy.deepcopy(now)
        more["paths"]["/v1/new"] = more["paths"]["/v1/tasks"]
        more["components"]["schemas"]["Task"]["properties"]["mood"] = {"type": "string"}
        more["components"]["schemas"]["Task"]["required"].append("mood")
        more["components"]["schemas"]["NewTask"]["properties"]["mood"] = {"type": "string"}

        assert [*broken(now, more)] == []

    def test_each_version_is_described(self, stranger: httpx.Client) -> None:
        first, newest = (stranger.get(f"/{version}/openapi.json").json() for version in ("v1", "v2"))

        assert first == stranger.get("/openapi.json").json()
        assert first["paths"]["/v1/tasks/{task}"]["delete"]["deprecated"]
        assert "200" in newest["paths"]["/v2/tasks/{task}"]["delete"]["responses"]
        assert {path.replace("/v1/", "/v2/") for path in first["paths"]} == {*newest["paths"]}
        assert document(OPERATIONS)["paths"].keys() == first["paths"].keys()


def broken(before: Schema, now: Schema) -> Iterator[str]:
    """What a client that was right before would now get wrong."""
    for path, operations in before["paths"].items():
        for method, operation in operations.items():
            name, after = f"{method} {path}", now["paths"].get(path, {}).get(method)
            if after is None:
                yield f"{name} is gone"
                continue
            yield from _operation(name, operation, after)
    for name, schema in before["components"]["schemas"].items():
        other = now["components"]["schemas"].get(name)
        if other is None:
            yield f"{name} is gone"
        else:
            yield from _schema(name, schema, other, sent=schema.get("additionalProperties") is False)


def _operation(name: str, before: Schema, now: Schema) -> Iterator[str]:
    known = {each.get("name", each.get("$ref")) for each in now["parameters"]}
    for each in before["parameters"]:
        if each.get("name", each.get("$ref")) not in known:
            yield f"{name} takes {each.get('name')} no longer"
    for status in before["responses"]:
        if status.startswith("2") and status not in now["responses"]:
            yield f"{name} answers {status} no longer"
    new_body = now.get("requestBody", {}).get("required") and "requestBody" not in before
    if new_body:
        yield f"{name} wants a body"


def _schema(name: str, before: Schema, now: Schema, *, sent: bool) -> Iterator[str]:
    gone = before.get("properties", {}).keys() - now.get("properties", {}).keys()
    yield from (f"{name} has {field} no longer" for field in sorted(gone))
    wanted, promised = set(now.get("required", ())), set(before.get("required", ()))
    if sent:
        yield from (f"{name} wants {field}" for field in sorted(wanted - promised))
    else:
        yield from (f"{name} promises {field} no longer" for field in sorted(promised - wanted))
    lost = set(before.get("enum", ())) - set(now.get("enum", ()))
    yield from (f"{name} is {value} no longer" for value in sorted(lost))
    for field, schema in before.get("properties", {}).items():
        other = now.get("properties", {}).get(field, schema)
        if schema.get("type") != other.get("type") or schema.get("$ref") != other.get("$ref"):
            yield f"{name}.{field} is of another type"
