"""What those who follow logs still may, asked for all of them at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from taskcore.errors import TaskCoreError
from taskcore.identity.model import ApiToken, Session, User
from taskcore.permissions import Actor, Standing, missing, require, signed_out
from taskcore.ports import Rows
from taskcore.teams.model import Membership, Team
from taskcore.values import TeamId

RIGHTS = ("team.read", "realtime.subscribe_team")
Following = tuple[Actor, TeamId]


async def standings(rows: Rows, asked: Collection[Following], now: datetime) -> Mapping[Following, Standing]:
    """What each actor is to their team at this moment: five reads, however many they are."""
    actors, teams = {actor for actor, _ in asked}, tuple({team_id for _, team_id in asked})
    people = tuple({actor.user_id for actor in actors})
    users = {each.id: each for each in await rows.find(User, id=people)}
    homes = {each.id: each for each in await rows.find(Team, id=teams, deleted_at=None)}
    found = await rows.find(Membership, team_id=teams, user_id=people)
    roles = {(each.team_id, each.user_id): each.role for each in found}
    good = await _good_credentials(rows, actors, now)

    def standing(actor: Actor, team_id: TeamId) -> Standing:
        user, team = users.get(actor.user_id), homes.get(team_id)
        if team is None or actor.team_id not in (None, team_id):
            return Standing(actor, active=user is not None and user.active)
        return Standing(
            actor,
            team_id,
            roles.get((team_id, actor.user_id)),
            active=user is not None and user.active and actor in good,
            is_admin=user is not None and user.is_admin,
            suspended=team.suspended_at is not None,
        )

    return {(actor, team_id): standing(actor, team_id) for actor, team_id in asked}


async def _good_credentials(rows: Rows, actors: Collection[Actor], now: datetime) -> set[Actor]:
    """Those whose session and token are theirs, not revoked and not over."""
    session_ids = tuple({each.session_id for each in actors if each.session_id is not None})
    token_ids = tuple({each.token_id for each in actors if each.token_id is not None})
    sessions = await rows.find(Session, id=session_ids) if session_ids else []
    tokens = await rows.find(ApiToken, id=token_ids) if token_ids else []
    good_sessions = {(each.id, each.user_id) for each in sessions if each.open_at(now)}
    good_tokens = {(each.id, each.user_id) for each in tokens if each.open_at(now)}
    return {
        each
        for each in actors
        if (each.session_id is None or (each.session_id, each.user_id) in good_sessions)
        and (each.token_id is None or (each.token_id, each.user_id) in good_tokens)
    }


def refusal(standing: Standing, team_id: TeamId) -> TaskCoreError | None:
    """Why somebody may no longer follow; None, where they may."""
    if not standing.active:
        return signed_out()
    if standing.team_id is None:
        return missing(f"team {team_id}")
    try:
        for right in RIGHTS:
            require(standing, right, f"team {team_id}")
    except TaskCoreError as refused:
        return refused
    return None
