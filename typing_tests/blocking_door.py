"""What a type checker sees of `taskcore.blocking.open`. Checked by mypy, never run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import assert_type

from taskcore import (
    Comment,
    Dependency,
    Event,
    Invitation,
    Member,
    Page,
    SavedView,
    Status,
    Task,
    Team,
    User,
    blocking,
)
from taskcore.blocking import Acting, TaskCore
from taskcore.values import Role, UserId


def opening_gives_the_engine() -> None:
    with blocking.open("memory://") as core:
        assert_type(core, TaskCore)
        assert_type(core.acting_as(core.users.find("ada@example.org").id), Acting)


def the_operators_use_cases(core: TaskCore, password: str) -> None:
    assert_type(core.users.register("ada@example.org", name="Ada", password=password), User)
    assert_type(core.users.list(), Sequence[User])
    core.users.register("ada@example.org", "Ada", password)  # type: ignore[call-arg]


def every_noun_tells_what_it_gives(me: Acting, user: UserId) -> None:
    assert_type(me.me.get(), User)
    assert_type(me.teams.create("Platform", key="PLAT"), Team)
    assert_type(me.teams.list(), Page[Team])
    assert_type(me.members.list("PLAT"), Page[Member])
    assert_type(me.members.edit("PLAT", user, role=Role.ADMIN), Member)
    assert_type(me.invitations.create("PLAT", "bob@example.org"), tuple[Invitation, str])
    assert_type(me.tasks.create("PLAT", "Ship it", due_on=date(2026, 12, 1), labels=["release"]), Task)
    assert_type(me.tasks.edit("PLAT-1", title="Ship it now", status=Status.DONE, force=True), Task)
    assert_type(me.tasks.list(team="PLAT", status=["open", "done"], sort="-due_at"), Page[Task])
    assert_type(me.tasks.count(assignee="me"), int)
    assert_type(me.tasks.delete("PLAT-1"), Task)
    assert_type(me.tasks.complete("PLAT-1", idempotency_key="8f14e"), Task)
    assert_type(me.tasks.claim("PLAT", label="agent", idempotency_key="8f14e"), Task | None)
    assert_type(me.dependencies.link("PLAT-2", "PLAT-1", lag_minutes=30), Dependency)
    assert_type(me.followers.list("PLAT-1"), tuple[UserId, ...])
    assert_type(me.comments.create("PLAT-1", "Well done"), Comment)
    assert_type(me.views.create("PLAT", "Mine", query={"assignee": "me"}), SavedView)
    assert_type(me.events.list("PLAT"), Page[Event])
    assert_type(me.user_id, UserId)


def what_is_wrong_is_told_before_it_runs(me: Acting) -> None:
    me.tasks.create("PLAT", "Ship it", estimate="an hour")  # type: ignore[call-arg]
    me.tasks.create("PLAT", "Ship it", due_on="tomorrow")  # type: ignore[arg-type]
    me.tasks.create("PLAT", "Ship it", title="Ship it twice")  # type: ignore[misc]
    me.tasks.create("PLAT")  # type: ignore[call-arg]
    me.tasks.edit("PLAT-1", status="finished")  # type: ignore[arg-type]
    me.tasks.edit("PLAT-1", version=3)  # type: ignore[call-arg]
    me.tasks.edit("PLAT-1", idempotency_key=3)  # type: ignore[arg-type]
    me.tasks.get("PLAT-1", idempotency_key="8f14e")  # type: ignore[call-arg]
    me.tasks.list(statuses=["open"])  # type: ignore[call-arg]
    me.teams.edit("PLAT", key="CORE")  # type: ignore[call-arg]
    me.tasks.get("PLAT-1").name  # type: ignore[attr-defined]  # noqa: B018
    me.task  # type: ignore[attr-defined]  # noqa: B018
