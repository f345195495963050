"""A team is deleted for good, or brought back, on every store: in PostgreSQL behind row-level security."""

from __future__ import annotations

import asyncio

import pytest

from taskcore.delivery.inbox import Notification
from taskcore.errors import NotFound
from taskcore.jobs.runner import Runner
from taskcore.ports import Store
from taskcore.sagas.model import SagaState
from taskcore.teams.model import Team
from taskcore.testing import World


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


async def test_two_workers_delete_a_team_for_good_once(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob = await world.member(ada, team)
    task = await ada.me.tasks.create(team.id, "precious")
    await bob.me.comments.create(task.key, "indeed")
    await ada.me.teams.delete(team.id)
    workers = [Runner(world.core), Runner(world.core)]
    await asyncio.gather(*(each.step() for each in workers))
    (waiting,) = (await ada.me.sagas.mine()).items
    await world.core.sagas.hasten(waiting.id)
    await asyncio.gather(*(each.step() for each in workers))
    (ended,) = (await ada.me.sagas.mine()).items
    told = [await world.store.rows().find(Notification, user_id=each.user.id) for each in (ada, bob)]

    assert (waiting.state, ended.state) == (SagaState.WAITING, SagaState.DONE)
    assert [each.step for each in ended.log if each.outcome == "done"] == [
        *("hide", "export", "wait", "files", "purge", "tell")
    ]
    assert await world.store.rows().find(Team, id=team.id) == []
    assert [len(each) for each in told] == [1, 1]
    assert b"precious" in await world.core.sagas.export(ended.id)
    assert (await bob.me.teams.create("Again", key=team.key)).key == team.key


async def test_an_owner_brings_a_team_back(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    task = await ada.me.tasks.create(team.id, "precious")
    await ada.me.teams.delete(team.id)
    await Runner(world.core).step()
    (saga,) = (await ada.me.sagas.mine()).items
    await ada.me.teams.restore(team.key)
    await Runner(world.core).step()
    (ended,) = (await ada.me.sagas.mine()).items

    assert ended.state is SagaState.COMPENSATED
    assert await ada.me.tasks.get(task.id) == task
    with pytest.raises(NotFound):
        await world.core.sagas.export(saga.id)
