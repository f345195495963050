"""What is kept for a while goes, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest

from taskcore.idempotency import IdempotencyRecord
from taskcore.identity.model import AuditEntry, EmailToken, Purpose, RefreshToken
from taskcore.jobs import housekeeping
from taskcore.jobs.model import Job, JobState
from taskcore.jobs.runner import Runner
from taskcore.jobs.states import completed, new_job
from taskcore.ports import Entity, EventSearch, Unit
from taskcore.tasks.model import Task
from taskcore.testing import World
from taskcore.values import JobId, SessionId, TokenId


async def kept(world: World, *things: Entity) -> None:
    async def work(unit: Unit) -> None:
        await unit.save(things, verbatim=True)

    await world.core.store.transact(work)


async def run(world: World, kind: str) -> Any:
    job = new_job(world.new_id(), kind, world.clock.now)
    await kept(world, job)
    await Runner(world.core).step()
    (done,) = await world.store.rows().find(Job, id=job.id)
    assert done.state is JobState.DONE, done.failures
    return done.result


@pytest.fixture(autouse=True)
def _in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)


async def test_answers_go_once_they_cannot_be_asked_for_again(world: World) -> None:
    ada = await world.person()
    now = world.clock.now
    ages = [timedelta(hours=hours) for hours in (1, 23, 24, 25, 26, 200)]
    records = [
        IdempotencyRecord(ada.user.id, str(age), "f", "n", now - age, {"text": "null"}) for age in ages
    ]
    await kept(world, *records)
    result = await run(world, "housekeeping.keys")
    left = await world.store.rows().find(IdempotencyRecord)

    assert (result, {each.key_hash for each in left}) == ({"removed": 4}, {str(age) for age in ages[:2]})


async def test_tokens_go_a_day_after_their_end(world: World) -> None:
    ada, now = await world.person(), world.clock.now
    for days in (-1, 0.5, 2, 3, 40):
        end = now - timedelta(days=days)
        name = str(days)
        await kept(world, EmailToken(TokenId(world.new_id()), Purpose.RESET, "a@example.org", name, now, end))
        token = RefreshToken(TokenId(world.new_id()), SessionId(world.new_id()), ada.user.id, name, now, end)
        await kept(world, token)
    result = await run(world, "housekeeping.tokens")
    kinds: tuple[Any, ...] = (EmailToken, RefreshToken)
    left = [{each.token_hash for each in await world.store.rows().find(kind)} for kind in kinds]

    assert (result, left) == ({"removed": 6}, [{"-1", "0.5"}] * 2)


async def test_jobs_that_were_done_go_after_a_week_and_dead_ones_stay(world: World) -> None:
    old, recent = world.clock.now - timedelta(days=8), world.clock.now - timedelta(days=6)
    made = [completed(new_job(JobId(world.new_id()), "x", old), ended) for ended in (old, recent, old, old)]
    cancelled = attrs.evolve(made[0], id=JobId(world.new_id()), state=JobState.CANCELLED)
    dead = attrs.evolve(made[0], id=JobId(world.new_id()), state=JobState.DEAD)
    fresh = completed(new_job(JobId(world.new_id()), "x", recent), recent)
    waiting = new_job(JobId(world.new_id()), "y", old, at=world.clock.now + timedelta(days=1))
    await kept(world, *made, cancelled, dead, fresh, waiting)
    result = await run(world, "housekeeping.jobs")
    left = {each.id for each in await world.store.rows().find(Job) if each.kind in ("x", "y")}

    assert result == {"removed": 4}
    assert left == {made[1].id, dead.id, fresh.id, waiting.id}


async def test_what_lay_in_the_trash_for_its_time_ends_with_all_that_hangs_on_it(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    parent = await ada.me.tasks.create(team.id, "Parent")
    child = await ada.me.tasks.create(team.id, "Child", parent_id=parent.id)
    await ada.me.comments.create(child.id, "Gone with it")
    alone = await ada.me.tasks.create(team.id, "Alone")
    stays = await ada.me.tasks.create(team.id, "Stays")
    await ada.me.tasks.delete(parent.id)
    await ada.me.tasks.delete(alone.id)
    world.clock.advance(days=1)
    late = await ada.me.tasks.create(team.id, "Late")
    await ada.me.tasks.delete(late.id)
    world.clock.advance(days=29)
    result = await run(world, "housekeeping.trash")
    left = {task.id for task in await world.store.rows().find(Task)}
    told = await world.store.rows().events(EventSearch(team.id, kinds=("task.purged",)))
    entered = await world.store.rows().find(AuditEntry, action="task.purge")

    assert (result, left) == ({"removed": 3}, {stays.id, late.id})
    assert {event.subject_id for event in told} == {parent.id, child.id, alone.id}
    assert {each.actor_id for each in told} == {each.actor_id for each in entered} == {None}
    assert [each.data["keys"] for each in entered] == [[parent.key, child.key], [alone.key]]
