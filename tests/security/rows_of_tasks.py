"""Rows about tasks."""

from __future__ import annotations

from taskcore.core import Acting
from taskcore.exchange.move import Move
from taskcore.exchange.records import Record, head
from taskcore.live.place import Place
from taskcore.tasks.incoming import Incoming
from tests.security.scene import Scene, new_id
from tests.security.ways import FORBIDDEN, HIDDEN, Entry, Http, Way, wide

TEAM, TASK = ("team.read",), ("task.read",)
TASKWARRIOR = (
    '[{{"uuid": "00000000-0000-4000-8000-000000000001", "description": "New", "status": "pending"}}]'
)
EXPORTED = (
    '{{"type": "taskcore_export", "data": {{"version": 2}}}}\n{{"type": "label", "data": {{"name": "New", '
    '"id": "019a0000-0000-7000-8000-000000000001", "created_at": "2026-11-02T09:30:00Z"}}}}'
)
SEES_TEAM = ("owner", "admin", "member", "guest", "guest of nothing")

SHOWN_WHOLE = ("membership.list", "project.read", "project.list")
EDITS = (
    {"op": "edit", "id": "{task}", "title": "New"},
    {"op": "complete", "id": "{first_task}"},
)


def exported_label() -> list[Record]:
    """An export of a label alone, which no other import has brought."""
    label = {"id": str(new_id()), "name": "New", "created_at": "2026-11-02T09:30:00Z"}
    return [head(deleted=True, events=False), Record("label", label)]


async def list_expanded(me: Acting, s: Scene) -> object:
    found = await me.tasks.list(team=str(s["team"]))
    return await me.tasks.expand(found.items, "assignee,project,labels")


async def read_expanded(me: Acting, s: Scene) -> object:
    return await me.tasks.expand([await me.tasks.get(s["task"])], "assignee,project,labels")


