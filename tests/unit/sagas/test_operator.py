"""What the operator does with sagas, and what a token for one team sees of them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from taskcore.errors import Conflict, NotFound
from taskcore.jobs.runner import Runner
from taskcore.permissions import Actor
from taskcore.sagas.model import Saga, SagaState
from taskcore.teams.model import Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import SagaId


async def deleted(world: World, ada: Person) -> Team:
    team = await world.team(ada)
    await ada.me.teams.delete(team.id)
    return team


async def test_the_operator_takes_back_what_somebody_asked_for(world: World) -> None:
    ada = await world.person()
    team = await deleted(world, ada)
    (saga,) = await world.core.sagas.list()
    cancelled = await world.core.sagas.cancel(str(saga.id))
    await Runner(world.core).step()

    assert cancelled.state is SagaState.COMPENSATING
    assert (await world.core.sagas.get(saga.id)).state is SagaState.COMPENSATED
    assert (await ada.me.teams.get(team.id)).deleted_at is None


async def test_what_nobody_asked_for_cannot_be_taken_back_in_their_name(world: World) -> None:
    saga = Saga(SagaId(uuid4()), "a.kind", world.clock.now, "a step")
    await world.store.transact(lambda unit: unit.save([saga]))
    with pytest.raises(Conflict) as told:
        await world.core.sagas.cancel(saga.id)

    assert told.value.code == "saga_ended"


async def test_what_waits_is_hastened_and_not_resumed(world: World) -> None:
    await deleted(world, await world.person())
    await Runner(world.core).step()
    (saga,) = await world.core.sagas.list()
    with pytest.raises(Conflict) as told:
        await world.core.sagas.resume(saga.id)

    assert (saga.state, told.value.code) == (SagaState.WAITING, "saga_waits")
    assert (await world.core.sagas.hasten(saga.id)).state is SagaState.RUNNING


@pytest.mark.parametrize("unknown", ["nonsense", "00000000-0000-4000-8000-000000000000"])
async def test_what_is_not_there_is_not_found(world: World, unknown: str) -> None:
    for asked in (world.core.sagas.get, world.core.sagas.cancel, world.core.sagas.export):
        with pytest.raises(NotFound):
            await asked(unknown)


async def test_a_token_for_one_team_sees_the_sagas_of_that_team_alone(world: World) -> None:
    ada = await world.person()
    here = await world.team(ada)
    there = await deleted(world, ada)
    token, _ = await ada.me.tokens.create("ci", team=here.id, scopes=["write"])
    actor = Actor(ada.user.id, token_id=token.id, scopes=frozenset(token.scopes), team_id=here.id)
    seen = (await world.core.acting_as(actor).sagas.mine()).items

    assert [each.team_id for each in (await ada.me.sagas.mine()).items] == [there.id]
    assert seen == []
