"""The use cases of one's own inbox, and of what one prefers to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, expect_version
from taskcore.delivery.inbox import Channel, ChannelWord, Notification, Reason, ReasonWord
from taskcore.delivery.preferences import (
    BY_USER,
    DEFAULTS,
    NotificationPreferences,
    preference_faults,
    preferences_of,
    with_next_digest,
)
from taskcore.delivery.sight import sight_of
from taskcore.errors import Fault, Invalid, invalid, refuse
from taskcore.fields import sound, word
from taskcore.identity.model import User
from taskcore.paging import Page, checked_limit
from taskcore.permissions import missing
from taskcore.ports import Rows, Unit
from taskcore.query import seal, unseal
from taskcore.teams.model import Team
from taskcore.values import NotificationId

MANAGE = "notification.manage_own"
MOST_IDS = 1_000
MOST_COUNTED = 1_000
"""Unread notices that are counted: so many stands for any number beyond, too."""


class PreferenceFields(TypedDict, total=False):
    """
    What a user may change of what they prefer.

    `channels` are those of the reasons that are named, the others stay; None is the default. A time of day is
    `HH:MM`; None: none. `mail_disabled` switches all mail off, and on again, be it after an address took none.
    """

    channels: Mapping[ReasonWord, ChannelWord | None] | None
    quiet_from: str | None
    quiet_until: str | None
    digest_at: str | None
    weekly_report: bool
    mail_disabled: bool


@attrs.frozen(slots=True)
class UnreadNotifications:
    """How many notices somebody has not read; `unread` is `MOST_COUNTED` where there are more."""

    unread: int


@attrs.frozen(slots=True)
class MarkedNotifications:
    """How many notices were marked."""

    marked: int


class Notifications(UseCases):
    """`me.notifications`."""

    async def list(
        self,
        *,
        unread: bool = False,
        reason: ReasonWord | Sequence[ReasonWord] | None = None,
        team: UUID | str | None = None,
        limit: object = 50,
        cursor: str | None = None,
    ) -> Page[Notification]:
        """
        The caller's notices, newest first: those not read alone; for a reason, or several; of a
        team. What they may not see any more is not among them.

        Raises: NotFound, for a team that is not theirs; Invalid; Malformed.
        """
        await self._oneself(self._rows, MANAGE)
        size = checked_limit(limit)
        where = await self._where(reason, team) | ({"read_at": None} if unread else {})
        secret, binding = await self._caller.store.secret(), ["notifications", self._caller.user_id, where]
        after = NotificationId(UUID(unseal(secret, binding, cursor))) if cursor is not None else None
        found = await self._visible(size + 1, after, where)
        more = len(found) > size
        return Page([*found[:size]], seal(secret, binding, found[size - 1].id) if more else None)

    async def unread(self) -> UnreadNotifications:
        """How many notices the caller has not read, as far as that matters to anybody."""
        await self._oneself(self._rows, MANAGE)
        return UnreadNotifications(len(await self._visible(MOST_COUNTED, None, {"read_at": None})))

    async def _where(
        self, reason: ReasonWord | Sequence[ReasonWord] | None, team: UUID | str | None
    ) -> dict[str, Any]:
        """What of a notification is asked for."""
        where: dict[str, Any] = {}
        if reason is not None:
            several = [reason] if isinstance(reason, str) else reason
            where["reason"] = tuple(sorted(word(Reason, each, "reason") for each in several))
        if team is not None:
            home, _ = await self._allowed(self._rows, Team, team, "team.read")
            where["team_id"] = home.id
        return where

    async def _visible(
        self, most: int, after: NotificationId | None, where: Mapping[str, Any]
    ) -> Sequence[Notification]:
        """The newest that the caller may see at this moment, at most so many."""
        rows, newest = self._rows, self._caller.newest_rows()
        found: list[Notification] = []
        while len(found) < most:
            read = await rows.find(
                Notification,
                after=after,
                limit=most,
                newest_first=True,
                user_id=self._caller.user_id,
                **where,
            )
            sight = await sight_of(newest, read)
            found += [each for each in read if sight.sees(each)]
            if len(read) < most:
                break
            after = read[-1].id
        return found[:most]

    @command
    async def read(
        self,
        unit: Unit,
        *,
        ids: Sequence[UUID | str] | None = None,
        through: UUID | str | None = None,
        everything: bool = False,
        unread: bool = False,
        idempotency_key: str | None = None,
    ) -> MarkedNotifications:
        """
        Take notices as read: those with these ids, all up to one and itself, or all. With `unread` these ids are
        not read again.

        Raises: NotFound, for an id that none of the caller's notices has; Invalid.
        """
        await self._oneself(unit, MANAGE)
        if sum([ids is not None, through is not None, bool(everything)]) != 1:
            raise invalid("ids", "give ids, through, or that all are meant: one of them")
        if unread and ids is None:
            raise invalid("unread", "goes with ids")
        found = await self._named(unit, ids) if ids is not None else await self._until(unit, through)
        read_at = None if unread else self._caller.clock()
        changed = [
            attrs.evolve(each, read_at=read_at, version=each.version + 1)
            for each in found
            if (each.read_at is None) != unread
        ]
        if changed:
            await unit.save(changed)
        return MarkedNotifications(len(changed))

    async def _named(self, unit: Unit, ids: Sequence[UUID | str]) -> Sequence[Notification]:
        if isinstance(ids, str) or len(ids) > MOST_IDS:
            raise invalid("ids", f"must be a list of at most {MOST_IDS} ids")
        wanted = {_id(each, f"ids/{place}"): each for place, each in enumerate(ids)}
        found = (
            await unit.find(Notification, user_id=self._caller.user_id, id=tuple(wanted)) if wanted else []
        )
        for unknown in wanted.keys() - {each.id for each in found}:
            raise missing(f"notification {wanted[unknown]}")
        return found

    async def _until(self, unit: Unit, through: UUID | str | None) -> Sequence[Notification]:
        where: dict[str, Any] = {"user_id": self._caller.user_id, "read_at": None}
        if through is None:
            return await unit.find(Notification, **where)
        last = await self._named(unit, [_id(through, "through")])
        return [*last, *await unit.find(Notification, after=last[0].id, newest_first=True, **where)]

    async def preferences(self) -> NotificationPreferences:
        """What the caller prefers to be told, where and when."""
        user = await self._oneself(self._rows, MANAGE)
        return await self._preferences(self._rows, user)

    @command
    async def edit_preferences(
        self,
        unit: Unit,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
        **fields: Unpack[PreferenceFields],
    ) -> NotificationPreferences:
        """Prefer otherwise. Raises: Invalid, with every fault; PreconditionFailed."""
        user = await self._oneself(unit, MANAGE)
        current = await self._preferences(unit, user)
        changed = _changed(current, dict(sound(PreferenceFields, fields)), self._caller.clock())
        refuse(preference_faults(changed))
        expect_version(current, if_version)
        if changed == current:
            return current
        mornings = [each.digest_at or each.weekly_report for each in (current, changed)]
        if mornings[0] != mornings[1]:
            changed = with_next_digest(changed, user, self._caller.clock())
        else:
            changed = attrs.evolve(changed, version=current.version + 1)
        saved: list[NotificationPreferences] = await unit.save([changed])
        return saved[0]

    async def _preferences(self, reader: Rows | Unit, user: User) -> NotificationPreferences:
        found = await reader.find(NotificationPreferences, user_id=user.id)
        return found[0] if found else attrs.evolve(preferences_of(user, self._caller.clock()), version=0)


def _changed(
    current: NotificationPreferences, wanted: dict[str, Any], now: datetime
) -> NotificationPreferences:
    if "channels" in wanted:
        wanted["channels"] = _channels(current, wanted["channels"])
    was_disabled = current.mail_disabled_at is not None
    if (disabled := wanted.pop("mail_disabled", was_disabled)) != was_disabled:
        wanted["mail_disabled_at"] = now if disabled else None
        wanted["mail_disabled_reason"] = BY_USER if disabled else None
    return attrs.evolve(current, **wanted)


def _channels(current: NotificationPreferences, wanted: Mapping[Any, Any] | None) -> Mapping[Reason, Any]:
    """Those of before, with those that are given; None is the default."""
    if wanted is None:
        return {**DEFAULTS}
    channels, faults = {**current.channels}, list[Fault]()
    for name, value in wanted.items():
        field = f"channels/{name}"
        try:
            reason = word(Reason, name, field)
            channels[reason] = DEFAULTS[reason] if value is None else word(Channel, value, field)
        except Invalid as error:
            faults += error.faults
    refuse(faults)
    return channels


def _id(ref: UUID | str, field: str) -> UUID:
    try:
        return ref if isinstance(ref, UUID) else UUID(ref)
    except (ValueError, TypeError, AttributeError):
        raise invalid(field, "must be an id (a UUID)") from None
