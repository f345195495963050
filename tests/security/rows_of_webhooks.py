"""Rows about webhooks: to whom a team's events are posted."""

from __future__ import annotations

from tests.security.ways import Entry, Http, wide

TEAM = ("team.read",)
URL = "https://hooks.example.org"

WEBHOOKS: dict[str, Entry] = {
    "webhook.create": (
        wide(
            lambda me, s: me.webhooks.create(s["team"], URL),
            Http("POST", "/v1/teams/{team}/webhooks", {"url": URL}),
            ("webhook", "create", URL, "--team", "{team}"),
            needs=TEAM,
        ),
    ),
    "webhook.list": (
        wide(
            lambda me, s: me.webhooks.list(s["team"]),
            Http("GET", "/v1/teams/{team}/webhooks"),
            ("webhook", "list", "--team", "{team}"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.webhooks.get(s["webhook"]),
            Http("GET", "/v1/webhooks/{webhook}"),
            ("webhook", "show", "{webhook}"),
        ),
    ),
    "webhook.update": (
        wide(
            lambda me, s: me.webhooks.edit(s["webhook"], active=False),
            Http("PATCH", "/v1/webhooks/{webhook}", {"active": False}),
            ("webhook", "edit", "{webhook}", "--off"),
            needs=TEAM,
        ),
    ),
    "webhook.delete": (
        wide(
            lambda me, s: me.webhooks.delete(s["webhook"]),
            Http("DELETE", "/v1/webhooks/{webhook}"),
            ("webhook", "rm", "{webhook}"),
            needs=TEAM,
        ),
    ),
    "webhook.rotate_secret": (
        wide(
            lambda me, s: me.webhooks.rotate_secret(s["webhook"]),
            Http("POST", "/v1/webhooks/{webhook}/rotate-secret"),
            ("webhook", "rotate", "{webhook}"),
            needs=TEAM,
        ),
    ),
    "webhook.read_deliveries": (
        wide(
            lambda me, s: me.webhooks.deliveries(s["webhook"]),
            Http("GET", "/v1/webhooks/{webhook}/deliveries"),
            ("webhook", "deliveries", "{webhook}"),
            needs=TEAM,
        ),
    ),
    "webhook.replay": (
        wide(
            lambda me, s: me.webhooks.redeliver(s["delivery"]),
            Http("POST", "/v1/deliveries/{delivery}/redeliver"),
            ("webhook", "redeliver", "{delivery}"),
            needs=TEAM,
        ),
        wide(
            lambda me, s: me.webhooks.test(s["webhook"]),
            Http("POST", "/v1/webhooks/{webhook}/test"),
            ("webhook", "test", "{webhook}"),
            needs=TEAM,
        ),
    ),
}
