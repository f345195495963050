"""An example of each body, as the documentation shows it; a test sends every one through `strict`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ADA = "01936f2e-7c1a-7000-8000-00000000ada0"
_PROJECT = "01936f2e-7c1a-7000-8000-000000000123"

EXAMPLES: Mapping[str, Any] = {
    "Signup": {"email": "ada@example.org", "name": "Ada", "password": "correct horse battery"},
    "Login": {"email": "ada@example.org", "password": "correct horse battery"},
    "Continued": {"refresh_token": "tcr_5f0c…"},
    "Address": {"email": "ada@example.org"},
    "Reset": {"token": "tcm_91ab…", "password": "battery staple horse"},
    "PasswordChange": {"current": "correct horse battery", "password": "battery staple horse"},
    "Verification": {"token": "tcm_91ab…"},
    "NewToken": {
        "name": "Nightly report",
        "scopes": ["tasks:read"],
        "expires_at": "2027-01-01T00:00:00Z",
        "team_id": "PLAT",
    },
    "AccountFields": {"disabled": True},
    "Marked": {"all": True},
    "PreferenceFields": {
        "channels": {"commented": "digest", "following": "none"},
        "quiet_from": "20:00",
        "quiet_until": "07:30",
    },
    "UserFields": {"time_zone": "Europe/Berlin"},
    "NewTeam": {"name": "Platform", "key": "PLAT"},
    "TeamFields": {"name": "Platform and tools"},
    "Heir": {"user_id": _ADA},
    "MemberFields": {"role": "admin", "capacity_minutes_per_day": 360},
    "TeamCalendarFields": {
        "hours": {"mon-thu": ["09:00-12:00", "13:00-17:00"], "fri": ["09:00-13:00"]},
        "exceptions": [{"from": "2026-12-24", "to": "2026-12-26", "name": "Christmas"}],
    },
    "MemberCalendarFields": {
        "hours": {"mon-wed": ["08:00-14:00"]},
        "time_zone": "Europe/Lisbon",
        "exceptions": [
            {"from": "2026-12-28", "to": "2026-12-31", "name": "Leave"},
            {"from": "2027-01-04", "hours": {"mon": ["08:00-10:00"]}, "name": "Dentist"},
        ],
        "units": 0.5,
        "max_minutes_per_week": 900,
        "skills": ["python", "review"],
    },
    "Asked": {"email": "grace@example.org", "role": "member"},
    "Ticket": {"token": "rX2m…"},
    "ProjectFields": {"name": "Launch", "target_on": "2026-12-01", "schedule_policy": "push_only"},
    "LabelFields": {"name": "bug", "colour": "#d73a4a"},
    "ViewFields": {"name": "Mine and late", "query": {"assignee": "me", "overdue": True}, "shared": False},
    "NewTask": {
        "team_id": "PLAT",
        "title": "Ship it",
        "priority": "high",
        "due_on": "2026-12-01",
        "labels": ["bug"],
        "project_id": _PROJECT,
        "estimate_minutes": 240,
        "estimate_optimistic_minutes": 120,
        "estimate_pessimistic_minutes": 600,
        "required_skills": ["design"],
        "constraints": [{"rule": "not_before", "at": "2026-11-16T08:00:00Z"}],
        "recurrence": "RRULE:FREQ=MONTHLY;BYDAY=1TU",
    },
    "Claim": {"team_id": "PLAT", "lease_minutes": 30, "label": "agent"},
    "Batch": {
        "operations": [
            {"op": "create", "temp_id": "release", "team_id": "PLAT", "title": "Release 1.0"},
            {"op": "create", "team_id": "PLAT", "title": "Write the notes", "parent_id": "release"},
            {"op": "complete", "id": "PLAT-7", "if_version": 3},
        ],
        "atomic": True,
    },
    "TaskChange": {"status": "in_progress", "assignee_id": _ADA, "due_on": None},
    "ReportFields": {"format": "pdf"},
    "PlanFields": {
        "start": "2026-11-30T08:00:00Z",
        "schedules": 100,
        "changes": [
            {"op": "delay", "id": "PLAT-7", "minutes": 480},
            {"op": "add_member", "name": "Somebody new"},
        ],
    },
    "Lag": {"type": "FS", "lag_minutes": 60, "lag_unit": "working"},
    "NewReminder": {"anchor": "due", "offset_minutes": -60, "offset_unit": "working"},
    "ReadUpTo": {"comment_id": "0193a1b2-7c00-7000-8000-00000000000c"},
    "NewWebhook": {
        "url": "https://hooks.example.org/taskcore",
        "kinds": ["task.*", "comment.created"],
        "payload": "thin",
        "description": "The chat",
    },
    "WebhookFields": {"active": True},
    "ManyJobs": {"state": "dead", "kind": "mail.send"},
    "EscalationFields": {
        "name": "Nobody looks after it",
        "trouble": "unassigned",
        "after_minutes": 1440,
        "priorities": ["high", "urgent"],
        "steps": [
            {"action": "notify", "target": "lead"},
            {"action": "reassign", "target": "user", "user_id": _ADA, "after_minutes": 1440},
        ],
    },
    "Words": {"body": "Looks good to me, @grace."},
    "Problem": {
        "type": "/problems/version_conflict",
        "title": "Somebody was faster",
        "status": 412,
        "detail": "it is at version 4, not 3: read it again",
        "code": "version_conflict",
        "request_id": "0f6e1c1e-6ac5-4f4e-9f43-6f3c8f8a2f0b",
        "version": 4,
    },
}
STREAM = (
    'id: 41\nevent: task.created\ndata: {"seq":41,"kind":"task.created","data":{"…":"…"}}\n\n'
    'id: 41\nevent: ready\ndata: {"seq":41}\n\n'
    ": heartbeat\n\n"
)
"""The start of a stream, as a text."""
