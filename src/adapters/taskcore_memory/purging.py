"""The end of a team."""

from __future__ import annotations

from itertools import islice
from typing import Any

from taskcore.ports import KEYS, OUTLIVING
from taskcore.teams.model import Team
from taskcore.values import TeamId
from taskcore_memory.tables import Key, Tables

Chosen = list[tuple[type[Any], Key]]


def chosen(tables: Tables, team_id: TeamId, most: int) -> Chosen:
    """What goes next, as `Unit.purge` has it."""
    of_team = (
        (kind, key)
        for kind in reversed(KEYS)
        if kind not in OUTLIVING
        for key, thing in tables.kinds[kind].rows.items()
        if kind is not Team and getattr(thing, "team_id", None) == team_id
    )
    some = list(islice(of_team, most))
    if len(some) < most and (team_id,) in tables.kinds[Team].rows:
        some.append((Team, (team_id,)))
    return some


def drop(some: Chosen, team_id: TeamId, tables: Tables) -> None:
    """With the team goes its log."""
    for kind, key in some:
        tables.kinds[kind].drop(key)
        if kind is Team:
            tables.events.pop(team_id, None)
            tables.numbers.pop(team_id, None)
