"""What is done about tasks in trouble: each step once, as long as the trouble lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest

from taskcore.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from taskcore.events import Stamp
from taskcore.tasks.model import Dependency
from taskcore.teams.model import Membership
from taskcore.testing import World
from taskcore.testing.samples import log_of
from taskcore.values import ProjectId, Role, TaskId
from taskcore.watching import escalations
from taskcore.watching.effects import People, Telling, taken
from taskcore.watching.looking import Due
from taskcore.watching.model import EscalationAction, EscalationStep
from tests.unit.watching.places import START, Place, place

DAY = 24 * 60
RAISE = EscalationAction.RAISE_PRIORITY
TO_OWNERS: Any = [{"action": "notify", "target": "owner"}]


async def rule(there: Place, trouble: Any, steps: Any = TO_OWNERS, **fields: Any) -> Any:
    return await there.owner.me.escalations.create(there.team.id, "Look after it", trouble, steps, **fields)


async def escalated(there: Place, person: Any = None) -> list[str]:
    return await there.told(person, "escalated")


async def test_what_is_nobodys_for_too_long_is_told(world: World) -> None:
    there = await place(world)
    await rule(there, "unassigned", after_minutes=2 * DAY)
    task = await there.task()
    await there.pass_by(days=2, seconds=-1)
    early = await escalated(there)
    await there.pass_by(seconds=1)
    await there.pass_by(days=9)

    assert early == []
    assert await escalated(there) == [
        f"escalated: {task.key} Ship it has been nobody's for 2 days (Look after it)"
    ]


async def test_what_somebody_does_is_not_nobodys_and_counts_anew_when_it_is(world: World) -> None:
    there = await place(world)
    await rule(there, "unassigned", after_minutes=60)
    task = await there.task()
    counts = []
    await there.pass_by(minutes=50)
    await there.owner.me.tasks.assign(task.id, there.owner.user.id)
    await there.pass_by(hours=9)
    counts.append(len(await escalated(there)))
    await there.owner.me.tasks.edit(task.id, assignee_id=None, status="in_progress")
    await there.pass_by(minutes=59)
    counts.append(len(await escalated(there)))
    await there.pass_by(minutes=1)
    counts.append(len(await escalated(there)))
    await there.owner.me.tasks.complete(task.id)
    await there.owner.me.tasks.reopen(task.id)
    await there.pass_by(hours=1)
    counts.append(len(await escalated(there)))

    assert counts == [0, 0, 1, 2]


async def test_a_long_log_is_read_back_to_where_it_became_nobodys(world: World) -> None:
    there = await place(world)
    await rule(there, "unassigned", after_minutes=60)
    task = await there.task()
    await there.pass_by(minutes=30)
    for place_ in range(120):
        await there.owner.me.tasks.edit(task.id, title=f"Ship it {place_}")
    await there.pass_by(minutes=30)

    assert len(await escalated(there)) == 1


async def test_what_is_overdue_for_too_long_is_reassigned_by_nobody(world: World) -> None:
    there = await place(world)
    bob = await world.member(there.owner, there.team)
    steps = [
        {"action": "notify", "target": "assignee"},
        {"action": "reassign", "target": "user", "user_id": bob.user.id, "after_minutes": 60},
        {"action": "raise_priority", "after_minutes": 60},
    ]
    made = await rule(there, "overdue", steps, after_minutes=DAY)
    task = await there.task(
        due_at=START + timedelta(hours=1), assignee_id=there.owner.user.id, priority="low"
    )
    await there.pass_by(hours=25, seconds=2)
    told = await escalated(there)
    await there.pass_by(hours=1)
    await there.pass_by(days=3)
    now = await bob.me.tasks.get(task.id)
    (event,) = [each for each in await log_of(world, there.team) if each.task_id == task.id and each.seq > 4
                and each.kind == "task.assigned"]  # fmt: skip

    assert told == [f"escalated: {task.key} Ship it has been overdue for 1 day (Look after it)"]
    assert (now.assignee_id, now.priority, now.version) == (bob.user.id, "medium", 2)
    assert event.actor_id is None
    assert event.data["escalations"] == [{"id": str(made.id), "name": "Look after it"}]
    assert event.data["priority"] == {"from": "low", "to": "medium"}


async def test_a_due_date_that_moves_ends_it_and_another_begins_it_anew(world: World) -> None:
    there = await place(world)
    await rule(there, "overdue", after_minutes=60)
    task = await there.task(due_at=START)
    await there.pass_by(hours=2)
    await there.owner.me.tasks.edit(task.id, due_at=START + timedelta(hours=5))
    await there.pass_by(hours=3, minutes=30)
    counts = [len(await escalated(there))]
    await there.pass_by(minutes=31)
    counts.append(len(await escalated(there)))

    assert counts == [1, 2]


async def test_what_is_taken_up_again_is_overdue_anew(world: World) -> None:
    there = await place(world)
    await rule(there, "overdue", after_minutes=60)
    task = await there.task(due_at=START)
    await there.pass_by(hours=2)
    await there.owner.me.tasks.complete(task.id)
    await there.owner.me.tasks.reopen(task.id)
    await there.pass_by(minutes=59)
    counts = [len(await escalated(there))]
    await there.pass_by(minutes=1)
    counts.append(len(await escalated(there)))

    assert counts == [1, 2]


async def test_what_is_blocked_for_too_long_is_told_and_what_is_free_again_is_not(world: World) -> None:
    there = await place(world)
    await rule(there, "blocked", after_minutes=3 * DAY)
    first, second, third = [await there.task(title) for title in ("First", "Second", "Third")]
    await there.owner.me.dependencies.link(second.id, first.id)
    await there.pass_by(days=1)
    await there.owner.me.dependencies.link(third.id, second.id)
    await there.pass_by(days=2)
    told = await escalated(there)
    await there.owner.me.tasks.complete(second.id, force=True)
    await there.pass_by(days=9)

    assert told == [f"escalated: {second.key} Second has been blocked for 3 days (Look after it)"]
    assert await escalated(there) == told


async def test_a_predecessor_that_is_taken_up_again_blocks_anew(world: World) -> None:
    there = await place(world)
    await rule(there, "blocked", after_minutes=60)
    first, second = [await there.task(title) for title in ("First", "Second")]
    await there.owner.me.dependencies.link(second.id, first.id)
    await there.owner.me.tasks.complete(first.id)
    await there.pass_by(hours=2)
    await there.owner.me.tasks.reopen(first.id)
    await there.pass_by(minutes=59)
    early = await escalated(there)
    await there.pass_by(minutes=1)

    assert early == []
    assert len(await escalated(there)) == 1


async def test_a_rule_is_about_tasks_that_are_there_too_and_about_none_that_it_does_not_name(
    world: World,
) -> None:
    there = await place(world)
    project = await there.owner.me.projects.create(there.team.id, "Ours")
    await there.task("elsewhere", priority="high")
    await there.task("less", priority="low", project_id=project.id)
    both = await there.task("both", priority="high", project_id=project.id)
    await there.settle()
    await rule(there, "unassigned", project_id=project.id, priorities=["high", "urgent"])
    await there.settle()

    assert await escalated(there) == [f"escalated: {both.key} both has been nobody's (Look after it)"]


async def test_of_a_rule_that_is_off_or_gone_nothing_comes(world: World) -> None:
    there = await place(world)
    off = await rule(there, "unassigned", after_minutes=10, enabled=False)
    gone = await rule(there, "unassigned", after_minutes=10)
    await there.task()
    await there.settle()
    await there.owner.me.escalations.delete(gone.id)
    await there.pass_by(hours=1)
    before = await escalated(there)
    await there.owner.me.escalations.edit(off.id, enabled=True)
    await there.settle()
    await there.owner.me.escalations.edit(off.id, after_minutes=20)
    await there.settle()

    assert before == []
    assert len(await escalated(there)) == 1


@pytest.mark.parametrize("target", ["user", "admin", "lead", "assignee"])
async def test_where_nobody_is_meant_the_owners_are_told(world: World, target: str) -> None:
    there = await place(world)
    bob = await world.member(there.owner, there.team)
    step: dict[str, Any] = {"action": "notify", "target": target}
    step |= {"user_id": bob.user.id} if target == "user" else {}
    await rule(there, "unassigned", [step])
    await there.owner.me.members.remove(there.team.id, bob.user.id)
    await there.task()
    await there.settle()

    assert len(await escalated(there)) == 1


@pytest.mark.parametrize("way", ["guest", "disabled", "left", "no lead"])
async def test_a_task_that_can_be_given_to_nobody_stays_and_the_owners_are_told(
    world: World, way: str
) -> None:
    there = await place(world)
    bob = await world.member(there.owner, there.team, Role.GUEST if way == "guest" else Role.MEMBER)
    step: dict[str, Any] = {"action": "reassign", "target": "user", "user_id": bob.user.id}
    await rule(there, "unassigned", [{"action": "reassign", "target": "lead"} if way == "no lead" else step])
    if way == "disabled":
        await world.core.users.disable(bob.user.email)
    if way == "left":
        await there.owner.me.members.remove(there.team.id, bob.user.id)
    task = await there.task()
    await there.settle()
    await there.pass_by(days=1)

    assert (await there.owner.me.tasks.get(task.id)).version == 1
    assert await escalated(there) == [
        f"escalated: {task.key} Ship it has been nobody's (Look after it); nobody is there to whom it could be given"
    ]


async def test_leads_admins_and_owners_are_meant_by_what_they_are(world: World) -> None:
    there = await place(world)
    lead, admin = [await world.member(there.owner, there.team, role) for role in (Role.MEMBER, Role.ADMIN)]
    project = await there.owner.me.projects.create(there.team.id, "Ours", lead_id=lead.user.id)
    await rule(
        there, "unassigned", [{"action": "notify", "target": each} for each in ("lead", "admin", "owner")]
    )
    await rule(there, "unassigned", [{"action": "reassign", "target": "owner"}], after_minutes=60)
    task = await there.task(project_id=project.id)
    await there.settle()
    told = [len(await escalated(there, each)) for each in (lead, admin, there.owner)]
    await there.pass_by(hours=1)

    assert told == [1, 1, 1]
    assert (await there.owner.me.tasks.get(task.id)).assignee_id == there.owner.user.id


async def test_what_is_urgent_is_not_raised(world: World) -> None:
    there = await place(world)
    await rule(there, "unassigned", [{"action": "raise_priority"}])
    task = await there.task(priority="urgent")
    await there.settle()

    assert (await there.owner.me.tasks.get(task.id)).version == 1


async def test_working_time_is_the_teams(world: World) -> None:
    there = await place(world)  # it is Monday, 09:30
    await rule(there, "unassigned", after_minutes=8 * 60, after_unit="working")
    await there.task()
    await there.pass_by(hours=23, minutes=59)
    early = await escalated(there)
    world.clock.now = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
    await there.settle()

    assert early == []
    assert len(await escalated(there)) == 1


async def test_where_nobody_works_nothing_is_escalated(world: World) -> None:
    there = await place(world)
    await there.owner.me.calendars.put(there.team.id, {"hours": {}})
    await rule(there, "unassigned", after_minutes=60, after_unit="working")
    await there.task()
    await there.pass_by(days=30)

    assert await escalated(there) == []


async def test_what_holds_no_longer_is_left_as_it_is_and_the_owners_are_told(world: World) -> None:
    there = await place(world)
    task = attrs.evolve(await there.task(), title="")  # as no command leaves it
    owner = (await world.store.rows().find(Membership, team_id=there.team.id))[0]
    people = People({owner.user_id: owner}, {owner.user_id: there.owner.user})
    due = Due(await rule(there, "unassigned", [{"action": "raise_priority"}]), 0, EscalationStep(RAISE), 0)
    found = taken([due], task, there.team, people, Stamp(owner.user_id, START, world.new_id))

    assert (found.task, found.events) == (task, ())
    assert found.tellings == [Telling(owner.user_id, due, failed=True)]


async def test_of_what_no_event_tells_its_own_dates_count(world: World) -> None:
    there = await place(world)
    made = await there.task(due_at=START + timedelta(days=9))
    await there.settle()
    untold = attrs.evolve(made, id=TaskId(world.new_id()), number=99, key=f"{there.team.key}-99")
    after = Dependency(there.team.id, made.id, untold.id, START)

    async def keep(unit: Any) -> None:
        await unit.save([untold, after], verbatim=True)

    await world.store.transact(keep)
    for trouble in ("unassigned", "blocked", "overdue"):
        await rule(there, trouble, after_minutes=60)
    await there.pass_by(hours=1)

    assert sorted(await escalated(there)) == [
        f"escalated: {made.key} Ship it has been nobody's for 1 hour (Look after it)",
        f"escalated: {untold.key} Ship it has been blocked for 1 hour (Look after it)",
        f"escalated: {untold.key} Ship it has been nobody's for 1 hour (Look after it)",
    ]


async def test_only_owners_and_admins_may(world: World) -> None:
    there = await place(world)
    made = await rule(there, "overdue")
    member = await world.member(there.owner, there.team)
    stranger = await world.person()
    with pytest.raises(Forbidden):
        await member.me.escalations.list(there.team.id)
    with pytest.raises(Forbidden):
        await member.me.escalations.create(there.team.id, "Mine", "overdue", TO_OWNERS)
    with pytest.raises(NotFound):
        await stranger.me.escalations.get(made.id)


async def test_it_is_read_changed_and_ended_with_an_event_each(world: World) -> None:
    there = await place(world)
    me = there.owner.me.escalations
    made = await rule(there, "overdue", after_minutes=60)
    unchanged = await me.edit(made.id, name="Look after it")
    changed = await me.edit(made.id, name="Hurry", priorities=["high", "high"], if_version=1)
    with pytest.raises(PreconditionFailed):
        await me.edit(made.id, name="Late", if_version=1)

    assert unchanged == made
    assert await me.get(made.id) == changed
    assert (changed.version, changed.priorities) == (2, ("high",))
    assert (await me.list(there.team.id)).items == [changed]
    await me.delete(made.id, if_version=2)
    assert (await me.list(there.team.id)).items == []
    kinds = [each.kind for each in await log_of(world, there.team)]
    assert kinds[-3:] == ["escalation.created", "escalation.updated", "escalation.deleted"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"name": ""}, "name"),
        ({"after_minutes": -1}, "after_minutes"),
        ({"steps": []}, "steps"),
        ({"steps": [*TO_OWNERS] * 11}, "steps"),
        ({"steps": [{**TO_OWNERS[0], "after_minutes": -1}]}, "steps"),
        ({"steps": [{**TO_OWNERS[0], "after_minutes": 2}, TO_OWNERS[0]]}, "steps"),
        ({"steps": [{"action": "raise_priority", "target": "owner"}]}, "steps"),
        ({"steps": [{"action": "notify"}]}, "steps"),
        ({"steps": [{"action": "reassign", "target": "assignee"}]}, "steps"),
        ({"steps": [{"action": "notify", "target": "user"}]}, "steps"),
        ({"steps": [{"action": "shout"}]}, "steps"),
        ({"trouble": "slack"}, "trouble"),
    ],
)
async def test_what_makes_no_sense_is_refused(world: World, fields: Any, fault: str) -> None:
    there = await place(world)
    made = await rule(there, "overdue")
    with pytest.raises(Invalid) as refused:
        await there.owner.me.escalations.edit(made.id, **fields)

    assert {each.field for each in refused.value.faults} == {fault}


async def test_only_what_is_in_the_team_can_be_named_and_what_went_since_may_stay(world: World) -> None:
    there = await place(world)
    me = there.owner.me
    bob, stranger = await world.member(there.owner, there.team), await world.person()
    project = await me.projects.create(there.team.id, "Ours")
    to_bob: Any = [{"action": "notify", "target": "user", "user_id": bob.user.id}]
    made = await me.escalations.create(there.team.id, "Both", "overdue", to_bob, project_id=project.id)
    to_stranger: Any = [{**to_bob[0], "user_id": stranger.user.id}]
    with pytest.raises(Invalid) as refused:
        await me.escalations.edit(made.id, steps=to_stranger, project_id=ProjectId(stranger.user.id))
    await me.members.remove(there.team.id, bob.user.id)
    await me.projects.delete(project.id)
    kept = await me.escalations.edit(made.id, name="Still", steps=to_bob)

    assert {each.field for each in refused.value.faults} == {"steps", "project_id"}
    assert (kept.project_id, kept.steps[0].user_id) == (project.id, bob.user.id)


async def test_a_team_has_only_so_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    there = await place(world)
    monkeypatch.setattr(escalations, "MOST_IN_A_TEAM", 2)
    for _ in range(2):
        await rule(there, "overdue")
    with pytest.raises(Conflict) as refused:
        await rule(there, "overdue")

    assert refused.value.code == "quota_exceeded"


@pytest.mark.parametrize("way", ["guest", "disabled", "left"])
async def test_where_whoever_is_meant_cannot_be_told_the_owners_are_and_for_whom_it_was(
    world: World, way: str
) -> None:
    there = await place(world)
    role = Role.GUEST if way == "guest" else Role.MEMBER
    bob = await world.member(there.owner, there.team, role, name="Bob")
    await rule(there, "unassigned", [{"action": "notify", "target": "user", "user_id": bob.user.id}])
    if way == "disabled":
        await world.core.users.disable(bob.user.email)
    if way == "left":
        await there.owner.me.members.remove(there.team.id, bob.user.id)
    task = await there.task()
    await there.settle()

    text = f"{task.key} Ship it has been nobody's (Look after it); meant for Bob, who cannot be told"
    assert await escalated(there) == [f"escalated: {text}"]
    assert await escalated(there, bob) == []


async def test_a_guest_with_whom_the_project_is_shared_is_told(world: World) -> None:
    there = await place(world)
    bob = await world.member(there.owner, there.team, Role.GUEST)
    project = await there.owner.me.projects.create(there.team.id, "Ours")
    await there.owner.me.projects.share(project.id, bob.user.id)
    await rule(there, "unassigned", [{"action": "notify", "target": "user", "user_id": bob.user.id}])
    await there.task(project_id=project.id)
    await there.settle()

    assert (len(await escalated(there, bob)), await escalated(there)) == (1, [])
