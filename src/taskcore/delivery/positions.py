"""How far a reader of a team's log has come."""

from __future__ import annotations

import attrs

from taskcore.values import TeamId


@attrs.frozen(slots=True)
class LogPosition:
    """The last event that a consumer of a team's log is done with: it goes on behind it, whatever becomes of it."""

    team_id: TeamId
    consumer: str
    """Who reads: `stream`, or `webhook:` and its id."""
    seq: int = 0
    holder: str | None = None
    """Who is at it, where that takes more than one unit of work."""
    version: int = 1
