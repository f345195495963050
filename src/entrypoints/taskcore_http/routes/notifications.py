"""What you are told, and what you prefer to be told. Both are your own: nobody else sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict
from uuid import UUID

from taskcore.delivery.inbox import Notification
from taskcore.delivery.notifications import (
    MarkedNotifications,
    PreferenceFields,
    UnreadNotifications,
)
from taskcore.delivery.preferences import NotificationPreferences
from taskcore.errors import Fault, Malformed
from taskcore.paging import Page
from taskcore_http.answer import Answer
from taskcore_http.operation import Operation
from taskcore_http.wire import LISTING, NEVER, Call

FILTERS = ("unread", "reason", "team")
RIGHTS = ("notification.manage_own",)


class Marked(TypedDict, total=False):
    """Which are meant: those with `ids`, all up to the one `through` and itself, or `all`; one of the three. With
    `unread` those with `ids` are not read again."""

    ids: Sequence[UUID] | None
    through: UUID | None
    all: bool
    unread: bool


@Operation(
    "GET",
    "/v1/me/notifications",
    gives=Notification,
    many=True,
    query=(*FILTERS, *LISTING),
    refuses=("invalid",),
    rights=(*RIGHTS, "team.read"),
)
async def list_notifications(request: Call) -> Answer:
    """List what you were told, the newest first. What you may not see any more is not among it."""
    notifications = request.me.notifications

    async def read(*, unread: str = "false", reason: str | None = None, **rest: Any) -> Page[Notification]:
        if unread not in ("true", "false"):
            raise Malformed(faults=[Fault("unread", "must be true or false")])
        reasons: Any = reason.split(",") if reason is not None else None
        return await notifications.list(unread=unread == "true", reason=reasons, **rest)

    return await request.listed(read, *FILTERS)


@Operation("GET", "/v1/me/notifications/unread", gives=UnreadNotifications, rights=RIGHTS)
async def count_unread_notifications(request: Call) -> Answer:
    """Read how many of your notices you have not read; 1000 stands for more, too."""
    return request.one(await request.me.notifications.unread())


@Operation(
    "POST",
    "/v1/me/notifications/read",
    body=Marked,
    gives=MarkedNotifications,
    refuses=("not_found",),
    rights=RIGHTS,
)
async def read_notifications(request: Call) -> Answer:
    """Take notices as read, or these not."""
    notifications = request.me.notifications
    fields = await request.sent(Marked, lambda _: notifications.unread())
    return request.one(
        await notifications.read(
            ids=fields.get("ids"),
            through=fields.get("through"),
            everything=fields.get("all", False),
            unread=fields.get("unread", False),
        )
    )


@Operation("GET", "/v1/me/notifications/preferences", gives=NotificationPreferences, rights=RIGHTS)
async def read_preferences(request: Call) -> Answer:
    """Read what you prefer to be told, where and when."""
    return request.one(await request.me.notifications.preferences())


@Operation(
    "PATCH",
    "/v1/me/notifications/preferences",
    body=PreferenceFields,
    gives=NotificationPreferences,
    versioned=True,
    rights=RIGHTS,
)
async def edit_preferences(request: Call) -> Answer:
    """Prefer otherwise. `channels` says where you are told for which reasons; those not named stay."""
    notifications = request.me.notifications
    fields = await request.sent(PreferenceFields, lambda _: notifications.edit_preferences(if_version=NEVER))
    return request.one(await notifications.edit_preferences(if_version=request.if_version, **fields))
