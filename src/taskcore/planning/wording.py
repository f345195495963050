"""Reasons in sentences: what a plan's readers are told where they ask why."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from taskcore.scheduling.activities import Cause, Constraint, Rule
from taskcore.values import DependencyType, LagUnit

_WAITS = {
    DependencyType.FS: "waits until {key} is finished",
    DependencyType.SS: "waits until {key} has begun",
    DependencyType.FF: "cannot be finished before {key} is",
    DependencyType.SF: "cannot be finished before {key} has begun",
}
_RULES = {
    Rule.NOT_BEFORE: "is not to start before {at}",
    Rule.FINISH_NOT_BEFORE: "is not to finish before {at}",
    Rule.START_BY: "is to start by {at}",
    Rule.MUST_FINISH_BY: "is to finish by {at}",
    Rule.MUST_START_ON: "is to start at {at}",
    Rule.MUST_FINISH_ON: "is to finish at {at}",
}


def moment(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%a %Y-%m-%d %H:%M")


def of_link(kind: DependencyType, key: str, lag_minutes: int, unit: LagUnit) -> str:
    waits = _WAITS[kind].format(key=key)
    if not lag_minutes:
        return waits
    lag = f"{abs(lag_minutes)} min of {'working time' if unit is LagUnit.WORKING else 'time'}"
    return f"{waits}, {'less' if lag_minutes < 0 else 'and'} {lag}{'' if lag_minutes < 0 else ' more'}"


def of_constraint(constraint: Constraint, at: datetime, zone: ZoneInfo) -> str:
    return _RULES[constraint.rule].format(at=moment(at, zone))


def of_cause(
    cause: Cause, at: datetime, zone: ZoneInfo, who: str | None, key: str | None, *, begun: bool = False
) -> str:
    """Of all causes but links and constraints, which say more."""
    person, when = who or "nobody", moment(at, zone)
    return {
        Cause.PROJECT_START: f"the plan begins {when}",
        Cause.NOW: f"goes on from now, {when}" if begun else f"has not begun, and it is {when}",
        Cause.ACTUAL: f"has begun {when}",
        Cause.CALENDAR: f"{person} does not work until {when}" if who else f"nobody works until {when}",
        Cause.CHILD: f"reaches over its parts, {key or 'another task'} among them",
        Cause.RESOURCE: f"{person} works on {key or 'another task'} until {when}",
        Cause.LIMIT: f"{person} has done all that a day or a week allows until {when}",
        Cause.POLICY: "is kept where it was planned",
        Cause.ESTIMATE: "takes longer or shorter than it did",
        Cause.LEFT: f"{person} is not on {key or 'another task'} before it any more",
    }[cause]