TASKS: dict[str, Entry] = {
    "task.create": (
        wide(
            lambda me, s: me.tasks.create(s["team"], "New"),
            Http("POST", "/v1/tasks", {"team_id": "{team}", "title": "New"}),
            ("task", "add", "New", "--team", "{team}"),
            needs=TEAM,
        ),
        wide(words=("add", "New", "--team", "{team}")),
    ),
    "task.list": (
        wide(
            lambda me, s: me.tasks.list(team=str(s["team"])),
            Http("GET", "/v1/tasks?team={team}"),
            ("task", "list", "--team", "{team}"),
        ),
        wide(
            lambda me, s: me.tasks.count(team=str(s["team"])),
            Http("GET", "/v1/tasks?team={team}&count=true"),
            ("ls", "--team", "{team}"),
        ),
        wide(
            lambda me, s: me.tasks.list(team=str(s["team"]), text="roof", sort="title"),
            Http("GET", "/v1/tasks?team={team}&text=roof&sort=title"),
            ("task", "next", "--team", "{team}"),
        ),
        wide(words=("next", "--team", "{team}")),
        wide(
            list_expanded,
            Http("GET", "/v1/tasks?team={team}&expand=assignee,project,labels"),
            needs=SHOWN_WHOLE,
        ),
        wide(
            lambda me, s: me.views.list(s["team"]),
            Http("GET", "/v1/teams/{team}/views"),
            ("view", "list", "--team", "{team}"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.views.get(s["shared_view"]),
            Http("GET", "/v1/views/{shared_view}"),
            ("view", "show", "{shared_view}"),
        ),
        wide(
            lambda me, s: me.views.get(s["own_view"]),
            Http("GET", "/v1/views/{own_view}"),
            ("view", "run", "{own_view}"),
        ),
        wide(
            lambda me, s: me.views.get(s["private_view"]),
            Http("GET", "/v1/views/{private_view}"),
            ("view", "show", "{private_view}"),
            unless=dict.fromkeys(SEES_TEAM, HIDDEN),
        ),
    ),
    "task.read": (
        Way(
            lambda me, s: me.tasks.get(s["task"]),
            Http("GET", "/v1/tasks/{task}"),
            ("task", "show", "{task}"),
        ),
        Way(lambda me, s: me.presence.look(Place(), s["task"])),
        Way(
            lambda me, s: me.tasks.get(s["binned_task"], deleted=True),
            Http("GET", "/v1/tasks/{binned_task}?deleted=true"),
            ("task", "show", "{binned_task}", "--deleted"),
        ),
        Way(
            lambda me, s: me.reminders.list(s["task"]),
            Http("GET", "/v1/tasks/{task}/reminders"),
            ("task", "reminders", "{task}"),
        ),
        Way(
            lambda me, s: me.dependencies.list(s["task"]),
            Http("GET", "/v1/tasks/{task}/dependencies"),
            ("task", "dependencies", "{task}"),
        ),
        Way(lambda me, s: me.followers.list(s["task"]), Http("GET", "/v1/tasks/{task}/followers")),
        Way(http=Http("GET", "/v1/tasks/{task}/followers/{other_admin}")),
        Way(
            read_expanded,
            Http("GET", "/v1/tasks/{task}?expand=assignee,project,labels"),
            needs=SHOWN_WHOLE,
        ),
    ),
    "task.update_own": (
        Way(
            lambda me, s: me.tasks.edit(s["own_task"], title="New"),
            Http("PATCH", "/v1/tasks/{own_task}", {"title": "New"}),
            ("task", "edit", "{own_task}", "--title", "New"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.tasks.complete(s["own_task"]),
            Http("PATCH", "/v1/tasks/{own_task}?force=true", {"status": "done"}),
            ("done", "{own_task}"),
            needs=TASK,
        ),
    ),
    "task.update_other": (
        Way(
            lambda me, s: me.tasks.edit(s["task"], title="New"),
            Http("PATCH", "/v1/tasks/{task}", {"title": "New"}),
            ("task", "edit", "{task}", "--title", "New"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.tasks.complete(s["first_task"]),
            words=("task", "done", "{first_task}"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.tasks.start(s["task"]),
            words=("task", "start", "{task}"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.tasks.cancel(s["task"]),
            words=("task", "cancel", "{task}"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.tasks.reopen(s["finished_task"]),
            words=("task", "reopen", "{finished_task}"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.tasks.edit(s["task"], labels=[s.things["label"].name]),
            words=("task", "label", "{task}", "{label_name}"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.tasks.move(s["task"], after=s["first_task"]),
            words=("task", "move", "{task}", "--after", "{first_task}"),
            needs=(*TASK, "task.list"),
        ),
    ),
    "task.bulk": (
        Way(
            lambda me, s: me.batches.run(
                [{"op": "edit", "id": s["task"], "title": "New"}, {"op": "complete", "id": s["first_task"]}],
                atomic=True,
            ),
            Http("POST", "/v1/tasks/batch", {"operations": [*EDITS], "atomic": True}),
            needs=(*TASK, "task.update_other"),
        ),
        Way(
            http=Http(
                "POST",
                "/v1/tasks/batch",
                {
                    "operations": [
                        {"op": "edit", "id": "{own_task}", "title": "New"},
                        {"op": "assign", "id": "{task}", "assignee_id": "{other_member}"},
                        {"op": "move", "id": "{task}", "project_id": "{own_project}"},
                        {"op": "restore", "id": "{own_binned_task}"},
                        {"op": "create", "team_id": "{team}", "title": "New"},
                        {"op": "delete", "id": "{own_task}"},
                    ],
                    "atomic": True,
                },
            ),
            needs=(
                *("team.read", "task.read", "task.create", "task.update_own", "task.update_other"),
                *("task.assign", "task.move_project", "task.restore", "task.delete_own"),
            ),
        ),
        Way(
            http=Http(
                "POST",
                "/v1/tasks/batch",
                {"operations": [{"op": "delete", "id": "{task}"}], "atomic": True},
            ),
            needs=(*TASK, "task.delete_other"),
            unless={"member": FORBIDDEN},  # each item is judged as it is alone
        ),
    ),
    "task.claim": (
        wide(
            lambda me, s: me.tasks.claim(s["team"]),
            Http("POST", "/v1/tasks/claim", {"team_id": "{team}"}),
            ("task", "claim", "--team", "{team}"),
            needs=TEAM,
        ),
    ),
    "task.assign": (
        Way(
            lambda me, s: me.tasks.assign(s["task"], s["other_member"]),
            Http("PATCH", "/v1/tasks/{task}", {"assignee_id": "{other_member}"}),
            ("task", "assign", "{task}", "{other_member_email}"),
            needs=(*TASK, "task.update_other"),
        ),
    ),
    "task.move_project": (
        Way(
            lambda me, s: me.tasks.move(s["task"], project_id=s["own_project"]),
            Http("PATCH", "/v1/tasks/{task}", {"project_id": "{own_project}"}),
            ("task", "move", "{task}", "--project", "{own_project}"),
            needs=(*TASK, "task.update_other", "task.create"),
        ),
    ),
    "task.delete_own": (
        Way(
            lambda me, s: me.tasks.delete(s["own_task"]),
            Http("DELETE", "/v1/tasks/{own_task}"),
            ("task", "rm", "{own_task}"),
            needs=TASK,
        ),
        Way(http=Http("DELETE", "/v2/tasks/{own_task}"), needs=TASK),
    ),
    "task.delete_other": (
        Way(
            lambda me, s: me.tasks.delete(s["task"]),
            Http("DELETE", "/v1/tasks/{task}"),
            ("task", "rm", "{task}"),
            needs=TASK,
        ),
        Way(http=Http("DELETE", "/v2/tasks/{task}"), needs=TASK),
    ),
    "task.restore": (
        Way(
            lambda me, s: me.tasks.restore(s["own_binned_task"]),
            Http("POST", "/v1/tasks/{own_binned_task}/restore"),
            ("task", "restore", "{own_binned_task}"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.tasks.restore(s["binned_task"]),
            Http("POST", "/v1/tasks/{binned_task}/restore"),
            ("task", "restore", "{binned_task}"),
            needs=TASK,
            own=False,
        ),
    ),
    "task.purge": (
        Way(
            lambda me, s: me.tasks.purge(s["binned_task"]),
            Http("POST", "/v1/tasks/{binned_task}/purge"),
            ("task", "purge", "{binned_task}", "--yes"),
            needs=TASK,
        ),
    ),
    "task.watch": (
        Way(
            lambda me, s: me.followers.add(s["own_task"], s["me"]),
            Http("PUT", "/v1/tasks/{own_task}/followers/me"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.followers.remove(s["task"], s["me"]),
            Http("DELETE", "/v1/tasks/{task}/followers/me"),
            needs=TASK,
        ),
    ),
    "follower.manage": (
        Way(
            lambda me, s: me.followers.add(s["task"], s["other_member"]),
            Http("PUT", "/v1/tasks/{task}/followers/{other_member}"),
            needs=TASK,
            unless={"guest": FORBIDDEN},  # others are added by members
        ),
        Way(
            lambda me, s: me.followers.remove(s["task"], s["other_admin"]),
            Http("DELETE", "/v1/tasks/{task}/followers/{other_admin}"),
            needs=TASK,
            unless={"guest": FORBIDDEN},
        ),
    ),
    "dependency.manage": (
        Way(
            lambda me, s: me.dependencies.put(s["own_task"], s["first_task"]),
            Http("PUT", "/v1/tasks/{own_task}/dependencies/{first_task}"),
            ("task", "link", "{own_task}", "{first_task}"),
            needs=TASK,
        ),
        Way(lambda me, s: me.dependencies.link(s["own_task"], s["first_task"]), needs=TASK),
        Way(
            lambda me, s: me.dependencies.unlink(s["task"], s["first_task"]),
            Http("DELETE", "/v1/tasks/{task}/dependencies/{first_task}"),
            ("task", "unlink", "{task}", "{first_task}"),
            needs=TASK,
        ),
    ),
    "realtime.subscribe_team": (
        wide(http=Http("GET", "/v1/teams/{team}/events", stream=True), needs=TEAM),
        Way(
            http=Http("GET", "/v1/teams/{team}/events?project={project}&task={task}", stream=True),
            needs=(*TEAM, "project.read", *TASK),
        ),
    ),
    "event.read": (
        wide(
            lambda me, s: me.events.list(s["team"]),
            Http("GET", "/v1/teams/{team}/events"),
            ("event", "list", "--team", "{team}"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.events.count(s["team"]),
            Http("GET", "/v1/teams/{team}/events?count=true"),
            needs=TEAM,
        ),
        Way(
            lambda me, s: me.events.list(s["team"], project=s["project"], task=s["task"]),
            Http("GET", "/v1/teams/{team}/events?project={project}&task={task}"),
            needs=(*TEAM, "project.read", *TASK),
        ),
        Way(
            lambda me, s: me.events.count_activity(s["task"]),
            Http("GET", "/v1/tasks/{task}/activity?count=true"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.events.activity(s["task"]),
            Http("GET", "/v1/tasks/{task}/activity"),
            ("task", "activity", "{task}"),
            needs=TASK,
        ),
    ),
    "import.run": (
        wide(
            lambda me, s: me.imports.run(s["team"], [Incoming(1, "taskwarrior", "a", "New")]),
            words=("task", "import", "-", "--team", "{team}"),
            typed=TASKWARRIOR,
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.imports.take_chunk(s["team"], [Incoming(1, "taskwarrior", "a", "New")]),
            words=("import", "-", "--team", "{team}"),
            typed=TASKWARRIOR,
            needs=TEAM,
        ),
        wide(lambda me, s: me.imports.tie_chunk(s["team"], []), needs=TEAM, idle=True),
        wide(
            lambda me, s: me.restores.run(s["team"], exported_label()),
            Http("POST", "/v1/teams/{team}/imports", form={"file": EXPORTED, "format": "ndjson"}),
            words=("import", "-", "--format", "ndjson", "--team", "{team}"),
            typed=EXPORTED,
            needs=(*TEAM, "event.read"),
        ),
        wide(
            lambda me, s: me.restores.take_chunk(Move(s.things["team"]), "label", exported_label()[1:]),
            needs=(*TEAM, "event.read"),
        ),
    ),
}
