"""The use cases of calendars: when a team works, and when each of its members does."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command, expect_version
from taskcore.errors import Fault, NotFound, refuse
from taskcore.identity.model import User
from taskcore.permissions import Standing, missing, refused
from taskcore.ports import Rows, Unit
from taskcore.teams import membership as rules
from taskcore.teams.calendar_documents import (
    Hours,
    MemberCalendarFields,
    TeamCalendarFields,
    changes,
    day_exception,
    days,
    in_order,
    kept,
    member_calendar,
    member_document,
    team_calendar,
    team_document,
    written_hours,
)
from taskcore.teams.calendars import MemberCalendar, Window, WorkingSpan, member_working
from taskcore.teams.model import Membership, Team
from taskcore.teams.resources import working_calendar
from taskcore.teams.telling import calendar_event
from taskcore.values import Role, TeamId, UserId


@attrs.frozen(slots=True)
class TeamWorkingTime:
    """A team's calendar, and what comes of it."""

    team_id: TeamId
    calendar: TeamCalendarFields = attrs.field(converter=in_order)
    """As it was set, every field in it; it can be put back."""
    time_zone: str
    hours: Hours = attrs.field(converter=in_order)
    """The weekly hours in force."""
    effective: tuple[WorkingSpan, ...] | None
    """The working time of the days that were asked for."""
    version: int
    """Of the team."""


@attrs.frozen(slots=True)
class MemberWorkingTime:
    """A member's calendar, and what comes of it and of the team's."""

    team_id: TeamId
    user_id: UserId
    calendar: MemberCalendarFields = attrs.field(converter=in_order)
    """As it was set, every field in it; it can be put back."""
    time_zone: str
    hours: Hours = attrs.field(converter=in_order)
    """The weekly hours in force."""
    capacity_minutes_per_day: int | None
    effective: tuple[WorkingSpan, ...] | None
    """The working time of the days that were asked for: without the team's holidays, and without time off."""
    version: int
    """Of the membership."""


