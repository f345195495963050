"""Who sees what of jobs, and what can be done to them by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

import attrs
import pytest

from taskcore.errors import Conflict, Forbidden, Invalid, Malformed, NotFound, PreconditionFailed
from taskcore.events import plain
from taskcore.jobs import administration
from taskcore.jobs.model import Job, JobFailure, JobProgress, JobSchedule, JobState
from taskcore.jobs.operating import JobDesk
from taskcore.jobs.ports import Run
from taskcore.jobs.registry import Handlers, Schedule
from taskcore.jobs.runner import STRANDED_AFTER, Runner
from taskcore.jobs.states import ABANDONED, new_job
from taskcore.jobs.views import UNTOLD
from taskcore.permissions import Actor
from taskcore.testing import World
from taskcore.testing.world import Person
from taskcore.values import Role
from tests.unit.refusals import refusal

SECRET = "The merger is off"


async def kept(world: World, *things: Any) -> Any:
    saved = await world.core.store.transact(lambda unit: unit.save(things))
    return saved[0]


async def job(world: World, by: Person | None = None, **fields: Any) -> Job:
    """A job of somebody's, that waits unless something else is said."""
    of = by.user.id if by is not None else None
    new = new_job(world.new_id(), "no.such", world.clock(), {"title": SECRET, "to": "x"}, user_id=of)
    ended: dict[str, Any] = {"due_at": None} if fields.get("state", JobState.WAITING).ended else {}
    found: Job = await kept(world, attrs.evolve(new, **ended, **fields))
    return found


async def dead(world: World, by: Person | None = None, **fields: Any) -> Job:
    now = world.clock()
    failures = (JobFailure(now, 1, f"ValueError: {SECRET}"), JobFailure(now, 2, SECRET))
    return await job(
        world, by, state=JobState.DEAD, last_error=SECRET, failures=failures, attempts=2, **fields
    )


async def read(world: World, wanted: Job) -> Job:
    return await world.core.jobs.get(wanted.id)


async def audited(root: Person) -> list[tuple[Any, ...]]:
    entries = (await root.me.instance.audit()).items
    return [(each.subject_id, each.allowed, each.data) for each in entries if each.action == "job.admin"]


async def test_one_has_one_s_own_jobs_and_nobody_else_s(world: World) -> None:
    ada, bob = await world.person(), await world.person("Bob")
    first, _, second = await job(world, ada), await job(world, bob), await job(world, ada)
    page = await ada.me.jobs.list(limit=1)
    rest = await ada.me.jobs.list(limit=1, cursor=page.next_cursor)

    assert [page.items[0].id, rest.items[0].id] == [second.id, first.id]
    assert rest.next_cursor is None
    assert (await ada.me.jobs.get(str(first.id))).kind == "no.such"
    assert await refusal(bob.me.jobs.get(first.id)) == (NotFound, "not_found")
    assert await refusal(bob.me.jobs.cancel(first.id)) == (NotFound, "not_found")
    assert await refusal(ada.me.jobs.get("nonsense")) == (NotFound, "not_found")


async def test_one_s_jobs_are_listed_by_state_and_kind(world: World) -> None:
    ada = await world.person()
    waiting, over = await job(world, ada), await dead(world, ada)

    assert [each.id for each in (await ada.me.jobs.list(state="dead")).items] == [over.id]
    assert [each.id for each in (await ada.me.jobs.list(state="waiting", kind="no.such")).items] == [
        waiting.id
    ]
    assert (await ada.me.jobs.list(kind="other")).items == []
    assert await refusal(ada.me.jobs.list(kind="a\x00b")) == (Malformed, "malformed")
    assert await refusal(ada.me.jobs.list(state="gone")) == (Malformed, "malformed")  # type: ignore[arg-type]


async def test_what_a_job_gave_is_shown_to_who_asked_and_what_it_was_given_is_not(world: World) -> None:
    ada = await world.person()
    done = await job(world, ada, state=JobState.DONE, result={"rows": 3})
    shown = plain(await ada.me.jobs.get(done.id))

    assert shown["result"] == {"rows": 3}
    assert SECRET not in str(shown)


