"""Rows about webhooks: to whom a team's events are posted."""

from __future__ import annotations

from tests.security.ways import Entry, wide

TEAM = ("team.read",)
URL = "https://hooks.example.org"

WEBHOOKS: dict[str, Entry] = {
    "webhook.create": (wide(lambda me, s: me.webhooks.create(s["team"], URL), needs=TEAM),),
    "webhook.list": (
        wide(lambda me, s: me.webhooks.list(s["team"]), needs=TEAM),
        wide(lambda me, s: me.webhooks.get(s["webhook"])),
    ),
    "webhook.update": (wide(lambda me, s: me.webhooks.edit(s["webhook"], active=False), needs=TEAM),),
    "webhook.delete": (wide(lambda me, s: me.webhooks.delete(s["webhook"]), needs=TEAM),),
    "webhook.rotate_secret": (wide(lambda me, s: me.webhooks.rotate_secret(s["webhook"]), needs=TEAM),),
    "webhook.read_deliveries": (wide(lambda me, s: me.webhooks.deliveries(s["webhook"]), needs=TEAM),),
    "webhook.replay": (
        wide(lambda me, s: me.webhooks.redeliver(s["delivery"]), needs=TEAM),
        wide(lambda me, s: me.webhooks.test(s["webhook"]), needs=TEAM),
    ),
}
