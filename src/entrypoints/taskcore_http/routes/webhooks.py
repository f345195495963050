"""Where a team's events are posted to, and what became of each."""

from __future__ import annotations

from functools import partial
from typing import Any

from litestar.params import FromPath

from taskcore.delivery.model import Delivery, Webhook
from taskcore.delivery.webhooks import WebhookDetails, WebhookFields
from taskcore_http.answer import Answer, shown
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call

SECRET = {"secret": "What its deliveries are signed with (Standard Webhooks); shown here and never again."}


class NewWebhook(WebhookDetails, total=False):
    """A webhook to be. `kinds` are kinds of events, or all of a noun (`task.*`); none are all."""

    url: str


@Operation(
    "GET",
    "/v1/teams/{team:str}/webhooks",
    gives=Webhook,
    many=True,
    query=LISTING,
    rights=("team.read", "webhook.list"),
)
async def list_webhooks(request: Call, team: FromPath[str]) -> Answer:
    """List a team's webhooks, the eldest first; none shows its secret again."""
    return await request.listed(partial(request.me.webhooks.list, team))


@Operation(
    "POST",
    "/v1/teams/{team:str}/webhooks",
    body=NewWebhook,
    needs=("url",),
    gives=Webhook,
    adds=SECRET,
    status=201,
    refuses=("quota_exceeded",),
    rights=("team.read", "webhook.create"),
)
async def create_webhook(request: Call, team: FromPath[str]) -> Answer:
    """Have a team's events posted to a URL, from now on. The answer alone has its `secret`."""
    webhooks = request.me.webhooks
    fields: dict[str, Any] = {**await request.sent(NewWebhook, lambda _: webhooks.create(team, ""))}
    webhook, secret = await webhooks.create(team, fields.pop("url", ""), **fields)
    answer = {**shown(webhook), "secret": secret}
    return request.secret(answer, status=201, location=f"/v1/webhooks/{webhook.id}")


@Operation("GET", "/v1/webhooks/{webhook:str}", gives=Webhook, rights=("webhook.list",))
async def read_webhook(request: Call, webhook: FromPath[str]) -> Answer:
    """Read one webhook."""
    return request.one(await request.me.webhooks.get(webhook))


@Operation(
    "PATCH",
    "/v1/webhooks/{webhook:str}",
    body=WebhookFields,
    gives=Webhook,
    versioned=True,
    rights=("team.read", "webhook.update"),
)
async def edit_webhook(request: Call, webhook: FromPath[str]) -> Answer:
    """Change a webhook; `active` switches it off and on. What happens while it is off is not posted later."""
    webhooks = request.me.webhooks
    fields = await request.sent(WebhookFields, lambda _: webhooks.edit(webhook, if_version=NEVER))
    return request.one(await webhooks.edit(webhook, if_version=request.if_version, **fields))


@Operation("DELETE", "/v1/webhooks/{webhook:str}", versioned=True, rights=("team.read", "webhook.delete"))
async def delete_webhook(request: Call, webhook: FromPath[str]) -> Answer:
    """End a webhook, with all that it was still to post."""
    webhooks = request.me.webhooks
    await request.bare(lambda _: webhooks.delete(webhook, if_version=NEVER))
    await webhooks.delete(webhook, if_version=request.if_version)
    return request.done()


@Operation(
    "POST",
    "/v1/webhooks/{webhook:str}/test",
    gives=Delivery,
    status=202,
    versioned=True,
    refuses=("conflict",),
    rights=("team.read", "webhook.replay"),
)
async def test_webhook(request: Call, webhook: FromPath[str]) -> Answer:
    """Post something that tells of no event, at once; the list of deliveries says what came of it."""
    webhooks = request.me.webhooks
    await request.bare(lambda _: webhooks.test(webhook, if_version=NEVER))
    return request.one(await webhooks.test(webhook, if_version=request.if_version), status=202)


@Operation(
    "POST",
    "/v1/webhooks/{webhook:str}/rotate-secret",
    gives=Webhook,
    adds=SECRET,
    versioned=True,
    rights=("team.read", "webhook.rotate_secret"),
)
async def rotate_secret(request: Call, webhook: FromPath[str]) -> Answer:
    """Sign with a new secret. For 24 hours deliveries carry a signature by the one before, too."""
    webhooks = request.me.webhooks
    await request.bare(lambda _: webhooks.rotate_secret(webhook, if_version=NEVER))
    changed, secret = await webhooks.rotate_secret(webhook, if_version=request.if_version)
    return request.secret({**shown(changed), "secret": secret}, status=200)


@Operation(
    "GET",
    "/v1/webhooks/{webhook:str}/deliveries",
    gives=Delivery,
    many=True,
    query=("status", *LISTING),
    rights=("team.read", "webhook.read_deliveries"),
)
async def list_deliveries(request: Call, webhook: FromPath[str]) -> Answer:
    """List what was posted and what is to be, the newest first, each with its last attempts."""
    return await request.listed(partial(request.me.webhooks.deliveries, webhook), "status")


@Operation(
    "POST",
    "/v1/deliveries/{delivery:str}/redeliver",
    gives=Delivery,
    status=202,
    versioned=True,
    refuses=("conflict",),
    rights=("team.read", "webhook.replay"),
)
async def redeliver(request: Call, delivery: FromPath[str]) -> Answer:
    """Post something again, at once: under the same `webhook-id`, to the same byte."""
    webhooks = request.me.webhooks
    await request.bare(lambda _: webhooks.redeliver(delivery, if_version=NEVER))
    return request.one(await webhooks.redeliver(delivery, if_version=request.if_version), status=202)