async def test_who_has_left_a_team_sees_of_their_jobs_there_only_that_they_were(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    bob = await world.member(ada, team)
    done = await job(
        world,
        bob,
        team_id=team.id,
        state=JobState.DONE,
        result=SECRET,
        progress=JobProgress(1, 2, SECRET),
    )
    before = await bob.me.jobs.get(done.id)
    await bob.me.members.leave(team.id)
    after = await bob.me.jobs.get(done.id)

    assert (before.result, before.progress) == (SECRET, JobProgress(1, 2, SECRET))
    assert (after.result, after.progress) == (None, JobProgress(1, 2))


async def test_a_token_for_one_team_sees_the_jobs_of_that_team_alone(world: World) -> None:
    ada = await world.person()
    team, other = await world.team(ada), await world.team(ada)
    here, there = await job(world, ada, team_id=team.id), await job(world, ada, team_id=other.id)
    token, _ = await ada.me.tokens.create("ci", team=team.id, scopes=["write"])
    actor = Actor(ada.user.id, token_id=token.id, scopes=frozenset(token.scopes), team_id=team.id)
    by_token = world.core.acting_as(actor)

    assert [each.id for each in (await by_token.jobs.list()).items] == [here.id]
    assert await refusal(by_token.jobs.get(there.id)) == (NotFound, "not_found")
    assert await refusal(by_token.jobs.cancel(there.id)) == (NotFound, "not_found")
    assert (await by_token.jobs.cancel(here.id)).state == "cancelled"


async def test_a_token_that_may_only_read_cancels_nothing(world: World) -> None:
    ada = await world.person()
    waiting = await job(world, ada)
    token, _ = await ada.me.tokens.create("look", scopes=["read"])
    reader = world.core.acting_as(Actor(ada.user.id, token_id=token.id, scopes=frozenset(token.scopes)))

    assert (await reader.jobs.get(waiting.id)).state == "waiting"
    assert await refusal(reader.jobs.cancel(waiting.id)) == (Forbidden, "insufficient_scope")


async def test_what_waits_is_cancelled_at_once_and_what_runs_is_told_to_end(world: World) -> None:
    ada = await world.person()
    waiting, running = await job(world, ada), await job(world, ada, state=JobState.RUNNING)
    at_once, told = await ada.me.jobs.cancel(waiting.id), await ada.me.jobs.cancel(running.id)
    again = await ada.me.jobs.cancel(running.id)

    assert (at_once.state, at_once.ended_at) == ("cancelled", world.clock())
    assert (told.state, told.cancel_requested_at) == ("running", world.clock())
    assert again == told
    assert await refusal(ada.me.jobs.cancel(waiting.id)) == (Conflict, "job_ended")
    assert await refusal(ada.me.jobs.cancel(running.id, if_version=9)) == (
        PreconditionFailed,
        "version_conflict",
    )


async def test_who_runs_the_instance_sees_nothing_of_what_a_job_is_about(world: World) -> None:
    ada, root = await world.person(), await world.admin()
    team = await world.team(ada)
    progress = JobProgress(3, 10, SECRET)
    for mine in (
        await dead(world, ada, progress=progress, result=SECRET),
        await dead(world, team_id=team.id, progress=progress),
    ):
        shown = await root.me.instance_jobs.get(mine.id)

        assert SECRET not in str(plain(shown))
        assert shown.payload_keys == ("title", "to")
        assert (shown.last_error, shown.progress) == (UNTOLD, JobProgress(3, 10))
        assert [each.error for each in shown.failures] == ["ValueError", UNTOLD]
    assert SECRET not in str(plain((await root.me.instance_jobs.list()).items))


async def test_of_what_is_nobody_s_the_errors_are_told_and_the_payload_is_not(world: World) -> None:
    root = await world.admin()
    shown = await root.me.instance_jobs.get((await dead(world)).id)

    assert shown.last_error == SECRET
    assert "x" not in plain(shown).values()
    assert shown.payload_keys == ("title", "to")


async def test_what_we_say_ourselves_of_a_failure_is_told(world: World) -> None:
    ada, root = await world.person(), await world.admin()
    for said in (ABANDONED, "took longer than 3 s"):
        mine = await job(world, ada, state=JobState.DEAD, last_error=said)

        assert (await root.me.instance_jobs.get(mine.id)).last_error == said
        assert (await ada.me.jobs.get(mine.id)).last_error == said


async def test_that_nothing_does_jobs_of_a_kind_is_told(world: World) -> None:
    ada, root = await world.person(), await world.admin()
    mine = await job(world, ada, max_attempts=1)
    world.clock.advance(seconds=STRANDED_AFTER.total_seconds())
    await Runner(world.core).step()

    assert (await root.me.instance_jobs.get(mine.id)).last_error == "nothing here does jobs of this kind"


async def test_nobody_else_comes_near_the_instance_s_jobs(world: World) -> None:
    ada = await world.person()
    mine, jobs = await dead(world, ada), ada.me.instance_jobs
    attempts = (jobs.get, jobs.retry, jobs.cancel, jobs.drop)

    for attempt in (
        *(each(mine.id) for each in attempts),
        *(jobs.list(), jobs.schedules(), jobs.retry_all(), jobs.drop_all()),
    ):
        assert await refusal(attempt) == (Forbidden, "forbidden")
    assert await read(world, mine) == mine


async def test_jobs_are_listed_by_team_even_where_that_is_gone(world: World) -> None:
    ada, root = await world.person(), await world.admin()
    team, other = await world.team(ada), await world.team(ada)
    mine = await job(world, team_id=team.id)
    await job(world, team_id=other.id)
    await ada.me.teams.delete(team.id)

    for named in (team.id, str(team.id), team.key, team.slug):
        found = await root.me.instance_jobs.list(team=named)

        assert [each.id for each in found.items] == [mine.id]
    assert (await root.me.instance_jobs.list(team=uuid4())).items == []
    assert await refusal(root.me.instance_jobs.list(team="NONE")) == (NotFound, "not_found")
    assert await refusal(root.me.instance_jobs.list(team=7)) == (NotFound, "not_found")  # type: ignore[arg-type]


async def test_what_is_dead_is_tried_once_more_and_the_audit_tells(world: World) -> None:
    root = await world.admin()
    lost = await dead(world)
    shown = await root.me.instance_jobs.retry(lost.id, if_version=1)
    found = await read(world, lost)

    assert (shown.state, shown.version, found.state) == ("waiting", 2, "waiting")
    assert (found.due_at, found.failures) == (world.clock(), lost.failures)
    assert await audited(root) == [(lost.id, True, {"did": "retry", "kind": "no.such"})]
    assert await refusal(root.me.instance_jobs.retry(lost.id)) == (Conflict, "job_not_ended")
    assert await refusal(root.me.instance_jobs.drop(lost.id)) == (Conflict, "job_not_ended")
    assert await refusal(root.me.instance_jobs.cancel(lost.id, if_version=1)) == (
        PreconditionFailed,
        "version_conflict",
    )
    assert [allowed for _, allowed, _ in await audited(root)] == [False, False, False, True][1:]


async def test_what_is_dropped_is_gone(world: World) -> None:
    root = await world.admin()
    lost = await dead(world)
    await root.me.instance_jobs.drop(lost.id)

    assert await refusal(root.me.instance_jobs.get(lost.id)) == (NotFound, "not_found")
    assert await refusal(root.me.instance_jobs.drop(lost.id)) == (NotFound, "not_found")


async def test_an_admin_stops_anybody_s_job(world: World) -> None:
    ada, root = await world.person(), await world.admin()
    waiting = await job(world, ada)

    assert (await root.me.instance_jobs.cancel(waiting.id)).state == "cancelled"
    assert await refusal(root.me.instance_jobs.cancel(waiting.id)) == (Conflict, "job_ended")
    running = await job(world, ada, state=JobState.RUNNING)
    told, again = [await root.me.instance_jobs.cancel(running.id) for _ in range(2)]

    assert told == again
    assert len(await audited(root)) == 3
    assert (await audited(root))[-1] == (waiting.id, True, {"did": "cancel", "kind": "no.such"})


async def test_many_are_retried_in_parts_and_none_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(administration, "MOST_AT_ONCE", 2)
    root = await world.admin()
    lost = [await dead(world) for _ in range(3)]
    other = await dead(world, kind="other")
    first = await root.me.instance_jobs.retry_all(kind="no.such")
    second = await root.me.instance_jobs.retry_all(kind="no.such", after=first.after)

    assert (first.jobs, first.after) == (2, lost[1].id)
    assert (second.jobs, second.after) == (1, None)
    assert [(await read(world, each)).state for each in (*lost, other)] == ["waiting"] * 3 + ["dead"]
    assert await audited(root) == [
        (None, True, {"did": "retry", "jobs": jobs, "state": "dead", "kind": "no.such"}) for jobs in (1, 2)
    ]


async def test_many_of_a_team_are_dropped(world: World) -> None:
    ada, root = await world.person(), await world.admin()
    team = await world.team(ada)
    gone = await job(world, state=JobState.DONE, team_id=team.id)
    left = [await job(world, state=JobState.DONE), await dead(world, team_id=team.id)]
    swept = await root.me.instance_jobs.drop_all(state="done", team=team.key)

    assert (swept.jobs, swept.after) == (1, None)
    assert await refusal(world.core.jobs.get(gone.id)) == (NotFound, "not_found")
    assert [await read(world, each) for each in left] == left
    assert (await root.me.instance_jobs.drop_all(kind="other")).jobs == 0


@pytest.mark.parametrize(
    "fields", [{"state": "waiting"}, {"state": "gone"}, {"kind": ""}, {"after": "x"}, {"after": 7}]
)
async def test_many_are_meant_only_of_those_that_ended(world: World, fields: dict[str, Any]) -> None:
    root = await world.admin()

    assert await refusal(root.me.instance_jobs.retry_all(**fields)) == (Invalid, "invalid")


async def test_what_comes_again_is_told_by_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    hourly = Schedule("hourly", "0 * * * *", "Europe/Berlin", "no.such")
    monkeypatch.setattr(administration, "SCHEDULES", (hourly, attrs.evolve(hourly, name="fresh")))
    now = world.clock()
    await kept(world, JobSchedule("hourly", now + timedelta(minutes=5), now), JobSchedule("former", now))
    former, fresh, found = await (await world.admin()).me.instance_jobs.schedules()

    assert (former.name, former.cron, former.kind, former.due_at) == ("former", None, None, now)
    assert (fresh.name, fresh.cron, fresh.due_at) == ("fresh", "0 * * * *", None)
    assert (found.kind, found.cron, found.time_zone) == ("no.such", "0 * * * *", "Europe/Berlin")
    assert (found.due_at, found.last_at) == (now + timedelta(minutes=5), now)
    assert await world.core.jobs.schedules() == [former, fresh, found]


async def test_work_of_one_s_own_is_queued_and_done_within_one_s_own_program(world: World) -> None:
    begun: asyncio.Queue[object] = asyncio.Queue()

    async def invoice(run: Run) -> dict[str, int]:
        begun.put_nowait(run.job.payload)
        return {"number": 7}

    world.core.jobs.handle("shop.invoice", invoice)
    queued = await world.core.jobs.enqueue("shop.invoice", {"order": 1}, max_attempts=3)
    async with world.core.jobs.running(grace_seconds=60):
        payload = await begun.get()
    found = await read(world, queued)

    assert (queued.state, queued.max_attempts, queued.user_id) == ("waiting", 3, None)
    assert (found.state, found.result, payload) == ("done", {"number": 7}, {"order": 1})


async def test_what_is_queued_for_later_waits(world: World) -> None:
    at = world.clock() + timedelta(days=1)
    queued = await world.core.jobs.enqueue("x.y", at=at, priority="high")

    assert (queued.due_at, queued.priority) == (at, "high")
    assert queued.due_at is not None
    assert queued.due_at.tzinfo is UTC


async def test_a_key_is_one_job_s_until_that_has_ended(world: World) -> None:
    jobs = world.core.jobs
    first = await jobs.enqueue("x.y", unique_key="k")
    kept_one = await jobs.enqueue("x.y", {"other": 1}, unique_key="k", if_queued="keep")
    with pytest.raises(Conflict) as refused:
        await jobs.enqueue("x.y", unique_key="k")
    await jobs.cancel(first.id)
    second = await jobs.enqueue("x.y", unique_key="k")

    assert kept_one == first
    assert (refused.value.code, refused.value.data) == (
        "already_exists",
        {"field": "unique_key", "job": str(first.id)},
    )
    assert second.id != first.id


class Rival:
    """A store, before whose first unit of work somebody else takes a key: as on a database, where both look before
    either has written."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.job: Job | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.core.store, name)

    async def transact(self, work: Any, actor: Any = None) -> Any:
        if self.job is None:
            self.job = await job(self._world, unique_key="k")
            raise Conflict("taken", code="already_exists", field="unique_key")
        return await self._world.core.store.transact(work, actor)


@pytest.mark.parametrize("if_queued", ["keep", "refuse"])
async def test_who_comes_second_in_a_race_for_a_key_is_told_of_the_first(
    world: World, if_queued: Literal["keep", "refuse"]
) -> None:
    rival: Any = Rival(world)
    outside = attrs.evolve(world.core._outside, store=rival)
    attempt = JobDesk(outside, Handlers(), None).enqueue("x.y", unique_key="k", if_queued=if_queued)  # type: ignore[arg-type]

    if if_queued == "keep":
        assert await attempt == rival.job
        return
    with pytest.raises(Conflict) as refused:
        await attempt
    assert refused.value.data["job"] == str(rival.job.id)


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"kind": ""}, ["kind"]),
        ({"kind": "a\nb", "max_attempts": 0, "unique_key": ""}, ["kind", "max_attempts", "unique_key"]),
        ({"payload": {"x": object()}}, ["payload"]),
        ({"payload": {"x": float("nan")}}, ["payload"]),
        ({"payload": {"x": {1}}}, ["payload"]),
        ({"payload": {1: 2}}, ["payload"]),
        ({"payload": []}, ["payload"]),
        ({"payload": {"x": "a\x00"}}, ["payload"]),
        ({"kind": "mail.send"}, ["kind"]),
        ({"user_id": "nope", "team_id": 7, "if_queued": "maybe"}, ["if_queued", "user_id", "team_id"]),
        ({"max_attempts": True}, ["max_attempts"]),
        ({"max_attempts": "3"}, ["max_attempts"]),
        ({"at": "tomorrow"}, ["at"]),
        ({"priority": "soon"}, ["priority"]),
        ({"at": datetime(2027, 1, 1)}, ["at"]),  # noqa: DTZ001  which is what is refused
    ],
)
async def test_what_cannot_be_queued_is_refused(
    world: World, fields: dict[str, Any], faults: list[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        await world.core.jobs.enqueue(**{"kind": "x.y"} | fields)

    assert [each.field for each in refused.value.faults] == faults
    with pytest.raises(Invalid):
        world.core.jobs.handle("", None)  # type: ignore[arg-type]


async def test_the_operator_sees_all_and_the_audit_has_nobody_for_them(world: World) -> None:
    root, desk = await world.admin(), world.core.jobs
    lost, other = await dead(world), await dead(world)
    retried = await desk.retry(lost.id)
    await desk.drop(other.id)
    entries = (await root.me.instance.audit()).items

    assert retried.payload["title"] == SECRET
    assert [each.id for each in (await desk.list(state="waiting")).items] == [lost.id]
    assert [(each.actor_id, each.origin) for each in entries if each.action == "job.admin"] == [
        (None, "operator")
    ] * 2


async def test_the_operator_handles_many(world: World) -> None:
    desk = world.core.jobs
    lost = [await dead(world) for _ in range(3)]
    retried = await desk.retry_all(kind="no.such")
    for each in lost:
        await desk.cancel(each.id)
    dropped = await desk.drop_all(state="cancelled")

    assert (retried.jobs, dropped.jobs) == (3, 3)
    assert (await desk.list()).items == []


async def test_the_operator_s_pages_continue(world: World) -> None:
    jobs = [await job(world) for _ in range(3)]
    first = await world.core.jobs.list(limit=2)
    rest = await world.core.jobs.list(limit=2, cursor=first.next_cursor)

    assert [each.id for each in (*first.items, *rest.items)] == [each.id for each in reversed(jobs)]


async def test_a_guest_has_jobs_of_their_own(world: World) -> None:
    ada = await world.person()
    team = await world.team(ada)
    gus = await world.member(ada, team, Role.GUEST)
    mine = await job(world, gus, team_id=team.id)

    assert [each.id for each in (await gus.me.jobs.list()).items] == [mine.id]
