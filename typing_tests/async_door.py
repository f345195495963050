"""What a type checker sees of `taskcore.open`. Checked by mypy, never run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import assert_type

import taskcore
from taskcore import Comment, Dependency, Event, Invitation, Member, Page, SavedView, Status, Task, Team, User
from taskcore.core import Acting, TaskCore
from taskcore.values import Role, UserId


async def opening_gives_the_engine() -> None:
    async with taskcore.open("memory://") as core:
        assert_type(core, TaskCore)
        assert_type(core.acting_as((await core.users.find("ada@example.org")).id), Acting)


async def the_operators_use_cases(core: TaskCore, password: str) -> None:
    assert_type(await core.users.register("ada@example.org", name="Ada", password=password), User)
    assert_type(await core.users.list(), Sequence[User])
    await core.users.register("ada@example.org", "Ada", password)  # type: ignore[call-arg]


async def every_noun_tells_what_it_gives(me: Acting, user: UserId) -> None:
    assert_type(await me.me.get(), User)
    assert_type(await me.teams.create("Platform", key="PLAT"), Team)
    assert_type(await me.teams.list(), Page[Team])
    assert_type(await me.members.list("PLAT"), Page[Member])
    assert_type(await me.members.edit("PLAT", user, role=Role.ADMIN), Member)
    assert_type(await me.invitations.create("PLAT", "bob@example.org"), tuple[Invitation, str])
    assert_type(await me.tasks.create("PLAT", "Ship it", due_on=date(2026, 12, 1), labels=["release"]), Task)
    assert_type(await me.tasks.edit("PLAT-1", title="Ship it now", status=Status.DONE, force=True), Task)
    assert_type(await me.tasks.list(team="PLAT", status=["open", "done"], sort="-due_at"), Page[Task])
    assert_type(await me.tasks.count(assignee="me"), int)
    assert_type(await me.tasks.delete("PLAT-1"), Task)
    assert_type(await me.tasks.complete("PLAT-1", idempotency_key="8f14e"), Task)
    assert_type(await me.tasks.claim("PLAT", label="agent", idempotency_key="8f14e"), Task | None)
    assert_type(await me.dependencies.link("PLAT-2", "PLAT-1", lag_minutes=30), Dependency)
    assert_type(await me.followers.list("PLAT-1"), tuple[UserId, ...])
    assert_type(await me.comments.create("PLAT-1", "Well done"), Comment)
    assert_type(await me.views.create("PLAT", "Mine", query={"assignee": "me"}), SavedView)
    assert_type(await me.events.list("PLAT"), Page[Event])
    assert_type(me.user_id, UserId)


async def what_is_wrong_is_told_before_it_runs(me: Acting) -> None:
    await me.tasks.create("PLAT", "Ship it", estimate="an hour")  # type: ignore[call-arg]
    await me.tasks.create("PLAT", "Ship it", due_on="tomorrow")  # type: ignore[arg-type]
    await me.tasks.create("PLAT", "Ship it", title="Ship it twice")  # type: ignore[misc]
    await me.tasks.create("PLAT")  # type: ignore[call-arg]
    await me.tasks.edit("PLAT-1", status="finished")  # type: ignore[arg-type]
    await me.tasks.edit("PLAT-1", version=3)  # type: ignore[call-arg]
    await me.tasks.edit("PLAT-1", idempotency_key=3)  # type: ignore[arg-type]
    await me.tasks.get("PLAT-1", idempotency_key="8f14e")  # type: ignore[call-arg]
    await me.tasks.list(statuses=["open"])  # type: ignore[call-arg]
    await me.teams.edit("PLAT", key="CORE")  # type: ignore[call-arg]
    me.tasks.get("PLAT-1").title  # type: ignore[attr-defined]  # noqa: B018  not awaited
    me.task  # type: ignore[attr-defined]  # noqa: B018
    taskcore.Tsak  # type: ignore[attr-defined]  # noqa: B018
