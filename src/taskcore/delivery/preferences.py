"""What a user wants to be told of, where, and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any

import attrs

from taskcore.delivery.inbox import Channel, Reason
from taskcore.delivery.mornings import changed_morning, next_morning
from taskcore.errors import Fault
from taskcore.identity.model import NOBODYS, User
from taskcore.scheduling.reminders import QuietHours
from taskcore.scheduling.spans import instant_of, seconds_of
from taskcore.values import UserId, zone

DEFAULTS: Mapping[Reason, Channel] = MappingProxyType(
    {
        Reason.TEAM_DELETED: Channel.MAIL,
        Reason.MAIL_DISABLED: Channel.INBOX,
        Reason.ASSIGNED: Channel.MAIL,
        Reason.MENTIONED: Channel.MAIL,
        Reason.ESCALATED: Channel.MAIL,
        Reason.REMINDER: Channel.MAIL,
        Reason.OVERDUE: Channel.DIGEST,
        Reason.DUE: Channel.DIGEST,
        Reason.SLIPPED: Channel.INBOX,
        Reason.FOLLOWING: Channel.INBOX,
        Reason.COMMENTED: Channel.INBOX,
    }
)
FIXED = frozenset({Reason.MAIL_DISABLED})
"""Reasons that nobody chooses for: who gets no mail any more is told so in the inbox."""
DIGEST_AT = "08:00"
BY_USER = "switched off by its user"
"""Why there is no mail, where that is not for what an address did."""
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def whole(channels: Mapping[Any, Any]) -> Mapping[Reason, Channel]:
    """A channel for each reason: what was chosen, else the default."""
    chosen = {Reason(reason): Channel(channel) for reason, channel in channels.items()}
    return {reason: chosen.get(reason, default) for reason, default in DEFAULTS.items()}


@attrs.frozen(slots=True)
class NotificationPreferences:
    """Everybody has them, from the beginning. Times of day are local, as `HH:MM`, where the user lives."""

    user_id: UserId
    channels: Mapping[Reason, Channel] = attrs.field(factory=lambda: {**DEFAULTS})
    quiet_from: str | None = None
    quiet_until: str | None = None
    """From the one until before the other no mail is sent, be it over midnight; what is told then comes after."""
    digest_at: str | None = DIGEST_AT
    """When the daily digest is sent; None: never. The weekly report comes at that time, too."""
    next_digest_at: datetime | None = None
    last_digest_on: date | None = None
    """The local day that was digested last."""
    weekly_report: bool = False
    """Whether a mail on Mondays tells how their teams stand."""
    mail_disabled_at: datetime | None = None
    """Since when nothing is mailed, since their address does not take it."""
    mail_disabled_reason: str | None = None
    last_weekly_on: date | None = None
    """The Monday whose report was sent last."""
    version: int = 1


def preferences_of(user: User, now: datetime) -> NotificationPreferences:
    """What a new user begins with."""
    return NotificationPreferences(user.id, next_digest_at=first_digest(user.time_zone, now))


def preference_faults(preferences: NotificationPreferences) -> list[Fault]:
    times = ("quiet_from", "quiet_until", "digest_at")
    faults = [
        Fault(name, "must be a time of day, as HH:MM from 00:00 to 23:59")
        for name in times
        if (value := getattr(preferences, name)) is not None and minutes(value) is None
    ]
    if (preferences.quiet_from is None) != (preferences.quiet_until is None):
        faults.append(Fault("quiet_until", "goes with quiet_from: give both, or neither"))
    elif preferences.quiet_from is not None and preferences.quiet_from == preferences.quiet_until:
        faults.append(Fault("quiet_until", "must be another time of day than quiet_from"))
    faults += [
        Fault(f"channels/{reason}", f"cannot be chosen: this always comes to the {DEFAULTS[reason]}")
        for reason in FIXED
        if preferences.channels.get(reason, DEFAULTS[reason]) is not DEFAULTS[reason]
    ]
    return faults


def minutes(time_of_day: object) -> int | None:
    """Minutes of the day of an `HH:MM`; None for anything else."""
    match = _TIME.fullmatch(time_of_day) if isinstance(time_of_day, str) else None
    return int(match[1]) * 60 + int(match[2]) if match else None


def quiet_hours(preferences: NotificationPreferences, user: User) -> QuietHours | None:
    start, end = minutes(preferences.quiet_from), minutes(preferences.quiet_until)
    return None if start is None or end is None else QuietHours(start, end, zone(user.time_zone))


def mail_at(preferences: NotificationPreferences, user: User, now: datetime) -> datetime:
    """`now`, or the end of the quiet hours it falls into."""
    quiet, seconds = quiet_hours(preferences, user), seconds_of(now)
    allowed = quiet.allowed(seconds) if quiet is not None else seconds
    return now if allowed == seconds else instant_of(allowed)


def may_be_mailed(preferences: NotificationPreferences, user: User) -> bool:
    """Whether mail is for them: somebody who showed that the address is theirs, and whose address takes mail."""
    verified = user.email_verified_at is not None and not user.email.endswith(NOBODYS)
    return verified and user.active and preferences.mail_disabled_at is None


def with_next_digest(
    preferences: NotificationPreferences, user: User, now: datetime
) -> NotificationPreferences:
    """The next version, with the digest that comes next by the time and the zone that are now theirs."""
    at = _time(preferences.digest_at or (DIGEST_AT if preferences.weekly_report else None))
    pending, told_on = preferences.next_digest_at, preferences.last_digest_on
    due = changed_morning(now, at, zone(user.time_zone), told_on, pending) if at is not None else None
    return attrs.evolve(preferences, next_digest_at=due, version=preferences.version + 1)


def first_digest(time_zone: str, now: datetime) -> datetime:
    """When who comes now, and lives there, gets the first digest."""
    return next_morning(now, time.fromisoformat(DIGEST_AT), zone(time_zone), None)


def _time(time_of_day: str | None) -> time | None:
    return time.fromisoformat(time_of_day) if time_of_day is not None else None
