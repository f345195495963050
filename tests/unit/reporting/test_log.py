"""A store's log as a source."""

from __future__ import annotations

from taskcore.reporting.log import StoreLog
from taskcore.reporting.running import project
from taskcore.testing import World
from tests.unit.reporting.ledger import Ledger


async def test_it_gives_what_is_not_known_of_each_team_deleted_ones_too(world: World) -> None:
    ada = await world.person()
    teams = [await world.team(ada) for _ in range(3)]
    for team in teams:
        await ada.me.tasks.create(team.id, "Ship it")
    await ada.me.teams.delete(teams[2].id)
    heads = await world.store.rows().heads()
    known = {teams[0].id: heads[teams[0].id], teams[1].id: 2}
    source = StoreLog(world.store)
    given = [each async for batch in source.read(known, once=True, from_start=False) for each in batch]
    for each in given:
        await each.done()
    await source.close()

    assert sorted((each.event.team_id, each.event.seq) for each in given) == sorted(
        [(teams[1].id, 3), *((teams[2].id, seq) for seq in range(1, 5))]
    )


async def test_it_goes_on_with_what_happens_meanwhile(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    seen, ticks = [], 0
    async for batch in StoreLog(world.store, every_seconds=0).read({}, once=False, from_start=False):
        seen += [each.event.kind for each in batch]
        if not batch:
            ticks += 1
            if ticks == 3:
                break
            if ticks == 1:
                await ada.me.tasks.create(team.id, "Ship it")

    assert seen == ["team.created", "member.joined", "task.created"]


async def test_a_second_run_takes_only_what_is_new(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    ledger, source = Ledger(), StoreLog(world.store)

    assert (await project(source, ledger, once=True)).events == 2
    await ada.me.tasks.create(team.id, "Ship it")
    assert (await project(source, ledger, once=True)).events == 1
    assert ledger.books[team.id].key == team.key
