"""Rows about escalation rules: what a team does about tasks in trouble."""

from __future__ import annotations

from typing import Any

from tests.security.ways import Entry, Http, wide

TEAM = ("team.read",)
STEPS: Any = [{"action": "raise_priority"}]

ESCALATIONS: dict[str, Entry] = {
    "workflow.manage": (
        wide(
            lambda me, s: me.escalations.create(s["team"], "Hurry", "overdue", STEPS),
            Http(
                "POST",
                "/v1/teams/{team}/escalations",
                {"name": "Hurry", "trouble": "overdue", "steps": STEPS},
            ),
            (
                "escalation",
                "add",
                "Hurry",
                "--when",
                "overdue",
                "--step",
                "raise_priority",
                "--team",
                "{team}",
            ),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.escalations.list(s["team"]),
            Http("GET", "/v1/teams/{team}/escalations"),
            ("escalation", "list", "--team", "{team}"),
            needs=TEAM,
            idle=True,
        ),
        wide(
            lambda me, s: me.escalations.get(s["escalation"]),
            Http("GET", "/v1/escalations/{escalation}"),
            ("escalation", "show", "{escalation}"),
            idle=True,
        ),
        wide(
            lambda me, s: me.escalations.edit(s["escalation"], enabled=False),
            Http("PATCH", "/v1/escalations/{escalation}", {"enabled": False}),
            ("escalation", "edit", "{escalation}", "--off"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.escalations.delete(s["escalation"]),
            Http("DELETE", "/v1/escalations/{escalation}"),
            ("escalation", "rm", "{escalation}"),
            needs=TEAM,
        ),
    ),
}
