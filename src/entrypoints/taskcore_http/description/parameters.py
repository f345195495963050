"""What stands in a path and in a query."""

from __future__ import annotations

import re
from collections.abc import Mapping

from taskcore.delivery.inbox import Reason
from taskcore.delivery.model import DeliveryStatus
from taskcore.exchange.files import EXPORTS
from taskcore.expression.parser import MAX_CHARACTERS
from taskcore.jobs.model import JobState
from taskcore.query import BOUNDS, MAX_LIMIT, RELEVANCE, SEVERAL, SORTED_BY
from taskcore.teams.calendars import MOST_DAYS
from taskcore_http.description.bounds import DAY_OR_INSTANT, ID, ITEMS, JOB_KIND, WORD, WORD_OF_SEVERAL
from taskcore_http.description.schema import Schema

_PATH_PARAMETER = re.compile(r"{(\w+):\w+}")
_SAYS: Mapping[str, str] = {
    "link": "What the link in a mail ends with.",
    "limit": f"How many at most, 1 to {MAX_LIMIT}.",
    "cursor": "`next_cursor` of the page before; good only with the same filter and sort.",
    "after": "The `seq` of the last event that you know.",
    "format": "json or ndjson for all of it, csv for the tasks.",
    "events": "Whether the log is in it; not with csv.",
    "count": "Whether to add `total`: how many there are on all pages.",
    "deleted": "Whether to look in the trash.",
    "force": "Whether to finish a task that is blocked or has unfinished subtasks.",
    "team": "Id, slug or key.",
    "project": "Id, or `none`.",
    "assignee": "Id, `me` or `none`.",
    "created_by": "Id or `me`.",
    "follower": "Id, `me` or `none`.",
    "label": "Name.",
    "parent": "Id or key, or `none` for what is no subtask.",
    "overdue": "Whether it is late.",
    "blocked": "Whether a predecessor stands in the way.",
    "unread": "Whether those alone that you have not read.",
    "reason": "Why you were told.",
    "expand": "Some of `assignee`, `project` and `labels`, to be given whole.",
    "text": "Words, and phrases in double quotes, each somewhere in title, description or a comment.",
    "q": "One expression over these fields, such as "
    '`status:open (assignee:me or assignee:none) due<now+7d "login page"`; terms side by side all hold. '
    "It is held together with the other parameters. A fault names its `column`.",
    "kind": "A kind of jobs, such as `mail.send`.",
    "kinds": "Kinds of events, such as `task.created`, or `task.*` for all about tasks.",
    "sort": f"Up to three of {', '.join(SORTED_BY)}; `-` first for descending. Without it the newest are "
    f"first; by `-{RELEVANCE},-created_at` where `text` or `q` looks for a text, which `{RELEVANCE}` wants.",
    "from": f"The first day whose working time is wanted; at most {MOST_DAYS} with the last.",
    "to": "The last day, itself included.",
    "task": "Id or key, such as `PLAT-42`.",
    "predecessor": "Id or key of the task that comes before.",
    "user": "Id, or `me`.",
}
_REFERENCES = ("task", "predecessor", "team", "user", "link")
"""Parameters of a path that take more than an id."""
CURSOR: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}
_SINGLE: Mapping[str, Schema] = {
    **{
        name: {"type": "boolean"}
        for name in ("unread", "events", "overdue", "blocked", "deleted", "count", "force")
    },
    "cursor": CURSOR,
    **{name: {"type": "string", "format": "date"} for name in ("from", "to")},
    "format": {"type": "string", "enum": list(EXPORTS), "default": "json"},
    "Event.project": ID,
    "Event.task": WORD,
    "Notification.reason": {
        "type": "array",
        "minItems": 1,
        "items": {"type": "string", "enum": list(Reason)},
    },
    "Notification.team": WORD,
    "Delivery.status": {"type": "string", "enum": list(DeliveryStatus)},
    **{f"{kind}.state": {"type": "string", "enum": list(JobState)} for kind in ("JobSummary", "OwnJob")},
    **{f"{kind}.kind": JOB_KIND for kind in ("JobSummary", "OwnJob")},
    "JobSummary.team": WORD,
    "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 50},
    "q": {"type": "string", "minLength": 1, "maxLength": MAX_CHARACTERS},
    "after": {"type": "integer", "minimum": 0, "maximum": 10**15 - 1},
    "kinds": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "string",
            "pattern": r"^[a-z]+\.([a-z_]+|\*)$",
            "examples": ["task.created", "task.*"],
        },
    },
    **dict.fromkeys(BOUNDS, DAY_OR_INSTANT),
}


def plain_path(path: str) -> str:
    """A route's path as OpenAPI writes it."""
    return _PATH_PARAMETER.sub(r"{\1}", path)


def names_in(path: str) -> list[str]:
    """The parameters of a route's path."""
    return _PATH_PARAMETER.findall(path)


def path_parameters(path: str) -> list[Schema]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1} if name in _REFERENCES else ID,
            "description": _SAYS.get(name, "Id."),
        }
        for name in names_in(path)
    ]


def query_parameter(name: str, of: str = "") -> Schema:
    """`of`: what is listed, of which a parameter's name may say something else than of tasks."""
    known = _SINGLE.get(f"{of}.{name}")
    described: Schema = {"name": name, "in": "query", "schema": dict(known) if known else query_schema(name)}
    if described["schema"].get("type") == "array":
        described |= {"style": "form", "explode": False}
    says = _SAYS.get(name)
    if name in BOUNDS:
        says = "A day in the team's zone, or an instant; `after` includes it, `before` does not."
    return described | ({"description": says} if says else {})


def query_schema(name: str) -> Schema:
    """What a query's parameter takes."""
    if name in (*SEVERAL, "expand"):
        several: Schema = {"type": "array", "minItems": 1, "items": ITEMS.get(name, WORD_OF_SEVERAL)}
        return several | ({"maxItems": 3, "uniqueItems": True} if name == "sort" else {})
    return dict(_SINGLE.get(name, WORD))
