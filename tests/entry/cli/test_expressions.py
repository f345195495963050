"""`--q`: one expression on the command line, with people and projects by their names."""

from __future__ import annotations

from datetime import date

import pytest

from tests.entry.cli.conftest import ADA, BOB, PASSWORD, Taskcore, opened


def titles(taskcore: Taskcore, *words: str) -> list[str]:
    return [task["title"] for task in taskcore.json("--as", ADA, *words, "--sort", "number")["items"]]


@pytest.fixture
def filled(taskcore: Taskcore) -> Taskcore:
    with opened(taskcore) as core:
        bob, ada = core.users.register(BOB, name="Bob", password=PASSWORD), core.users.find(ADA)
        me = core.acting_as(ada.id)
        _, token = me.invitations.create("PLAT", BOB)
        core.acting_as(bob.id).invitations.accept(token)
        launch = me.projects.create("PLAT", "Big Launch")
        me.tasks.create("PLAT", "Login page", project_id=launch.id)
        me.tasks.create("PLAT", "Other page", assignee_id=bob.id)
        me.tasks.create("PLAT", "Late", due_on=date(2020, 1, 1), assignee_id=ada.id)
    return taskcore


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("page -assignee:none", ["Other page"]),
        ("-assignee:me", ["Login page", "Other page"]),
        (f"assignee:{BOB} or assignee:{ADA},none is:overdue", ["Other page", "Late"]),
        ('project:"Big Launch"', ["Login page"]),
        ("due<today-1w", ["Late"]),
    ],
)
def test_tasks_are_listed_by_an_expression(filled: Taskcore, expression: str, expected: list[str]) -> None:
    assert titles(filled, "task", "list", "--q", expression) == expected
    assert titles(filled, "ls", "--q", expression) == expected


def test_an_expression_holds_together_with_the_other_options(filled: Taskcore) -> None:
    assert titles(filled, "ls", "--q", "page or late", "--assignee", "me") == ["Late"]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("stat:open", "unknown field 'stat' at column 1; did you mean status?"),
        ("page (late", "the parenthesis at column 6 is never closed"),
        ("due<soon", "at column 5"),
    ],
)
def test_a_fault_is_told_in_one_line_with_its_column(filled: Taskcore, expression: str, said: str) -> None:
    told = filled("--as", ADA, "ls", "--q", expression, exits=2).stderr

    assert said in told
    assert len(told.splitlines()) == 1


def test_somebody_whom_nobody_knows_is_told_of(filled: Taskcore) -> None:
    assert (
        "nobody@example.org"
        in filled("--as", ADA, "ls", "--q", "assignee:nobody@example.org", exits=3).stderr
    )


def test_a_view_keeps_an_expression_and_a_run_adds_to_it(filled: Taskcore) -> None:
    view = filled.json("--as", ADA, "view", "add", "Pages", "--q", "page or late")

    assert view["query"]["q"] == "page or late"
    assert titles(filled, "view", "run", "Pages") == ["Login page", "Other page", "Late"]
    assert titles(filled, "view", "run", "Pages", "--q", f"assignee:{BOB} or assignee:none") == [
        "Login page",
        "Other page",
    ]
