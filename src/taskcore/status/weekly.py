"""The mail of a week: how each of somebody's teams stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from taskcore.caller import Caller, Outside
from taskcore.delivery.letters.digest import weekly_message
from taskcore.delivery.letters.subscribing import REPORT
from taskcore.delivery.mailing import mail_job
from taskcore.delivery.ports import Attachment
from taskcore.delivery.preferences import NotificationPreferences, may_be_mailed
from taskcore.errors import Forbidden, Invalid, NotFound, Unauthenticated
from taskcore.identity.model import User
from taskcore.jobs.ports import Run
from taskcore.permissions import Actor
from taskcore.ports import Unit
from taskcore.status.making import made
from taskcore.status.model import ReportFormat
from taskcore.teams.model import Membership, Team
from taskcore.values import WORKERS, UserId, end_of_day

MOST_BYTES = 8_000_000
"""Of the files of one mail; many servers take no more than 10 MB, as it is sent."""


async def send(run: Run) -> Any:
    """The handler of `report.weekly`; it counts the teams. Guests' teams send them none."""
    job, outside = run.job, run.outside
    rows = outside.store.rows()
    users = await rows.find(User, id=job.user_id)
    preferred = await rows.find(NotificationPreferences, user_id=job.user_id)
    if (
        not users
        or not preferred
        or not may_be_mailed(preferred[0], users[0])
        or not preferred[0].weekly_report
    ):
        return 0
    [user] = users
    teams = await _teams(outside, user.id)
    names, files = await _files(run, user, teams)
    if not files:
        return 0
    until = end_of_day(date.fromisoformat(job.payload["monday"]) + timedelta(days=6), user.time_zone)

    async def keep(unit: Unit) -> int:
        mail = mail_job(
            outside.ids(),
            outside.clock(),
            weekly_message(user.email, names, files),
            user_id=user.id,
            until=until,
            unsubscribe=REPORT,
            unique_key=f"mail:{job.id}",
        )
        await unit.save([mail])
        return len(names)

    return await run.finish(keep)


async def _teams(outside: Outside, user_id: UserId) -> Sequence[Team]:
    rows = outside.store.rows()
    memberships = await rows.find(Membership, user_id=user_id, role=tuple(WORKERS))
    ids = tuple(each.team_id for each in memberships)
    teams = await rows.find(Team, id=ids, deleted_at=None) if ids else []
    return sorted(teams, key=lambda team: (team.name, team.id))


async def _files(run: Run, user: User, teams: Sequence[Team]) -> tuple[Sequence[str], tuple[Attachment, ...]]:
    """What their teams are called, and the files that fit in one mail."""
    wanted, names = _format(run.outside), []
    files: list[Attachment] = []
    for place, team in enumerate(teams):
        await run.progress(place, len(teams), team.name)
        try:
            file = await made(Caller(Actor(user.id), run.outside), team.id, wanted)
        except (Unauthenticated, NotFound, Forbidden):  # not theirs any more
            continue
        fits = sum(len(each.content) for each in files) + len(file.content) <= MOST_BYTES
        names.append(team.name if fits else f"{team.name}: too large to be sent along")
        if fits:
            files.append(Attachment(file.filename, file.media, file.content))
    return names, tuple(files)


def _format(outside: Outside) -> ReportFormat:
    """PDF, where something here makes it."""
    try:
        outside.typesetter()
    except Invalid:
        return ReportFormat.HTML
    return ReportFormat.PDF
