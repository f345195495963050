"""What somebody writes against the Python client that was generated from the description; checked by mypy too."""

import sys
from datetime import date

from taskcore_client import AuthenticatedClient, Client
from taskcore_client.api.auth import log_in, sign_up
from taskcore_client.api.tasks import create_task, delete_task, edit_task, list_tasks, read_task
from taskcore_client.api.teams import create_team
from taskcore_client.models import (
    ListTasksSortItem,
    Login,
    NewTask,
    NewTeam,
    Priority,
    Problem,
    Signed,
    Signup,
    Status,
    Task,
    TaskChange,
    TaskPage,
    Team,
)

PASSWORD = "correct horse battery"


def signed_in(address: str) -> AuthenticatedClient:
    anybody = Client(base_url=address, raise_on_unexpected_status=True)
    account = Signup(email="py@example.org", name="Py", password=PASSWORD)
    assert isinstance(sign_up.sync(client=anybody, body=account), Signed)
    signed = log_in.sync(client=anybody, body=Login(email="py@example.org", password=PASSWORD))
    assert isinstance(signed, Signed)
    return AuthenticatedClient(base_url=address, token=signed.access_token, raise_on_unexpected_status=True)


def made(client: AuthenticatedClient, team: Team, title: str) -> Task:
    new = NewTask(team_id=str(team.id), title=title, due_on=date(2026, 12, 1), priority=Priority.HIGH)
    task = create_task.sync(client=client, body=new, idempotency_key=title)
    assert isinstance(task, Task)
    return task


def walked(client: AuthenticatedClient, team: Team) -> list[str]:
    found: list[str] = []
    page = list_tasks.sync(client=client, team=[team.key], sort=[ListTasksSortItem.NUMBER], limit=2)
    while isinstance(page, TaskPage):
        found += [task.title for task in page.items]
        if page.next_cursor is None:
            return found
        page = list_tasks.sync(
            client=client, team=[team.key], sort=[ListTasksSortItem.NUMBER], limit=2, cursor=page.next_cursor
        )
    raise AssertionError(page)


def main(address: str) -> None:
    client = signed_in(address)
    team = create_team.sync(client=client, body=NewTeam(name="Python", key="PY"))
    assert isinstance(team, Team)
    tasks = [made(client, team, title) for title in ("one", "two", "three")]
    again = made(client, team, "three")
    assert (again.id, again.due_on) == (tasks[2].id, date(2026, 12, 1))
    assert walked(client, team) == ["one", "two", "three"]

    read = read_task.sync_detailed(tasks[0].key, client=client)
    etag, started = read.headers["etag"], TaskChange(status=Status.IN_PROGRESS, due_on=None)
    changed = edit_task.sync(tasks[0].key, client=client, body=started, if_match=etag)
    assert isinstance(changed, Task)
    assert (changed.status, changed.due_on, changed.version) == (Status.IN_PROGRESS, None, 2)

    stale = edit_task.sync(tasks[0].key, client=client, body=started, if_match=etag)
    assert isinstance(stale, Problem)
    assert (stale.status, stale.code, stale["version"]) == (412, "version_conflict", 2)
    refused = edit_task.sync(tasks[0].key, client=client, body=TaskChange(title=" "))
    assert isinstance(refused, Problem)
    assert refused.errors is not None
    assert [each.pointer for each in refused.errors or []] == ["/title"]
    assert delete_task.sync_detailed(tasks[0].key, client=client).status_code == 204
    print("used")


main(sys.argv[1])
