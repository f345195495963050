"""What is asked of the million: every filter alone within one team, every order, pages far down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs

from bench.million import MEMBERS, NOW, TEAMS, project_id, task_id, team_id, team_key, user_id
from taskcore.caller import Caller, Outside
from taskcore.permissions import Actor, Standing
from taskcore.ports import Found, TaskSearch
from taskcore.query import SORTS, task_query
from taskcore.system import uuid7_ids
from taskcore.tasks import listing
from taskcore.values import Priority, Role, Status, TeamId, UserId

TEAM = 7
MEMBER = UserId(UUID(user_id(TEAM, 3)))
GUEST = UserId(UUID(user_id(TEAM, MEMBERS - 1)))


@attrs.frozen
class Question:
    """A search, and how far down its list the page lies."""

    name: str
    search: TaskSearch
    depth: int = 0
    ordered: bool = False
    """Whether an index has the order asked for, of just the rows asked for."""


class _Recorder:
    """A store that only hears what it is asked."""

    suspends = False

    def __init__(self) -> None:
        self.heard: list[TaskSearch] = []

    def rows(self, *_: object) -> _Recorder:
        return self

    async def search(self, search: TaskSearch) -> Found:
        self.heard.append(search)
        standing = Standing(search.scope.actor, TeamId(UUID(team_id(TEAM))), Role.MEMBER)
        return Found(active=True, standings=dict.fromkeys(search.teams, standing), items=[])


def asked(user: UserId, **fields: Any) -> TaskSearch:
    """The search that the core makes of a query."""
    store: Any = _Recorder()
    unasked: Any = None
    outside = Outside(store, lambda: NOW, uuid7_ids(), *[unasked] * 10)
    asking = listing.page(Caller(Actor(user), outside), task_query(fields))
    try:
        asking.send(None)
    except StopIteration:
        heard: TaskSearch = store.heard[0]
        return heard
    raise AssertionError("a list waits for nothing but its store")


def questions(tasks: int) -> Iterator[Question]:
    """All of them, for a store with so many tasks."""
    one = {"team": team_id(TEAM)}
    for name, fields in _filters(tasks).items():
        yield Question(name, asked(MEMBER, **one, **fields), ordered=name in _ORDERED)
    for sort in SORTS:
        for direction in ("", "-"):
            search = asked(MEMBER, **one, sort=direction + sort)
            yield Question(f"sort {direction}{sort}", search, ordered=True)
            deep = tasks // TEAMS * 9 // 10
            # Of the last of five priorities so few are expected that they may be fetched at once and sorted.
            ordered = sort != "priority"
            yield Question(f"sort {direction}{sort}, at 90 %", search, depth=deep, ordered=ordered)
    yield Question("sort by three", asked(MEMBER, **one, sort="-priority,due_at,title"))
    yield Question("team by slug", asked(MEMBER, team=f"team-{TEAM}"))
    yield Question("team by key", asked(MEMBER, team=team_key(TEAM)))
    yield Question("all my teams", asked(MEMBER))
    yield Question("as a guest", asked(GUEST, **one))
    yield Question("my open tasks by due date", asked(MEMBER, **one, **_MINE, sort="due_at"))
    yield Question("open tasks, 50 % down", asked(MEMBER, **one, status="open"), depth=tasks // TEAMS // 10)


_ORDERED = {
    "nothing but the team",
    "status open",
    "assignee",
    "created_by",
    "project",
    "parent",
    "created_after lately",
}
_MINE: dict[str, Any] = {"assignee": "me", "status": "backlog,open,in_progress,in_review"}


def _filters(tasks: int) -> dict[str, dict[str, Any]]:
    """Each field of a query alone, in its usual and its rare values."""
    some = task_id(tasks // 2 // TEAMS * TEAMS + TEAM)
    found: dict[str, dict[str, Any]] = {"nothing but the team": {}}
    found |= {f"status {status}": {"status": status} for status in Status}
    found["status, four of them"] = {"status": _MINE["status"]}
    found |= {f"priority {priority}": {"priority": priority} for priority in Priority}
    for field, person in (("assignee", 4), ("created_by", 4), ("follower", 4)):
        found[field] = {field: user_id(TEAM, person)}
        found[f"{field}, two"] = {field: [user_id(TEAM, person), user_id(TEAM, person + 1)]}
        found[f"{field} none"] = {field: "none"}
        found[f"{field} of another team"] = {field: user_id(TEAM + 1, person)}
    found["project"] = {"project": project_id(TEAM, 3)}
    found["project none"] = {"project": "none"}
    found["project of another team"] = {"project": project_id(TEAM + 1, 3)}
    found["label"] = {"label": "label-3"}
    found["label, two"] = {"label": "label-3,label-4"}
    found["label that is not"] = {"label": "no-such-label"}
    found["parent"] = {"parent": some}
    found["parent by key"] = {"parent": f"{team_key(TEAM)}-{tasks // 400 + 1}"}
    found["parent none"] = {"parent": "none"}
    for field in ("due", "created", "updated", "completed"):
        for days, when in ((2, "lately"), (500, "long ago")):
            day = NOW - timedelta(days=days)
            found[f"{field}_after {when}"] = {f"{field}_after": day}
            found[f"{field}_before {when}"] = {f"{field}_before": day}
    for field in ("overdue", "blocked", "deleted"):
        found |= {f"{field} {value}".lower(): {field: value} for value in (True, False)}
    found["text, rare"] = {"text": "zeppelin"}
    found["text, common"] = {"text": "invoice"}
    found["text, two letters"] = {"text": "ze"}
    found["text, nowhere"] = {"text": "no such words"}
    found["text, rare and common"] = {"text": "invoice zeppelin"}
    found["text, in a comment"] = {"text": "quagmire"}
    found["text, common, by date"] = {"text": "invoice", "sort": "-created_at"}
    found["text, two letters, by date"] = {"text": "ze", "sort": "-created_at"}
    found["q, fields"] = {"q": "status:open (assignee:me or assignee:none) due<now+7d"}
    found["q, not"] = {"q": "-assignee:me -label:label-3 -due<now"}
    found["q, or"] = {"q": "is:overdue or label:label-3,label-4 or follower:me or priority:urgent"}
    found["q, or of texts"] = {"q": "zeppelin or (invoice -is:blocked)"}
    return found
