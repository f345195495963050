"""
What the fields of a body may hold beyond being of their types, as JSON Schema.

The rules are the core's (`…_faults`), which says in words what is wrong; here they are told to programs. That
both say the same is seen by Schemathesis, which sends what lies just within and just beyond.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from taskcore.delivery.destinations import MOST_CHARACTERS, SIGNS
from taskcore.delivery.inbox import Channel, Reason
from taskcore.delivery.model import KIND, MOST_KINDS
from taskcore.delivery.notifications import MOST_IDS
from taskcore.delivery.preferences import FIXED
from taskcore.jobs.model import MOST_OF_KIND
from taskcore.permissions import SCOPES
from taskcore.planning.api import MOST_ESTIMATE_MINUTES, MOST_SCHEDULES
from taskcore.planning.changes import MOST_CHANGES, MOST_DELAY_MINUTES
from taskcore.planning.changes import VERBS as WHAT_IFS
from taskcore.query import BOUNDS, SEVERAL, SORTED_BY
from taskcore.tasks.api import MOST_LEASE_MINUTES
from taskcore.tasks.batches import MOST_OPERATIONS, VERBS
from taskcore.tasks.expansion import EXPANSIONS
from taskcore.tasks.model import MAX_LAG_MINUTES, MOST_OF_RECURRENCE
from taskcore.tasks.planning import MOST_CANDIDATES, MOST_REQUIRED_SKILLS
from taskcore.teams.calendar_documents import (
    DAYS,
    LEAST_EFFICIENCY,
    LEAST_UNITS,
    MOST_EFFICIENCY,
    MOST_EXCEPTIONS,
    MOST_OF_SKILL,
    MOST_PARTS,
    MOST_SKILLS,
    PART,
    WEEK_MINUTES,
)
from taskcore.values import MAX_INTEGER, ConstraintRule, Priority, Status
from taskcore.watching.model import MOST_MINUTES, MOST_STEPS

MOST_SECONDS = 8
"""That a request may search for a plan: the answer has to come within `time_limit`."""
SORT_WORDS = [sign + word for word in SORTED_BY for sign in ("", "-")]
_ANYTHING, _SEEN = r"[^\u0000]", r"[^\s\u0000]"
_ON_A_LINE, _SEEN_ON_A_LINE = r"[^\u0000-\u001f\u007f-\u009f]", r"[^\s\u0000-\u001f\u007f-\u009f]"


def _text(most: int) -> dict[str, Any]:
    """Any text, perhaps none."""
    return {"maxLength": most, "pattern": f"^{_ANYTHING}*$"}


def _name(most: int, *, forbidden: str = "") -> dict[str, Any]:
    """A text that is not blank."""
    other, seen = _ANYTHING.replace("]", forbidden + "]"), _SEEN.replace("]", forbidden + "]")
    return {"minLength": 1, "maxLength": most, "pattern": f"^{other}*{seen}{other}*$"}


def _line(most: int, *, forbidden: str = "") -> dict[str, Any]:
    """A text that is not blank, on one line."""
    other, seen = (each.replace("]", forbidden + "]") for each in (_ON_A_LINE, _SEEN_ON_A_LINE))
    return {"minLength": 1, "maxLength": most, "pattern": f"^{other}*{seen}{other}*$"}


def _from(least: float, most: float) -> dict[str, Any]:
    return {"minimum": least, "maximum": most}


_EMAIL = {
    "minLength": 3,
    "maxLength": 254,
    "pattern": r"^[^@\s\u0000-\u001f\u007f-\u009f]{1,64}@[^@\s\u0000-\u001f\u007f-\u009f]{1,189}$",
}
_URL = {"format": "uri", "minLength": 1, "maxLength": MOST_CHARACTERS, "pattern": f"^{SIGNS.pattern}$"}
_PASSWORD = {"type": "string", "minLength": 8, "maxLength": 128, "format": "password"}
WORD = {"type": "string", "minLength": 1, "maxLength": 500, "pattern": f"^{_ANYTHING}*{_SEEN}{_ANYTHING}*$"}
_TIME_OF_DAY = {"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["08:00"]}
_SECRET = {"format": "password"}

WORD_OF_SEVERAL = {"type": "string"} | _name(500, forbidden=",")
"""A word among others, in a query, where commas part them."""
JOB_KIND = {"type": "string"} | _line(MOST_OF_KIND)
ID = {"type": "string", "format": "uuid"}
DAY_OR_INSTANT = {"type": "string", "anyOf": [{"format": "date"}, {"format": "date-time"}]}
ITEMS: Mapping[str, dict[str, Any]] = {
    "status": {"type": "string", "enum": list(Status)},
    "priority": {"type": "string", "enum": list(Priority)},
    "project": {"anyOf": [ID, {"const": "none"}]},
    **{name: {"anyOf": [ID, {"enum": ["me", "none"]}]} for name in ("assignee", "follower", "created_by")},
    "sort": {"type": "string", "enum": SORT_WORDS},
    "expand": {"type": "string", "enum": list(EXPANSIONS)},
}
"""One value of a query's field."""
_QUERIES = ("Claim", "ViewQuery")
"""Bodies with the fields of a query, each with one value or several."""

