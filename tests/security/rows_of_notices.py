"""Rows about what people are told, and as they prefer: each one's own."""

from __future__ import annotations

from tests.security.ways import HIDDEN, Entry, Http, wide

INBOX = "/v1/me/notifications"

NOTICES: dict[str, Entry] = {
    "notification.manage_own": (
        wide(
            lambda me, _: me.notifications.list(),
            Http("GET", INBOX),
            ("notification", "list"),
            idle=True,
        ),
        wide(
            lambda me, s: me.notifications.list(team=s["team"]),
            Http("GET", f"{INBOX}?team={{team}}"),
            ("notification", "list", "--team", "{team}"),
            needs=("team.read",),
            idle=True,
            unless={"outsider": HIDDEN},
        ),
        wide(
            lambda me, _: me.notifications.unread(),
            Http("GET", f"{INBOX}/unread"),
            ("notification", "unread"),
            idle=True,
        ),
        wide(
            lambda me, s: me.notifications.read(ids=[s["own_notice"]]),
            Http("POST", f"{INBOX}/read", {"ids": ["{own_notice}"]}),
            ("notification", "read", "{own_notice}"),
        ),
        wide(
            lambda me, s: me.notifications.read(through=s["foreign_notice"]),
            Http("POST", f"{INBOX}/read", {"through": "{foreign_notice}"}),
            ("notification", "read", "--through", "{foreign_notice}"),
            own=False,
            not_own=HIDDEN,
        ),
        wide(
            lambda me, _: me.notifications.preferences(),
            Http("GET", f"{INBOX}/preferences"),
            ("notification", "preferences"),
            idle=True,
        ),
        wide(
            lambda me, _: me.notifications.edit_preferences(channels={"due": "none"}),
            Http("PATCH", f"{INBOX}/preferences", {"channels": {"due": "none"}}),
            ("notification", "preferences", "--tell", "due=none"),
        ),
    ),
}
