"""`q`: one expression over HTTP, in lists and in views."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.entry.http.conftest import Person, made
from tests.entry.http.test_conventions import pointers, problem


@pytest.fixture
def titles(ada: Person, team: dict[str, Any]) -> dict[str, Any]:
    """Three tasks, and how to ask for them."""
    for task in (
        {"title": "The login page", "due_on": "2020-01-01"},
        {"title": "Another page", "assignee_id": ada.id, "due_on": "2020-01-02"},
        {"title": "Much later", "due_on": "2999-01-01"},
    ):
        made(ada.post("/v1/tasks", {"team_id": team["key"], **task}))
    return team


def found(ada: Person, team: dict[str, Any], expression: str, more: str = "") -> list[str]:
    answer = ada.get(f"/v1/tasks?team={team['key']}&sort=number&q={quote(expression)}{more}")
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()["items"]]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('status:open (assignee:me or assignee:none) due<now+7d "login page"', ["The login page"]),
        ("page", ["The login page", "Another page"]),
        ("page -assignee:me", ["The login page"]),
        ("not page or due:2020-01-02", ["Another page", "Much later"]),
        ("-due<now", ["Much later"]),
        ("is:overdue or completed:none", ["The login page", "Another page", "Much later"]),
    ],
)
def test_tasks_are_listed_by_an_expression(
    ada: Person, titles: dict[str, Any], expression: str, expected: list[str]
) -> None:
    assert found(ada, titles, expression) == expected


def test_an_expression_holds_together_with_the_other_parameters(ada: Person, titles: dict[str, Any]) -> None:
    assert found(ada, titles, "page or later", "&assignee=none&due_before=2026-01-01") == ["The login page"]


@pytest.mark.parametrize(
    ("expression", "column"),
    [("stat:open", 1), ("a (b", 3), ("due<soon", 5), ("x or ", 6), ("", 1), ("due<now 7d", 9)],
)
def test_a_fault_names_its_column(ada: Person, team: dict[str, Any], expression: str, column: int) -> None:
    refused = problem(ada.get(f"/v1/tasks?team={team['key']}&q={quote(expression)}"), 400, "malformed")

    assert pointers(refused) == ["/q"]
    assert refused["column"] == column
    assert f"at column {column}" in refused["detail"]


def test_a_fault_names_its_column_beside_other_faults(ada: Person, team: dict[str, Any]) -> None:
    refused = problem(ada.get(f"/v1/tasks?team={team['key']}&q=a+(&bogus=1&limit=0"), 400, "malformed")

    assert set(pointers(refused)) == {"/bogus", "/limit", "/q"}
    assert refused["column"] == 4


def test_what_is_hidden_is_hidden_before_a_fault_is_told(ada: Person) -> None:
    problem(ada.get("/v1/tasks?team=NONE&q=("), 404, "not_found")
    problem(ada.get("/v1/tasks?q=x+or+team:NONE"), 404, "not_found")


def test_a_walk_through_pages_keeps_to_the_expression(ada: Person, titles: dict[str, Any]) -> None:
    path = f"/v1/tasks?team={titles['key']}&sort=number&limit=1&count=true&q={quote('page due<now+7d')}"
    first = ada.get(path)
    second = ada.get(first.links["next"]["url"])

    assert first.json()["total"] == 2
    assert [each["title"] for each in first.json()["items"] + second.json()["items"]] == [
        "The login page",
        "Another page",
    ]
    assert second.json()["next_cursor"] is None


def test_a_view_keeps_an_expression(ada: Person, team: dict[str, Any]) -> None:
    home = f"/v1/teams/{team['key']}/views"
    view = made(ada.post(home, {"name": "Late", "query": {"q": "is:overdue -label:later"}}))
    refused = problem(ada.post(home, {"name": "Bad", "query": {"q": "is:late"}}), 422, "invalid")

    assert view["query"] == {"q": "is:overdue -label:later"}
    assert pointers(refused) == ["/query/q"]
    assert refused["column"] == 4


def test_the_description_tells_of_it(ada: Person) -> None:
    described = ada.get("/openapi.json").json()["paths"]["/v1/tasks"]["get"]["parameters"]
    (about,) = [each for each in described if each.get("name") == "q"]

    assert about["schema"] == {"type": "string", "minLength": 1, "maxLength": 2000}
    assert "column" in about["description"]
