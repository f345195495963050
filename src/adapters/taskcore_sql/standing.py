"""What somebody is at this moment, as SQL: read in the statement that reads the thing, never before."""

from __future__ import annotations

from taskcore.permissions import Actor
from taskcore_sql.database import Params
from taskcore_sql.dialect import Convert


def active(actor: Actor) -> str:
    """Whether the account `u` is open, and what the actor showed is theirs and not revoked."""
    tests = ["u.disabled_at IS NULL"]
    if actor.session_id is not None:
        tests.append(
            "EXISTS (SELECT 1 FROM sessions c WHERE c.id = :session_id AND c.user_id = u.id"
            " AND c.revoked_at IS NULL)"
        )
    if actor.token_id is not None:
        tests.append(
            "EXISTS (SELECT 1 FROM api_tokens c WHERE c.id = :token_id AND c.user_id = u.id"
            " AND c.revoked_at IS NULL)"
        )
    return f"({' AND '.join(tests)})"


def only_team(actor: Actor) -> str:
    """What a membership `m` must be besides the actor's, where their token is for one team."""
    return "" if actor.team_id is None else " AND m.team_id = :token_team_id"


def actor_params(actor: Actor, encode: Convert) -> Params:
    """The parameters of these."""
    given = {
        "user_id": actor.user_id,
        "session_id": actor.session_id,
        "token_id": actor.token_id,
        "token_team_id": actor.team_id,
    }
    return {name: encode(value) for name, value in given.items() if value is not None}
