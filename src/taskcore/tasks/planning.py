"""What a task tells a plan besides its estimate: what kind it is, who could do it, and what binds its dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypedDict

import attrs

from taskcore.errors import Fault, invalid
from taskcore.events import instant_text
from taskcore.teams.calendar_documents import MOST_OF_SKILL
from taskcore.values import ConstraintRule, ConstraintRuleWord, instant, line_faults

MOST_CANDIDATES = 100
MOST_REQUIRED_SKILLS = 20


@attrs.frozen(slots=True)
class TaskConstraint:
    """What a date of the task is held to. Only `as_late_as_possible` has no instant."""

    rule: ConstraintRule
    at: datetime | None = None


class ConstraintOf(TypedDict):
    """The rule of a constraint."""

    rule: ConstraintRuleWord


class NewConstraint(ConstraintOf, total=False):
    """A constraint as a caller gives it; every rule but `as_late_as_possible` wants the instant."""

    at: datetime | None


def constraints_of(given: Iterable[NewConstraint]) -> tuple[TaskConstraint, ...]:
    """In the order of the rules. Raises: Invalid, for an instant without a zone."""
    found = [TaskConstraint(ConstraintRule(each["rule"]), _instant(each)) for each in given]
    return tuple(sorted(found, key=lambda each: _PLACE[each.rule]))


_PLACE = {rule: place for place, rule in enumerate(ConstraintRule)}


def _instant(given: Mapping[str, object]) -> datetime | None:
    at = given.get("at")
    try:
        return instant(at) if isinstance(at, datetime) else None
    except ValueError as error:
        raise invalid("constraints", f"{given['rule']}: {error}") from error


def constraint_in(text: str) -> NewConstraint:
    """`not_before=2026-12-01T09:00Z`, or a rule alone, as tables and the command line write it. Raises: ValueError."""
    word, _, at = text.partition("=")
    if word not in list(ConstraintRule):
        raise ValueError(
            f"must be one of {', '.join(ConstraintRule)}, then = and an instant, not {text[:60]!r}"
        )
    rule = ConstraintRule(word)
    try:
        return {"rule": rule, "at": datetime.fromisoformat(at)} if at else {"rule": rule}
    except ValueError:
        told = f"must be an instant such as {rule}=2026-12-01T09:00Z, not {text[:60]!r}"
        raise ValueError(told) from None


def written_constraint(constraint: TaskConstraint) -> str:
    """What `constraint_in` reads."""
    if constraint.at is None:
        return constraint.rule.value
    return f"{constraint.rule}={instant_text(constraint.at)}"


def constraint_faults(constraints: Sequence[TaskConstraint]) -> list[Fault]:
    """Each rule at most once, and an instant where one belongs."""
    times = Counter(each.rule for each in constraints)
    faults = [Fault("constraints", f"{rule} may be given once") for rule, many in times.items() if many > 1]
    for each in constraints:
        free = each.rule is ConstraintRule.AS_LATE_AS_POSSIBLE
        if free and each.at is not None:
            faults.append(Fault("constraints", f"{each.rule} takes no instant `at`"))
        if not free and each.at is None:
            faults.append(Fault("constraints", f"{each.rule} needs its instant `at`"))
    return faults


def estimate_faults(optimistic: int | None, likely: int | None, pessimistic: int | None) -> list[Fault]:
    """Of three points, those that are given rise."""
    faults = []
    if optimistic is not None and likely is not None and optimistic > likely:
        faults.append(Fault("estimate_optimistic_minutes", "must not be more than estimate_minutes"))
    if pessimistic is not None and likely is not None and likely > pessimistic:
        faults.append(Fault("estimate_pessimistic_minutes", "must not be less than estimate_minutes"))
    if optimistic is not None and pessimistic is not None and optimistic > pessimistic:
        told = "must not be more than estimate_pessimistic_minutes"
        faults.append(Fault("estimate_optimistic_minutes", told))
    return faults


def skill_faults(skills: Sequence[str]) -> list[Fault]:
    faults = [
        fault
        for each in skills
        for fault in line_faults("required_skills", each, least=1, most=MOST_OF_SKILL)
    ]
    if any("," in each for each in skills):
        faults.append(Fault("required_skills", "must not contain a comma, which separates skills in lists"))
    if len(skills) > MOST_REQUIRED_SKILLS:
        faults.append(Fault("required_skills", f"must be at most {MOST_REQUIRED_SKILLS}"))
    return faults


def expected_seconds(optimistic: int | None, likely: int | None, pessimistic: int | None) -> int | None:
    """The mean of PERT (Malcolm, Roseboom, Clark, Fazar 1959), (o + 4 m + p) / 6 of the three in minutes, as
    seconds, which it is whole in; of the likely one alone, where a point is missing."""
    if likely is None:
        return None
    if optimistic is None or pessimistic is None:
        return likely * 60
    return (optimistic + 4 * likely + pessimistic) * 10
