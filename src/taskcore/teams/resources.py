"""What a plan needs to know of a team: when it works, and who can do how much."""

from __future__ import annotations

import attrs

from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.scheduling.staffing.model import Resource
from taskcore.teams.calendar_documents import member_calendar, team_calendar
from taskcore.teams.calendars import member_working, team_working
from taskcore.teams.model import Membership, Team
from taskcore.values import UserId

_MINUTE = 60


@attrs.frozen
class MemberResource:
    """A member as a plan needs them: their time, and what they can do."""

    user_id: UserId
    resource: Resource
    skills: frozenset[str]


def working_calendar(team: Team) -> WorkingCalendar:
    """When a team works."""
    return team_working(team_calendar(team.calendar), team.time_zone)


def member_resource(
    team: Team, membership: Membership, working: WorkingCalendar | None = None
) -> MemberResource:
    """A member as a plan needs them. `working` is the team's `working_calendar`, which a plan of many makes once."""
    calendar = member_calendar(membership.calendar)
    resource = Resource(
        calendar=member_working(calendar, working_calendar(team) if working is None else working),
        units=calendar.units,
        efficiency=calendar.efficiency,
        max_per_day=_seconds(membership.capacity_minutes_per_day),
        max_per_week=_seconds(calendar.max_minutes_per_week),
    )
    return MemberResource(membership.user_id, resource, frozenset(calendar.skills))


def _seconds(minutes: int | None) -> int | None:
    return None if minutes is None else minutes * _MINUTE
