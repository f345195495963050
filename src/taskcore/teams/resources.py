"""What a plan needs to know of a team: when it works, and who can do how much."""

from __future__ import annotations

from fractions import Fraction

import attrs

from taskcore.scheduling.calendars import WorkingCalendar
from taskcore.teams.calendar_documents import member_calendar, team_calendar
from taskcore.teams.calendars import member_working, team_working
from taskcore.teams.model import Membership, Team
from taskcore.values import UserId


@attrs.frozen
class MemberResource:
    """
    A member as a plan needs them: when they work, how much of it counts, and what they can do.

    Of each working minute `units` goes into the team's work, and `efficiency` minutes of work are done in it.
    Limits are in minutes, by the local day and week (from Monday) of the calendar's zone; None is none.
    """

    user_id: UserId
    calendar: WorkingCalendar
    units: Fraction
    efficiency: Fraction
    max_minutes_per_day: int | None
    max_minutes_per_week: int | None
    skills: frozenset[str]


def working_calendar(team: Team) -> WorkingCalendar:
    """When a team works."""
    return team_working(team_calendar(team.calendar), team.time_zone)


def member_resource(
    team: Team, membership: Membership, working: WorkingCalendar | None = None
) -> MemberResource:
    """A member as a plan needs them. `working` is the team's `working_calendar`, which a plan of many makes once."""
    calendar = member_calendar(membership.calendar)
    return MemberResource(
        user_id=membership.user_id,
        calendar=member_working(calendar, working_calendar(team) if working is None else working),
        units=Fraction(str(calendar.units)),
        efficiency=Fraction(str(calendar.efficiency)),
        max_minutes_per_day=membership.capacity_minutes_per_day,
        max_minutes_per_week=calendar.max_minutes_per_week,
        skills=frozenset(calendar.skills),
    )
