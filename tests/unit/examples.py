"""A team, its people and its tasks, as the tests of rules need them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from taskcore.events import Stamp
from taskcore.identity.model import User
from taskcore.system import uuid7_ids
from taskcore.tasks.model import Dependency, Task
from taskcore.teams.model import Membership, Team
from taskcore.values import DependencyType, Role, TaskId, TeamId, UserId

NOW = datetime(2026, 11, 2, 9, 30, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
new_id = uuid7_ids()

ADA = User(UserId(new_id()), "ada@example.org", "Ada Lovelace", NOW, time_zone="Europe/Berlin")
BOB = User(UserId(new_id()), "bob@example.org", "Bob", NOW, time_zone="America/New_York")
TEAM = Team(TeamId(new_id()), "Platform", "platform", "PLAT", NOW, NOW, time_zone="Asia/Tokyo")


def stamp(now: datetime = LATER) -> Stamp:
    return Stamp(ADA.id, now, new_id)


def task(number: int = 1, **fields: Any) -> Task:
    """`PLAT-1`, open, of nobody, with other fields as given."""
    plain = Task(
        id=TaskId(new_id()),
        team_id=TEAM.id,
        number=number,
        key=f"PLAT-{number}",
        title=f"Task {number}",
        created_by=ADA.id,
        rank="V",
        created_at=NOW,
        updated_at=NOW,
    )
    return attrs.evolve(plain, **fields)


def membership(user: User, role: Role = Role.MEMBER) -> Membership:
    return Membership(TEAM.id, user.id, role, NOW)


def dependency(before: Task, after: Task, kind: DependencyType = DependencyType.FS) -> Dependency:
    return Dependency(TEAM.id, before.id, after.id, NOW, kind)
