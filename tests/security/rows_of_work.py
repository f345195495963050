"""Rows about a team's work: projects, labels, tasks, and what is said of them."""

from __future__ import annotations

from taskcore.live.place import Place
from tests.security.ways import FORBIDDEN, HIDDEN, Entry, Http, Way, wide

TEAM, PROJECT, TASK, COMMENT = ("team.read",), ("project.read",), ("task.read",), ("comment.read",)
VIEW = ("task.list",)
SEES_TEAM = ("owner", "admin", "member", "guest", "guest of nothing")
LEAST = dict.fromkeys(("member", "guest", "guest of nothing"), FORBIDDEN)

PROJECTS: dict[str, Entry] = {
    "project.create": (
        wide(
            lambda me, s: me.projects.create(s["team"], "New"),
            Http("POST", "/v1/teams/{team}/projects", {"name": "New"}),
            ("project", "add", "New", "--team", "{team}"),
            needs=TEAM,
        ),
    ),
    "project.list": (
        wide(
            lambda me, s: me.projects.list(s["team"]),
            Http("GET", "/v1/teams/{team}/projects"),
            ("project", "list", "--team", "{team}"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.labels.list(s["team"]),
            Http("GET", "/v1/teams/{team}/labels"),
            ("label", "list", "--team", "{team}"),
            needs=TEAM,
        ),
        wide(lambda me, s: me.labels.get(s["label"]), Http("GET", "/v1/labels/{label}")),
    ),
    "project.read": (
        Way(
            lambda me, s: me.projects.get(s["project"]),
            Http("GET", "/v1/projects/{project}"),
            ("project", "show", "{project}"),
        ),
    ),
    "project.update": (
        Way(
            lambda me, s: me.projects.edit(s["project"], name="New"),
            Http("PATCH", "/v1/projects/{project}", {"name": "New"}),
            ("project", "edit", "{project}", "--name", "New"),
            needs=PROJECT,
        ),
    ),
    "project.archive": (
        Way(
            lambda me, s: me.projects.edit(s["own_project"], archived=True),
            Http("PATCH", "/v1/projects/{own_project}", {"archived": True}),
            ("project", "edit", "{own_project}", "--archive"),
            needs=PROJECT,
        ),
        Way(
            lambda me, s: me.projects.edit(s["project"], archived=True),
            Http("PATCH", "/v1/projects/{project}", {"archived": True}),
            ("project", "edit", "{project}", "--archive"),
            needs=PROJECT,
            own=False,
        ),
    ),
    "project.delete": (
        Way(
            lambda me, s: me.projects.delete(s["own_project"]),
            Http("DELETE", "/v1/projects/{own_project}"),
            ("project", "rm", "{own_project}"),
            needs=PROJECT,
        ),
    ),
    "project.share_with_guest": (
        Way(
            lambda me, s: me.projects.share(s["project"], s["lone_guest"]),
            Http("PUT", "/v1/projects/{project}/guests/{lone_guest}"),
            ("project", "share", "{project}", "{lone_guest_email}"),
            needs=PROJECT,
        ),
        Way(
            lambda me, s: me.projects.unshare(s["project"], s["other_guest"]),
            Http("DELETE", "/v1/projects/{project}/guests/{other_guest}"),
            ("project", "share", "{project}", "{other_guest_email}", "--stop"),
            needs=PROJECT,
        ),
    ),
    "label.manage": (
        wide(
            lambda me, s: me.labels.create(s["team"], "new"),
            Http("POST", "/v1/teams/{team}/labels", {"name": "new"}),
            ("label", "add", "new", "--team", "{team}"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.labels.edit(s["label"], name="new"),
            Http("PATCH", "/v1/labels/{label}", {"name": "new"}),
            ("label", "edit", "{label}", "--name", "new", "--team", "{team}"),
            needs=("project.list",),
        ),
        wide(
            lambda me, s: me.labels.delete(s["label"]),
            Http("DELETE", "/v1/labels/{label}"),
            ("label", "rm", "{label}", "--team", "{team}"),
            needs=("project.list",),
        ),
    ),
    "view.manage_own": (
        wide(
            lambda me, s: me.views.create(s["team"], "New"),
            Http("POST", "/v1/teams/{team}/views", {"name": "New"}),
            ("view", "add", "New", "--team", "{team}"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.views.edit(s["own_view"], name="New"),
            Http("PATCH", "/v1/views/{own_view}", {"name": "New"}),
            needs=VIEW,
        ),
        wide(
            lambda me, s: me.views.edit(s["shared_view"], name="New"),
            Http("PATCH", "/v1/views/{shared_view}", {"name": "New"}),
            needs=VIEW,
            unless=LEAST,
        ),
        wide(
            lambda me, s: me.views.delete(s["own_view"]),
            Http("DELETE", "/v1/views/{own_view}"),
            ("view", "rm", "{own_view}"),
            needs=VIEW,
        ),
        wide(
            lambda me, s: me.views.delete(s["shared_view"]),
            Http("DELETE", "/v1/views/{shared_view}"),
            ("view", "rm", "{shared_view}"),
            needs=VIEW,
            unless=LEAST,
        ),
        wide(
            lambda me, s: me.views.delete(s["private_view"]),
            Http("DELETE", "/v1/views/{private_view}"),
            ("view", "rm", "{private_view}"),
            needs=VIEW,
            unless=dict.fromkeys(SEES_TEAM, HIDDEN),
        ),
    ),
}

COMMENTS: dict[str, Entry] = {
    "comment.create": (
        Way(
            lambda me, s: me.comments.create(s["task"], "New"),
            Http("POST", "/v1/tasks/{task}/comments", {"body": "New"}),
            ("task", "comment", "{task}", "New"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.presence.type(Place(), s["task"]), needs=TASK, idle=True
        ),  # it is told, not kept
    ),
    "comment.read": (
        Way(
            lambda me, s: me.comments.list(s["task"]),
            Http("GET", "/v1/tasks/{task}/comments"),
            ("task", "comments", "{task}"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.comments.mark_read(s["task"]),
            Http("PUT", "/v1/tasks/{task}/read", {}),
            ("task", "read", "{task}"),
            needs=TASK,
            marks=True,
        ),
        Way(
            lambda me, s: me.comments.read_state(s["task"]),
            Http("GET", "/v1/tasks/{task}/read"),
            needs=TASK,
        ),
        Way(lambda me, s: me.comments.unread_of(s["task"]), needs=TASK),
        Way(lambda me, s: me.presence.read(Place(), s["task"]), needs=TASK, marks=True),
        wide(
            lambda me, s: me.comments.unread(s["team"]),
            Http("GET", "/v1/teams/{team}/unread"),
            ("task", "unread", "--team", "{team}"),
            needs=TEAM,
        ),
    ),
    "comment.update_own": (
        Way(
            lambda me, s: me.comments.edit(s["own_comment"], "New"),
            Http("PATCH", "/v1/comments/{own_comment}", {"body": "New"}),
            needs=COMMENT,
        ),
    ),
    "comment.update_other": (
        Way(
            lambda me, s: me.comments.edit(s["comment"], "New"),
            Http("PATCH", "/v1/comments/{comment}", {"body": "New"}),
            needs=COMMENT,
        ),
    ),
    "comment.delete_own": (
        Way(
            lambda me, s: me.comments.delete(s["own_comment"]),
            Http("DELETE", "/v1/comments/{own_comment}"),
            needs=COMMENT,
        ),
    ),
    "comment.delete_other": (
        Way(
            lambda me, s: me.comments.delete(s["comment"]),
            Http("DELETE", "/v1/comments/{comment}"),
            needs=COMMENT,
        ),
    ),
}

REMINDERS: dict[str, Entry] = {
    "reminder.manage_own": (
        Way(
            lambda me, s: me.reminders.add(s["task"]),
            Http("POST", "/v1/tasks/{task}/reminders", {}),
            ("task", "remind", "{task}"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.reminders.remove(s["task"], s["own_reminder"]),
            Http("DELETE", "/v1/tasks/{task}/reminders/{own_reminder}"),
            ("task", "unremind", "{task}", "{own_reminder}"),
            needs=TASK,
        ),
        Way(
            lambda me, s: me.reminders.remove(s["task"], s["other_reminder"]),
            Http("DELETE", "/v1/tasks/{task}/reminders/{other_reminder}"),
            ("task", "unremind", "{task}", "{other_reminder}"),
            needs=TASK,
            unless=dict.fromkeys(SEES_TEAM, HIDDEN),
        ),
    ),
}

REPORTED = (*TEAM, "task.list", "membership.list")
PLANS: dict[str, Entry] = {
    "schedule.read": (
        wide(
            lambda me, s: me.schedule.get(s["team"]),
            Http("GET", "/v1/teams/{team}/schedule"),
            ("schedule", "show", "--team", "{team}"),
            needs=TEAM,
        ),
        Way(words=("schedule", "why", "{task}", "--team", "{team}"), needs=(*TEAM, "task.read")),
        *(
            wide(http=Http("GET", f"/v1/teams/{{team}}/schedule.{form}"), needs=TEAM)
            for form in ("svg", "html", "csv", "ics")
        ),
        wide(
            lambda me, s: me.reports.make(s["team"]),
            words=("team", "report", "{team}", "--out", "-"),
            needs=REPORTED,
        ),
        wide(
            lambda me, s: me.reports.status(s["team"]),
            Http("POST", "/v1/teams/{team}/reports", {}),
            needs=REPORTED,
            marks=True,
        ),
    ),
    "schedule.plan": (
        wide(
            lambda me, s: me.schedule.plan(s["team"]),
            Http("POST", "/v1/teams/{team}/schedule/plan", {}),
            ("schedule", "plan", "--team", "{team}"),
            needs=TEAM,
            idle=True,
        ),
    ),
    "schedule.apply": (
        wide(
            lambda me, s: me.schedule.plan(s["team"], apply=True),
            Http("POST", "/v1/teams/{team}/schedule/plan", {"apply": True}),
            ("schedule", "plan", "--apply", "--team", "{team}"),
            needs=(*TEAM, "schedule.plan"),
        ),
    ),
}
