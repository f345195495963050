"""What whoever runs jobs does to them by hand: try again, stop, throw away; one, or many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from taskcore.caller import expect_version
from taskcore.errors import Conflict, Invalid, Malformed, invalid, refuse
from taskcore.fields import word
from taskcore.identity.model import AuditEntry
from taskcore.jobs.model import MOST_OF_KIND, Job, JobSchedule, JobState
from taskcore.jobs.registry import SCHEDULES
from taskcore.jobs.states import cancelling, retried
from taskcore.jobs.views import ScheduleSummary, Swept
from taskcore.permissions import missing
from taskcore.ports import Rows, Unit
from taskcore.teams.model import Team
from taskcore.values import TeamId, line_faults

Handling: TypeAlias = Literal["retry", "cancel", "drop"]
ENDED = tuple(state for state in JobState if state.ended)
MOST_AT_ONCE = 1_000
"""Jobs that one unit of work changes, of all that are meant."""


def _retried(job: Job, now: datetime) -> Job:
    _refuse_unended(job)
    return retried(job, now)


def to_cancel(job: Job, now: datetime) -> Job:
    """As it is once it is to stop. Raises: Conflict `job_ended`."""
    if job.state.ended:
        raise Conflict(f"job {job.id} has ended: it is {job.state}", code="job_ended")
    return cancelling(job, now)


def _dropped(job: Job, now: datetime) -> None:  # noqa: ARG001  as the others
    _refuse_unended(job)


def _refuse_unended(job: Job) -> None:
    if not job.state.ended:
        raise Conflict(f"job {job.id} has not ended: it is {job.state}; cancel it", code="job_not_ended")


_BECOMES: Mapping[Handling, Callable[[Job, datetime], Job | None]] = {
    "retry": _retried,
    "cancel": to_cancel,
    "drop": _dropped,
}
Audited = Callable[[UUID | None, Mapping[str, object]], AuditEntry]
"""Makes the entry of the audit: about which job, if it is one, and what was done."""


async def job_of(reader: Rows | Unit, ref: UUID | str, **where: Any) -> Job:
    """The job that `ref` names. Raises: NotFound."""
    try:
        wanted = ref if isinstance(ref, UUID) else UUID(ref)
    except (ValueError, TypeError, AttributeError):
        raise missing(f"job {ref}") from None
    found = await reader.find(Job, id=wanted, **where)
    if not found:
        raise missing(f"job {ref}")
    return found[0]


async def handled(
    unit: Unit,
    handling: Handling,
    ref: UUID | str,
    now: datetime,
    audited: Audited,
    *,
    if_version: int | None = None,
) -> Job:
    """
    The job as it is after that; of one that is dropped, as it was.

    Raises: NotFound; PreconditionFailed; Conflict `job_not_ended`, `job_ended`.
    """
    job = await job_of(unit, ref)
    expect_version(job, if_version)
    after = _BECOMES[handling](job, now)
    if after == job:
        return job
    entry = audited(job.id, {"did": handling, "kind": job.kind})
    if after is None:
        await unit.save([entry], removed=[job])
        return job
    saved: list[Any] = await unit.save([after, entry])
    return saved[0]  # type: ignore[no-any-return]


async def swept(
    unit: Unit,
    handling: Handling,
    wanted: Mapping[str, Any],
    after: UUID | None,
    now: datetime,
    audited: Audited,
) -> Swept:
    """As `handled`, of every job that is `wanted`, at most `MOST_AT_ONCE`, from the one beyond `after` on."""
    found = await unit.find(Job, after=after, limit=MOST_AT_ONCE + 1, **wanted)
    jobs = found[:MOST_AT_ONCE]
    if not jobs:
        return Swept(0, None)
    became = [_BECOMES[handling](job, now) for job in jobs]
    told = {name: value for name, value in wanted.items() if value is not None}
    changed: list[Any] = [each for each in became if each is not None]
    removed = [job for job, each in zip(jobs, became, strict=True) if each is None]
    entry = audited(None, {"did": handling, "jobs": len(jobs), **told})
    await unit.save([*changed, entry], removed=removed)
    return Swept(len(jobs), jobs[-1].id if len(found) > len(jobs) else None)


def which_ended(state: object, kind: str | None, team_id: TeamId | None) -> dict[str, Any]:
    """Which jobs are meant, of those that ended. Raises: Invalid."""
    wanted = word(JobState, state, "state")
    if not wanted.ended:
        raise invalid("state", f"must be one of {', '.join(ENDED)}, since it is for jobs that ended")
    return _said(state=wanted, kind=_kind(kind), team_id=team_id)


def which(state: object, kind: str | None, team_id: TeamId | None = None) -> dict[str, Any]:
    """Which jobs are listed, as `Rows.find` takes it: only what is said. Raises: Malformed."""
    try:
        found = None if state is None else word(JobState, state, "state")
        return _said(state=found, kind=_kind(kind), team_id=team_id)
    except Invalid as error:
        raise Malformed(faults=error.faults) from error


def _kind(kind: str | None) -> str | None:
    refuse(() if kind is None else line_faults("kind", kind, least=1, most=MOST_OF_KIND))
    return kind


def _said(**wanted: object) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if value is not None}


async def team_id_of(reader: Rows | Unit, team: UUID | str | None) -> TeamId | None:
    """The id of a team, which may be deleted by now, or gone. Raises: NotFound."""
    if team is None:
        return None
    try:
        return TeamId(team if isinstance(team, UUID) else UUID(team))
    except (ValueError, TypeError, AttributeError):
        pass
    named = isinstance(team, str)
    found = (await reader.find(Team, key=team) or await reader.find(Team, slug=team)) if named else []
    if not found:
        raise missing(f"team {team}")
    return found[0].id


def job_id_of(after: UUID | str | None) -> UUID | None:
    """Where to go on. Raises: Invalid."""
    try:
        return after if after is None or isinstance(after, UUID) else UUID(after)
    except (ValueError, TypeError, AttributeError):
        raise invalid("after", "must be the id of a job, as the answer before gave it") from None


async def schedules_of(reader: Rows) -> list[ScheduleSummary]:
    """All that comes again and again, or came once, by name."""
    kept = {each.name: each for each in await reader.find(JobSchedule)}
    known = {each.name: each for each in SCHEDULES}
    found = []
    for name in sorted({*kept, *known}):
        at, about = kept.get(name), known.get(name)
        found.append(
            ScheduleSummary(
                name,
                about.kind if about else None,
                about.cron if about else None,
                about.time_zone if about else None,
                at.due_at if at else None,
                at.last_at if at else None,
            )
        )
    return found
