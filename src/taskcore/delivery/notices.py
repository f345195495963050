"""Telling people: what is to be saved so that each of them is told once of a cause, where they prefer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import attrs

from taskcore.delivery.inbox import MOST_TEXT_CHARACTERS, Channel, Notice, Notification, Reason
from taskcore.delivery.preferences import (
    NotificationPreferences,
    mail_at,
    may_be_mailed,
    preferences_of,
)
from taskcore.delivery.sight import sight_of
from taskcore.identity.model import User
from taskcore.jobs.model import Job
from taskcore.jobs.states import new_job
from taskcore.ports import Entity, Unit
from taskcore.values import Ids, NotificationId, UserId

__all__ = ["Channel", "Notice", "Notification", "Reason", "told"]

NOTICE_MAIL = "notice.mail"
"""The kind of the job that mails a notice, unless it was read, or may not be seen any more, by then."""
MOST_MAILS = 20
"""Notices that a user is mailed `WITHIN` so long; what goes beyond comes with the next digest."""
WITHIN = timedelta(hours=1)


async def told(unit: Unit, notices: Sequence[Notice], now: datetime, new_id: Ids) -> list[Entity]:
    """
    What to save so that those whom `notices` are for are told, each once of a cause, by the first that names it.

    Left out are people who have been told of the cause, who may not see it, whose account is disabled, or who
    prefer not to be told. Of a `unit` in the instance's name: what people are told is for nobody else to see.
    """
    fresh = await _fresh(unit, notices)
    recipients = await _recipients(unit, fresh, now)
    saved: list[Entity] = []
    for notice in fresh:
        if (recipient := recipients.get(notice.user_id)) is None:
            continue
        channel, at = await recipient.channel(unit, notice.reason, now)
        if channel is Channel.NONE:
            continue
        notification = _notification(notice, channel, now, new_id)
        saved.append(notification)
        if channel is Channel.MAIL:
            saved.append(_mail_of(notification, now, at, new_id))
    return saved


async def _fresh(unit: Unit, notices: Sequence[Notice]) -> list[Notice]:
    """Those that tell somebody of a new cause, which they may see."""
    if not notices:
        return []
    users, causes = {each.user_id for each in notices}, {each.cause for each in notices}
    known = await unit.find(Notification, user_id=tuple(users), cause=tuple(causes))
    done = {(each.user_id, each.cause) for each in known}
    fresh = []
    for notice in notices:
        if (notice.user_id, notice.cause) not in done:
            done.add((notice.user_id, notice.cause))
            fresh.append(notice)
    sight = await sight_of(unit, fresh, every_task=True)
    return [each for each in fresh if sight.sees(each) and sight.is_there(each)]


@attrs.define
class _Recipient:
    """Somebody who is told, and how many mails of this unit of work are for them."""

    user: User
    preferences: NotificationPreferences
    mails: int | None = None

    async def channel(self, unit: Unit, reason: Reason, now: datetime) -> tuple[Channel, datetime]:
        """Where they are told of it, and when, if that is by mail."""
        channel, at = self.preferences.channels[reason], mail_at(self.preferences, self.user, now)
        if channel in (Channel.INBOX, Channel.NONE):
            return channel, at
        if not may_be_mailed(self.preferences, self.user):
            return Channel.INBOX, at
        if channel is Channel.MAIL:
            if self.mails is None:
                self.mails = await self._mailed(unit, at)
            self.mails += 1
            channel = Channel.MAIL if self.mails <= MOST_MAILS else Channel.DIGEST
        return channel, at

    async def _mailed(self, unit: Unit, at: datetime) -> int:
        """How many notices are mailed to them `WITHIN` the time before `at`, as far as that matters."""
        last = await unit.find(
            Notification, user_id=self.user.id, channel=Channel.MAIL, newest_first=True, limit=MOST_MAILS
        )
        sent = (mail_at(self.preferences, self.user, each.created_at) for each in last)
        return sum(each > at - WITHIN for each in sent)


async def _recipients(unit: Unit, notices: Sequence[Notice], now: datetime) -> Mapping[UserId, _Recipient]:
    """Those of them whose account is open."""
    users = tuple({each.user_id for each in notices})
    people = await unit.find(User, id=users, disabled_at=None) if users else []
    found = await unit.find(NotificationPreferences, user_id=users) if users else []
    preferred = {each.user_id: each for each in found}
    return {user.id: _Recipient(user, preferred.get(user.id) or preferences_of(user, now)) for user in people}


def _notification(notice: Notice, channel: Channel, now: datetime, new_id: Ids) -> Notification:
    return Notification(
        user_id=notice.user_id,
        id=NotificationId(new_id()),
        reason=notice.reason,
        cause=notice.cause,
        text=notice.text[:MOST_TEXT_CHARACTERS],
        created_at=now,
        channel=channel,
        team_id=notice.team_id,
        task_id=notice.task_id,
        task_key=notice.task_key,
        event_id=notice.event_id,
    )


def _mail_of(notification: Notification, now: datetime, at: datetime, new_id: Ids) -> Job:
    payload = {"notification_id": str(notification.id)}
    return new_job(
        new_id(),
        NOTICE_MAIL,
        now,
        payload,
        user_id=notification.user_id,
        team_id=notification.team_id,
        at=at,
    )
