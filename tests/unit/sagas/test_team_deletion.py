"""A team is deleted: hidden, exported, and after thirty days purged, whatever dies on the way; or brought back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import attrs
import pytest

from taskcore.delivery.inbox import Notification
from taskcore.errors import Conflict, Forbidden, NotFound, PreconditionFailed, Unavailable
from taskcore.files.ports import Blobs
from taskcore.jobs.model import Job, JobState
from taskcore.jobs.runner import Runner
from taskcore.jobs.states import new_job
from taskcore.ports import EventSearch, Unit
from taskcore.sagas import running
from taskcore.sagas.model import Saga, SagaState, SagaSummary
from taskcore.sagas.team_deletion import TEAM_DELETION, export_key
from taskcore.tasks.model import Task
from taskcore.teams.deletion import PLAN
from taskcore.teams.model import Membership, Team
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role

STEPS = ["export", "wait", "files", "purge", "tell"]
MONTH = timedelta(days=30)


@attrs.frozen
class Place:
    """A team that is being deleted, and who was in it."""

    world: World
    ada: Person
    bob: Person
    team: Team
    root: Person

    async def saga(self) -> Saga:
        return (await self.world.store.rows().find(Saga, team_id=self.team.id))[-1]

    async def run(self) -> int:
        return await Runner(self.world.core).step()

    async def is_there(self) -> bool:
        return bool(await self.world.store.rows().find(Team, id=self.team.id, deleted_at=None))


@pytest.fixture
async def place(world: World) -> Place:
    ada = await world.person()
    team = await world.team(ada)
    bob = await world.member(ada, team)
    task = await ada.me.tasks.create(team.id, "precious")
    await bob.me.comments.create(task.key, "indeed")
    await world.blobs.put(f"teams/{team.id}/1", b"to be attached")
    await world.blobs.put("teams/0/1", b"somebody else's")
    await ada.me.teams.delete(team.id)
    return Place(world, ada, bob, team, await world.admin())


def outcomes(saga: Saga | SagaSummary) -> list[tuple[str, str]]:
    return [(each.step, each.outcome) for each in saga.log]


async def test_it_is_hidden_at_once_exported_and_then_waits_for_thirty_days(place: Place) -> None:
    with pytest.raises(NotFound):
        await place.bob.me.teams.get(place.team.id)
    await place.run()
    saga = await place.saga()
    export = json.loads(await place.world.blobs.get(export_key(saga)))

    assert (saga.state, saga.step, saga.due_at) == (SagaState.WAITING, "wait", place.world.clock.now + MONTH)
    assert [each["title"] for each in export["tasks"]] == ["precious"]
    assert [each["body"] for each in export["comments"]] == ["indeed"]
    assert export["events"]
    place.world.clock.advance(days=29)
    assert await place.run() == 0
    assert await place.world.store.rows().find(Task, team_id=place.team.id)


async def test_after_thirty_days_nothing_is_left_but_the_export_and_what_tells_of_it(place: Place) -> None:
    await place.run()
    place.world.clock.advance(days=30)
    await place.run()
    saga, rows = await place.saga(), place.world.store.rows()

    assert (saga.state, saga.data) == (SagaState.DONE, {})
    assert outcomes(saga) == [(step, "done") for step in ("hide", *STEPS)]
    assert await rows.find(Team, id=place.team.id) == []
    assert await rows.find(Task, team_id=place.team.id) == []
    assert await rows.events(EventSearch(place.team.id)) == []
    assert await place.world.blobs.get("teams/0/1") == b"somebody else's"
    with pytest.raises(NotFound):
        await place.world.blobs.get(f"teams/{place.team.id}/1")
    assert b"precious" in await place.world.core.sagas.export(saga.id)
    again = await place.bob.me.teams.create("Again", key=place.team.key, slug=place.team.slug)
    assert again.key == place.team.key


async def test_each_who_was_in_it_is_told_once_and_owners_of_the_export(place: Place) -> None:
    await place.run()
    place.world.clock.advance(days=30)
    await place.run()
    told = [
        [each.text for each in await place.world.store.rows().find(Notification, user_id=who.user.id)]
        for who in (place.ada, place.bob, place.root)
    ]

    assert [len(each) for each in told] == [1, 1, 0]
    assert ("export" in told[0][0], "export" in told[1][0]) == (True, False)


async def killed_after(
    do: Callable[[Any, Saga], Awaitable[Mapping[str, Any]]], run: Any, saga: Saga
) -> Mapping[str, Any]:
    """What a step does, and then nothing more is heard of whoever did it."""
    await do(run, saga)
    raise asyncio.CancelledError


@pytest.mark.parametrize("step", ["export", "files", "purge"])
async def test_a_step_that_was_done_when_its_worker_died_is_done_again(
    place: Place, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if step != "export":
        await place.run()
        place.world.clock.advance(days=30)
    whole = TEAM_DELETION.steps[step]
    assert whole.do is not None
    dying = {**TEAM_DELETION.steps, step: attrs.evolve(whole, do=partial(killed_after, whole.do))}
    with monkeypatch.context() as patched:
        patched.setattr(running, "kind_of", lambda _: attrs.evolve(TEAM_DELETION, steps=dying))
        await place.run()
    before = await place.saga()
    place.world.clock.advance(days=30)
    await place.run()
    place.world.clock.advance(days=30)
    await place.run()

    assert (before.step, before.state) == (step, SagaState.RUNNING)
    assert outcomes(await place.saga()) == [(each, "done") for each in ("hide", *STEPS)]


async def test_two_jobs_of_one_step_move_it_on_once(place: Place) -> None:
    saga = await place.saga()
    payload = {"saga_id": str(saga.id), "version": saga.version}
    twins = [new_job(place.world.new_id(), "saga.step", place.world.clock.now, payload) for _ in range(4)]

    async def work(unit: Unit) -> None:
        await unit.save(twins)

    await place.world.store.transact(work)
    await asyncio.gather(*(Runner(place.world.core).step() for _ in range(3)))
    jobs = [each for each in await place.world.store.rows().find(Job) if each.kind == "saga.step"]

    assert outcomes(await place.saga()) == [("hide", "done"), ("export", "done")]
    assert sum(job.state is JobState.WAITING for job in jobs) == 1


class Breaking:
    """`Blobs` whose disk is full for as long as it is said to be."""

    def __init__(self, whole: Blobs) -> None:
        self._whole = whole
        self.is_full = False

    def __getattr__(self, name: str) -> Any:
        if self.is_full:
            raise Unavailable("the disk is full")
        return getattr(self._whole, name)


async def fail_for_good(place: Place) -> None:
    """Until its saga has failed."""
    blobs = Breaking(place.world.blobs)
    blobs.is_full = True
    vars(place.world.core)["_blobs"] = blobs
    while (await place.saga()).state is not SagaState.FAILED:
        assert await place.run()
        place.world.clock.advance(hours=6)
    blobs.is_full = False


async def test_a_step_that_fails_for_good_is_seen_and_goes_on_when_it_is_resumed(place: Place) -> None:
    await fail_for_good(place)
    seen = await place.root.me.sagas.get((await place.saga()).id)
    await place.root.me.sagas.resume(seen.id)
    await place.run()

    assert (seen.state, seen.step) == (SagaState.FAILED, "export")
    assert "the disk is full" in (seen.last_error or "")
    assert outcomes(await place.saga()) == [
        *(("hide", "done"), ("export", "failed"), ("export", "resumed"), ("export", "done"))
    ]


async def test_an_owner_brings_it_back_and_its_export_goes(place: Place) -> None:
    await place.run()
    waiting = await place.saga()
    team = await place.ada.me.teams.restore(place.team.key)
    (task,) = (await place.bob.me.tasks.list(team=team.id)).items
    await place.run()
    saga = await place.saga()

    assert (team.id, team.deleted_at, task.title) == (place.team.id, None, "precious")
    assert saga.state is SagaState.COMPENSATED
    assert outcomes(saga)[-4:] == [
        *(("wait", "cancelled"), ("wait", "undone"), ("export", "undone"), ("hide", "undone"))
    ]
    with pytest.raises(NotFound):
        await place.world.blobs.get(export_key(waiting))
    place.world.clock.advance(days=60)
    await place.run()
    assert await place.is_there()
    assert [each.kind for each in (await place.ada.me.events.list(team.id)).items][-2:] == [
        *("team.updated", "team.updated")
    ]


async def test_restoring_what_is_not_deleted_changes_nothing(place: Place) -> None:
    team = await place.ada.me.teams.restore(place.team.id)

    assert await place.ada.me.teams.restore(team.slug) == team
    with pytest.raises(Forbidden):
        await place.bob.me.teams.restore(team.id)


async def test_only_the_version_that_is_meant_is_restored(place: Place) -> None:
    (deleted,) = await place.world.store.rows().find(Team, id=place.team.id)
    with pytest.raises(PreconditionFailed):
        await place.ada.me.teams.restore(place.team.id, if_version=deleted.version - 1)
    assert not await place.is_there()
    there = await place.ada.me.teams.restore(place.team.id, if_version=deleted.version)
    with pytest.raises(PreconditionFailed):
        await place.ada.me.teams.restore(place.team.id, if_version=deleted.version)

    assert there.version == deleted.version + 1


async def test_a_deleted_team_is_there_for_its_owners_alone(place: Place) -> None:
    stranger = await place.world.person("Eve")
    for who in (place.bob, stranger, place.root):
        for ref in (place.team.id, place.team.key, place.team.slug, "no-such"):
            with pytest.raises(NotFound):
                await who.me.teams.restore(ref)


async def test_what_an_instance_admin_deleted_no_owner_brings_back(world: World) -> None:
    ada, root = await world.person(), await world.admin()
    team = await world.team(ada)
    await root.me.teams.suspend(team.id)
    await root.me.teams.delete(team.id)
    with pytest.raises(Forbidden):
        await ada.me.teams.restore(team.id)
    (saga,) = (await root.me.sagas.list()).items
    await root.me.sagas.cancel(saga.id)

    assert (await ada.me.teams.get(team.id)).suspended_at is not None


@pytest.mark.parametrize("step", PLAN.steps[PLAN.steps.index(PLAN.no_return) :])
async def test_beyond_the_point_of_no_return_nothing_is_taken_back(place: Place, step: str) -> None:
    await place.run()
    saga = await place.saga()

    async def work(unit: Unit) -> None:
        at = attrs.evolve(saga, step=step, state=SagaState.FAILED, version=saga.version + 1)
        await unit.save([at])

    await place.world.store.transact(work)
    with pytest.raises(Conflict) as refused:
        await place.root.me.sagas.cancel(saga.id)

    assert refused.value.code == "point_of_no_return"
    assert not await place.is_there()


async def test_an_export_that_was_under_way_when_it_was_cancelled_is_not_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = TEAM_DELETION.steps["export"]

    async def slow(run: Any, saga: Saga) -> Mapping[str, Any]:
        assert whole.do is not None
        await place.ada.me.teams.restore(place.team.id)
        await place.run()  # all is taken back, and then the export is put
        return await whole.do(run, saga)

    steps = {**TEAM_DELETION.steps, "export": attrs.evolve(whole, do=slow)}
    monkeypatch.setattr(running, "kind_of", lambda _: attrs.evolve(TEAM_DELETION, steps=steps))
    saga = await place.saga()
    await place.run()

    assert (await place.saga()).state is SagaState.COMPENSATED
    with pytest.raises(NotFound):
        await place.world.blobs.get(export_key(saga))


async def test_what_cannot_be_taken_back_now_can_be_resumed(place: Place) -> None:
    await place.run()
    await place.ada.me.teams.restore(place.team.id)
    await fail_for_good(place)
    saga = await place.saga()
    await place.root.me.sagas.resume(saga.id)
    await place.run()

    assert (saga.state, saga.step) == (SagaState.FAILED, "export")
    assert (await place.saga()).state is SagaState.COMPENSATED
    assert await place.is_there()


async def test_what_has_ended_or_waits_is_not_resumed(place: Place) -> None:
    await place.run()
    saga = await place.saga()
    with pytest.raises(Conflict) as waits:
        await place.root.me.sagas.resume(saga.id)
    await place.ada.me.teams.restore(place.team.id)
    with pytest.raises(Conflict) as twice:
        await place.root.me.sagas.cancel(saga.id)
    await place.run()
    with pytest.raises(Conflict) as ended:
        await place.root.me.sagas.resume(saga.id)

    assert [each.value.code for each in (waits, twice, ended)] == ["saga_waits", "saga_ended", "saga_ended"]


async def test_the_operator_need_not_wait(place: Place) -> None:
    await place.run()
    (saga,) = await place.world.core.sagas.list()
    await place.world.core.sagas.hasten(saga.id)
    await place.run()

    assert (await place.saga()).state is SagaState.DONE


async def test_whoever_asked_for_it_sees_theirs_and_an_admin_all_and_nothing_of_the_team(
    place: Place,
) -> None:
    (mine,) = (await place.ada.me.sagas.mine()).items
    listed = (await place.root.me.sagas.list()).items

    assert listed == [mine]
    assert (await place.bob.me.sagas.mine()).items == []
    assert place.team.name not in repr(mine)
    for asked in (
        place.ada.me.sagas.list(),
        place.ada.me.sagas.get(mine.id),
        place.ada.me.sagas.cancel(mine.id),
    ):
        with pytest.raises(Forbidden):
            await asked
    for unknown in ("no-such", str(place.team.id)):
        with pytest.raises(NotFound):
            await place.root.me.sagas.get(unknown)


async def test_a_team_that_is_not_deleted_is_never_purged(place: Place) -> None:
    await place.run()
    place.world.clock.advance(days=30)

    async def back(unit: Unit) -> None:
        (team,) = await unit.find(Team, id=place.team.id)
        await unit.save([attrs.evolve(team, deleted_at=None, version=team.version + 1)])

    await place.world.store.transact(back)
    await place.run()

    assert (await place.saga()).state is SagaState.FAILED
    assert await place.world.store.rows().find(Membership, team_id=place.team.id, role=Role.OWNER)