class Calendars(UseCases):
    """`me.calendars`: what a team and its members say of their working time, and what comes of it."""

    async def get(
        self, team: UUID | str, *, first_day: date | None = None, last_day: date | None = None
    ) -> TeamWorkingTime:
        """
        Read a team's calendar; with two days, both included, the working time from the one to the other.

        Raises: Invalid, with the faults of these days as `from` and `to`.
        """
        home, _ = await self._allowed(self._rows, Team, team, "team.read", "membership.list")
        return _of_team(home, _window(first_day, last_day))

    @command
    async def put(
        self,
        unit: Unit,
        team: UUID | str,
        calendar: TeamCalendarFields,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> TeamWorkingTime:
        """
        Say when a team works: its whole calendar; what is left out is as if nothing had been said of it.

        `if_version` is that of the team. Raises: Invalid, with each fault by its place (`exceptions/2/to`).
        """
        home, _ = await self._allowed(
            unit, Team, team, "team.read", "membership.list", "calendar.manage_team"
        )
        new = team_calendar(calendar)
        expect_version(home, if_version)
        told = changes(team_calendar(home.calendar), new)
        if not told:
            return _of_team(home, None)
        stamp = self._caller.stamp()
        changed = attrs.evolve(home, calendar=kept(new), version=home.version + 1, updated_at=stamp.now)
        await unit.save([changed], events=[calendar_event(changed, told, stamp)])
        return _of_team(changed, None)

    async def get_member(
        self,
        team: UUID | str,
        user: UserId,
        *,
        first_day: date | None = None,
        last_day: date | None = None,
    ) -> MemberWorkingTime:
        """Read a member's calendar, with the working time of some days as in `get`; guests read their own alone."""
        home, standing, membership = await self._member(self._rows, team, user)
        if standing.role in (None, Role.GUEST) and user != self._caller.user_id:
            message = "you see who is in the team, and not when they work"
            raise refused(standing, "membership.list", message)
        return _of_member(home, membership, _window(first_day, last_day))

    @command
    async def put_member(
        self,
        unit: Unit,
        team: UUID | str,
        user: UserId,
        calendar: MemberCalendarFields,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> MemberWorkingTime:
        """
        Say when a member works: their whole calendar; what is left out is as the team has it.

        One's own every member may, that of others owners and admins. `if_version` is that of the membership.
        Raises: Invalid, with each fault by its place (`exceptions/2/to`).
        """
        home, current = await self._changeable(unit, team, user)
        return await self._saved(unit, home, current, member_calendar(calendar), if_version)

    @command
    async def add_time_off(
        self,
        unit: Unit,
        team: UUID | str,
        user: UserId,
        first_day: date,
        last_day: date | None = None,
        name: str = "",
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> MemberWorkingTime:
        """Give a member these days off, both included; without the last one, a single day."""
        home, current = await self._changeable(unit, team, user)
        off = day_exception({**_days(first_day, last_day), "name": name})
        changed = member_calendar(current.calendar).with_exception(off)
        return await self._saved(unit, home, current, changed, if_version)

    @command
    async def remove_time_off(
        self,
        unit: Unit,
        team: UUID | str,
        user: UserId,
        first_day: date,
        last_day: date | None = None,
        *,
        if_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> MemberWorkingTime:
        """
        Let a member work on these days as usual: what they had off, or other hours, is cut there.

        Raises: NotFound, if there is nothing of the kind.
        """
        home, current = await self._changeable(unit, team, user)
        off = day_exception(_days(first_day, last_day))
        calendar = member_calendar(current.calendar)
        changed = calendar.without_exceptions(off.first, off.last)
        if changed == calendar:
            raise NotFound(f"no time off from {off.first} to {off.last}")
        return await self._saved(unit, home, current, changed, if_version)

    async def _member(
        self, reader: Rows | Unit, team: UUID | str, user: UserId
    ) -> tuple[Team, Standing, Membership]:
        home, seen = await self._allowed(reader, Team, team, "team.read", "membership.list")
        memberships = await reader.find(Membership, team_id=home.id, user_id=user)
        if not memberships:
            raise missing(f"member {user}")
        return home, seen.standing, memberships[0]

    async def _changeable(self, unit: Unit, team: UUID | str, user: UserId) -> tuple[Team, Membership]:
        """The membership, read once the team's lock is held: time off is added to what is there."""
        home, standing, _ = await self._member(unit, team, user)
        own = user == self._caller.user_id
        self._require(standing, "calendar.manage_own" if own else "calendar.manage_team", f"member {user}")
        await unit.lock(home.id)
        home, _, membership = await self._member(unit, home.id, user)
        return home, membership

    async def _saved(
        self,
        unit: Unit,
        home: Team,
        current: Membership,
        calendar: MemberCalendar,
        if_version: int | None,
    ) -> MemberWorkingTime:
        expect_version(current, if_version)
        told = changes(member_calendar(current.calendar), calendar)
        if not told:
            return _of_member(home, current, None)
        stamp = self._caller.stamp()
        person = (await unit.find(User, id=current.user_id))[0]
        changed = attrs.evolve(current, calendar=kept(calendar), version=current.version + 1)
        event = rules.member_event("member.capacity_changed", changed, person, stamp, **told)
        await unit.save([changed], events=[event])
        return _of_member(home, changed, None)


def _window(first_day: object, last_day: object) -> Window | None:
    if first_day is None and last_day is None:
        return None
    missing_days = [name for name, given in (("from", first_day), ("to", last_day)) if given is None]
    refuse(Fault(name, "is needed where the other day is given") for name in missing_days)
    return Window(*days({"from": first_day, "to": last_day}))


def _days(first_day: object, last_day: object) -> dict[str, object]:
    return {"from": first_day} if last_day is None else {"from": first_day, "to": last_day}


def _of_team(team: Team, window: Window | None) -> TeamWorkingTime:
    calendar = team_calendar(team.calendar)
    return TeamWorkingTime(
        team_id=team.id,
        calendar=team_document(calendar),
        time_zone=team.time_zone,
        hours=written_hours(calendar.usual_hours),
        effective=window.worked(working_calendar(team)) if window is not None else None,
        version=team.version,
    )


def _of_member(team: Team, membership: Membership, window: Window | None) -> MemberWorkingTime:
    calendar, teams = member_calendar(membership.calendar), team_calendar(team.calendar)
    working = member_working(calendar, working_calendar(team))
    hours = calendar.hours if calendar.hours is not None else teams.usual_hours
    return MemberWorkingTime(
        team_id=team.id,
        user_id=membership.user_id,
        calendar=member_document(calendar),
        time_zone=calendar.time_zone or team.time_zone,
        hours=written_hours(hours),
        capacity_minutes_per_day=membership.capacity_minutes_per_day,
        effective=window.worked(working) if window is not None else None,
        version=membership.version,
    )
