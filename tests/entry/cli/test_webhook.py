"""`taskcore webhook` on a store of one's own: what people see, and when a secret is shown."""

from __future__ import annotations

from tests.entry.cli.conftest import Taskcore

URL = "https://hooks.example.org/a?b=c"
INSIDE = "http://10.0.0.7:5678/hook"


def test_a_secret_is_printed_once_and_alone_where_that_is_asked_for(taskcore: Taskcore) -> None:
    made = taskcore.json("webhook", "create", URL, "--kind", "task.*,comment.created")
    rotated = taskcore("webhook", "rotate", made["id"], "--quiet").stdout.strip()
    shown = taskcore("webhook", "show", made["id"]).stdout

    assert made["secret"].startswith("whsec_")
    assert rotated.startswith("whsec_")
    assert rotated != made["secret"]
    assert "secret" not in shown
    assert [line.split(maxsplit=1)[1] for line in shown.splitlines()[:3]] == [
        URL,
        "task.*, comment.created",
        "full",
    ]


def test_what_is_only_tried_has_no_secret(taskcore: Taskcore) -> None:
    tried = taskcore.json("webhook", "create", URL, "--dry-run")

    assert tried["secret"] is None
    assert taskcore("webhook", "create", URL, "--dry-run", "--quiet").stdout == ""
    assert taskcore.json("webhook", "list")["items"] == []


def test_people_see_what_became_of_each_delivery(taskcore: Taskcore) -> None:
    webhook = taskcore.json("webhook", "create", URL)["id"]
    taskcore("webhook", "test", webhook)
    heading, row = taskcore("webhook", "deliveries", webhook).stdout.splitlines()

    assert heading.split() == ["AT", "KIND", "STATUS", "ATTEMPTS", "NEXT", "ID"]
    assert row.split()[2:5] == ["webhook.test", "pending", "0"]


def test_a_webhook_goes_inside_where_the_settings_allow_it(taskcore: Taskcore) -> None:
    refused = taskcore("webhook", "create", INSIDE, exits=2)
    made = taskcore("webhook", "create", INSIDE, TASKCORE_WEBHOOK_NETWORKS="10.0.0.0/8")

    assert "must begin with https://" in refused.stderr
    assert INSIDE in made.stdout