_BOUNDS: Mapping[str, dict[str, Any]] = {
    "title": _name(500),
    "description": _text(100_000),
    "body": _name(100_000),
    "name": _line(200),
    "ProjectFields.name": _name(200),
    "ViewFields.name": _name(200),
    "LabelFields.name": _name(100, forbidden=","),
    "NewToken.name": _name(100),
    "Signup.email": _EMAIL,
    "UserFields.email": _EMAIL,
    "Asked.email": _EMAIL,
    "password": _PASSWORD,
    "Login.password": _SECRET,
    "PasswordChange.current": _SECRET,
    "UserFields.current": _SECRET,
    "key": {"pattern": "^[A-Z]{2,10}$"},
    "NewWebhook.url": _URL,
    "WebhookFields.url": _URL,
    "NewWebhook.description": _text(1_000),
    "WebhookFields.description": _text(1_000),
    "kinds": {"maxItems": MOST_KINDS, "items": {"type": "string", "pattern": f"^{KIND.pattern}$"}},
    "ManyJobs.kind": _line(MOST_OF_KIND),
    "slug": {"maxLength": 80, "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"},
    "time_zone": {"minLength": 1, "maxLength": 100, "examples": ["Europe/Berlin", "UTC"]},
    "colour": {"pattern": "^#[0-9a-f]{6}$"},
    "rank": {"pattern": "^[0-9A-Za-z]{0,199}[1-9A-Za-z]$"},
    "recurrence": _text(MOST_OF_RECURRENCE)
    | {"examples": ["RRULE:FREQ=WEEKLY;BYDAY=MO", "every 3 days after completion at 09:00"]},
    "external_source": _text(500),
    "external_id": _text(500),
    "estimate_minutes": _from(0, MAX_INTEGER),
    "spent_minutes": _from(0, MAX_INTEGER),
    "estimate_optimistic_minutes": _from(0, MAX_INTEGER),
    "estimate_pessimistic_minutes": _from(0, MAX_INTEGER),
    "remaining_minutes": _from(0, MAX_INTEGER),
    "candidates": {"maxItems": MOST_CANDIDATES},
    "required_skills": {
        "maxItems": MOST_REQUIRED_SKILLS,
        "items": {"type": "string"} | _line(MOST_OF_SKILL, forbidden=","),
    },
    "constraints": {"maxItems": len(ConstraintRule)},
    "capacity_minutes_per_day": _from(0, 24 * 60),
    "after_minutes": _from(0, MOST_MINUTES),
    "steps": {"minItems": 1, "maxItems": MOST_STEPS},
    "lag_minutes": _from(-MAX_LAG_MINUTES, MAX_LAG_MINUTES),
    "offset_minutes": _from(-MAX_LAG_MINUTES, MAX_LAG_MINUTES),
    "lease_minutes": _from(1, MOST_LEASE_MINUTES),
    "if_version": _from(1, 10**18 - 1),
    "scopes": {"minItems": 1, "items": {"type": "string", "enum": list(SCOPES)}},
    "operations": {"minItems": 1, "maxItems": MOST_OPERATIONS},
    "hours": {
        "propertyNames": {"enum": list(DAYS)},
        "additionalProperties": {
            "type": "array",
            "maxItems": MOST_PARTS,
            "items": {"type": "string", "pattern": f"^{PART}$"},
        },
    },
    "exceptions": {"maxItems": MOST_EXCEPTIONS},
    "CalendarEntry.name": {"maxLength": 200, "pattern": f"^{_ON_A_LINE}*$"},
    "units": _from(LEAST_UNITS, 1),
    "efficiency": _from(LEAST_EFFICIENCY, MOST_EFFICIENCY),
    "max_minutes_per_week": _from(0, WEEK_MINUTES),
    "skills": {
        "maxItems": MOST_SKILLS,
        "uniqueItems": True,
        "items": {"type": "string"} | _line(MOST_OF_SKILL, forbidden=","),
    },
    "BatchOperation.op": {"enum": list(VERBS)},
    "ChangeFields.op": {"enum": list(WHAT_IFS)},
    "ChangeFields.minutes": _from(0, MOST_DELAY_MINUTES),
    "changes": {"maxItems": MOST_CHANGES},
    "seconds": _from(0, MOST_SECONDS),
    "schedules": _from(0, MOST_SCHEDULES),
    "PlanFields.estimate_minutes": _from(0, MOST_ESTIMATE_MINUTES),
    "text": WORD,
    "Marked.ids": {"maxItems": MOST_IDS},
    "PreferenceFields.channels": {
        "propertyNames": {"enum": [reason for reason in Reason if reason not in FIXED]},
        "additionalProperties": {"anyOf": [{"type": "string", "enum": list(Channel)}, {"type": "null"}]},
    },
    **{f"PreferenceFields.{name}": _TIME_OF_DAY for name in ("quiet_from", "quiet_until", "digest_at")},
}


def bounded(kind: str, field: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a body's field, with what is asked of its values."""
    if kind in _QUERIES and field in BOUNDS:
        return {"anyOf": [DAY_OR_INSTANT, {"type": "null"}]}
    if kind in _QUERIES and field in SEVERAL:
        item = ITEMS.get(field, WORD)
        return {"anyOf": [item, {"type": "array", "items": item}, {"type": "null"}]}
    more = _BOUNDS.get(f"{kind}.{field}", _BOUNDS.get(field))
    if more is None:
        return schema
    if "anyOf" in schema:
        null = {"type": "null"}
        return {"anyOf": [each if each == null else {**each, **more} for each in schema["anyOf"]]}
    return {**schema, **more}
