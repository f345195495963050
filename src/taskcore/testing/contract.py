"""The contract of `Store`, sentence by sentence."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import attrs
import pytest

from taskcore.errors import Conflict, PreconditionFailed
from taskcore.identity.model import User
from taskcore.permissions import Actor
from taskcore.ports import Store, Unit
from taskcore.tasks.model import Comment, Dependency, SavedView, Task
from taskcore.teams.model import Invitation, Label, Membership, Project, Team
from taskcore.testing.logs import LogContract
from taskcore.testing.noticing import NoticeContract
from taskcore.testing.reading import ReadingContract
from taskcore.testing.reminding import ReminderContract
from taskcore.testing.samples import (
    NO_REFS,
    NOW,
    ODD,
    WHOLE_SECOND,
    a_label,
    a_task,
    an_event,
    key_of,
    log_of,
    one_of_each,
)
from taskcore.testing.verbatim import VerbatimContract
from taskcore.testing.world import World
from taskcore.values import Role, Status, TaskId, TeamId, UserId


class Undone(Exception):
    """Raised by a test inside a unit of work, to have it undone."""


class StoreContract(VerbatimContract, ReminderContract, LogContract, ReadingContract, NoticeContract):
    """Behaviours that hold one at a time. A subclass gives the fixture `store`: open, and empty or not."""

    @pytest.fixture
    def world(self, store: Store) -> World:
        return World(store)

    async def test_everything_saved_is_found_as_it_was(self, world: World) -> None:
        for thing in await one_of_each(world):
            key = {"id": thing.id} if hasattr(thing, "id") else key_of(thing)
            assert await world.store.rows().find(type(thing), **key) == [thing]

    async def test_what_a_unit_raises_out_of_is_undone(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        before = await log_of(world, team)

        async def work(unit: Unit) -> None:
            label, task = a_label(team), a_task(team, ada)
            await unit.save(
                [label, task], events=[an_event(team, "label.created"), an_event(team, "task.created", task)]
            )
            raise Undone

        with pytest.raises(Undone):
            await world.store.transact(work)

        assert await world.store.rows().find(Label, team_id=team.id) == []
        assert await world.store.rows().find(Task, team_id=team.id) == []
        assert await log_of(world, team) == before

    async def test_a_save_that_fails_half_way_leaves_nothing(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        await ada.me.labels.create(team.id, "taken")

        async def work(unit: Unit) -> None:
            await unit.save([a_task(team, ada), a_label(team, "fresh"), a_label(team, "taken")])

        with pytest.raises(Conflict):
            await world.store.transact(work)

        assert [label.name for label in await world.store.rows().find(Label, team_id=team.id)] == ["taken"]
        assert await world.store.rows().find(Task, team_id=team.id) == []

    async def test_an_undone_unit_uses_up_no_number(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)

        async def work(unit: Unit) -> None:
            await unit.save([a_task(team, ada)])
            raise Undone

        with pytest.raises(Undone):
            await world.store.transact(work)
        task = await ada.me.tasks.create(team.id, "first")

        assert (task.number, task.key) == (1, f"{team.key}-1")

    async def test_numbers_and_keys_follow_each_other_per_team(self, world: World) -> None:
        ada = await world.person()
        one, other = await world.team(ada), await world.team(ada)
        keys = [(await ada.me.tasks.create(team.id, "x")).key for team in (one, other, one, one, other)]

        assert keys == [f"{one.key}-1", f"{other.key}-1", f"{one.key}-2", f"{one.key}-3", f"{other.key}-2"]

    async def test_the_event_of_a_new_task_tells_its_key(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        task = await ada.me.tasks.create(team.id, "x")

        assert (await log_of(world, team))[-1].data["task"]["key"] == task.key

    async def test_many_new_tasks_of_one_unit_are_numbered_in_order(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)

        async def work(unit: Unit) -> list[Task]:
            tasks = [a_task(team, ada, title=str(place)) for place in range(300)]
            return await unit.save(tasks, events=[an_event(team, "task.created", task) for task in tasks])

        saved = await world.store.transact(work)

        assert [task.number for task in saved] == list(range(1, 301))
        assert await world.store.rows().find(Task, team_id=team.id) == saved
        assert [event.seq for event in await log_of(world, team)] == list(range(1, 303))

    async def test_a_stale_write_fails_and_changes_nothing(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        old = await ada.me.tasks.create(team.id, "old")
        newer = await ada.me.tasks.edit(old.id, title="newer")

        async def work(unit: Unit) -> None:
            stale = attrs.evolve(old, title="stale", version=old.version + 1)
            await unit.save([stale, a_label(team)], events=[an_event(team, "task.updated", stale)])

        with pytest.raises(PreconditionFailed):
            await world.store.transact(work)

        assert (await ada.me.tasks.get(old.id)).title == newer.title
        assert await world.store.rows().find(Label, team_id=team.id) == []

    async def test_a_removed_thing_cannot_be_written_again(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        label = await ada.me.labels.create(team.id, "gone")
        await ada.me.labels.delete(label.id)

        async def work(unit: Unit) -> None:
            await unit.save([attrs.evolve(label, name="back", version=2)])

        with pytest.raises(PreconditionFailed):
            await world.store.transact(work)

    async def test_what_must_be_unique_is_refused_by_its_field(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        first = await ada.me.tasks.create(team.id, "x", external_source="jira", external_id="J-1")
        await ada.me.labels.create(team.id, "bug")
        membership = (await world.store.rows().find(Membership, team_id=team.id))[0]
        twins = {
            "email": User(UserId(uuid4()), ada.user.email, "Twin", NOW),
            "slug": attrs.evolve(team, id=TeamId(uuid4()), key="ZZZZZZZZQ", version=1),
            "key": attrs.evolve(team, id=TeamId(uuid4()), slug=f"s{uuid4().hex}", version=1),
            "name": a_label(team, "bug"),
            "external_id": attrs.evolve(first, id=TaskId(uuid4()), number=0, version=1),
            "user_id": attrs.evolve(membership, version=1),
        }
        for field, twin in twins.items():

            async def work(unit: Unit, twin: Any = twin) -> None:
                await unit.save([twin])

            with pytest.raises(Conflict) as refused:
                await world.store.transact(work)
            assert (refused.value.code, refused.value.data["field"]) == ("already_exists", field)

    async def test_external_ids_may_repeat_in_another_team_and_may_be_missing(self, world: World) -> None:
        ada = await world.person()
        for team in (await world.team(ada), await world.team(ada)):
            await ada.me.tasks.create(team.id, "x", external_source="jira", external_id="J-1")
            await ada.me.tasks.create(team.id, "y")
            await ada.me.tasks.create(team.id, "z")

        assert (await ada.me.tasks.list()).items

    async def test_odd_text_comes_back_to_the_letter(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        task = await ada.me.tasks.create(team.id, ODD, description=ODD)
        comment = await ada.me.comments.create(task.id, ODD)
        label = await ada.me.labels.create(team.id, ODD.replace(",", ""))
        task = await ada.me.tasks.edit(task.id, labels=[label.name])

        assert (await ada.me.tasks.get(task.key)).title == ODD
        assert (await ada.me.tasks.get(task.key)).labels == (label.name,)
        assert (await ada.me.comments.list(task.id)).items == [comment]
        assert (await ada.me.events.activity(task.id)).items[0].data["labels"]["to"] == [label.name]

    async def test_large_text_comes_back_whole(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        large = "ä" * 100_000
        task = await ada.me.tasks.create(team.id, "large", description=large)

        assert (await ada.me.tasks.get(task.id)).description == large
        assert [found.id for found in (await ada.me.tasks.list(team=team.id, text="ÄÄÄ")).items] == [task.id]

    async def test_text_without_fraction_of_a_second_keeps_its_instant(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        task = await ada.me.tasks.create(team.id, "x", start_at=WHOLE_SECOND, due_at=NOW)

        found = await ada.me.tasks.get(task.id)

        assert (found.start_at, found.due_at) == (WHOLE_SECOND, NOW)

    async def test_a_ref_that_names_nothing_finds_nothing(self, world: World) -> None:
        ada = await world.person()
        await world.team(ada)
        for ref in NO_REFS:
            for kind in (Task, Team, Project, Label, Comment, SavedView, Invitation):
                seen = await world.store.rows().see(kind, ref, Actor(ada.user.id))
                assert (seen.thing, seen.standing.role, seen.standing.active) == (None, None, True), (
                    kind,
                    ref,
                )

    async def test_a_task_is_seen_by_id_and_key_in_any_case(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        task = await ada.me.tasks.create(team.id, "x")
        for ref in (task.id, str(task.id), str(task.id).upper(), task.key, task.key.lower()):
            seen = await world.store.rows().see(Task, ref, Actor(ada.user.id))
            assert (seen.thing, seen.standing.role) == (task, Role.OWNER)

    async def test_a_team_is_seen_by_id_slug_and_key(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        for ref in (team.id, str(team.id), team.slug, team.key):
            assert (await world.store.rows().see(Team, ref, Actor(ada.user.id))).thing == team

    async def test_an_outsider_has_no_role_and_a_stranger_is_not_active(self, world: World) -> None:
        ada, eve = await world.person(), await world.person("Eve")
        team = await world.team(ada)
        outsider = await world.store.rows().see(Team, team.id, Actor(eve.user.id))
        stranger = await world.store.rows().see(Team, team.id, Actor(UserId(uuid4())))

        assert (outsider.standing.active, outsider.standing.role) == (True, None)
        assert (stranger.standing.active, stranger.thing) == (False, None)

    async def test_a_disabled_user_is_not_active_from_the_next_read_on(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        bob = await world.member(ada, team)
        await world.core.users.disable(bob.user.email)

        assert not (await world.store.rows().see(Team, team.id, Actor(bob.user.id))).standing.active

    async def test_a_deleted_team_and_what_is_in_it_is_not_there(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        task = await ada.me.tasks.create(team.id, "x")
        await ada.me.teams.delete(team.id)

        assert (await world.store.rows().see(Team, team.key, Actor(ada.user.id))).thing is None
        assert (await world.store.rows().see(Task, task.key, Actor(ada.user.id))).thing is None
        assert (await ada.me.tasks.list()).items == []

    async def test_a_guest_sees_what_is_shared_marked_as_shared(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        gus = await world.member(ada, team, Role.GUEST, "Gus")
        project = await ada.me.projects.create(team.id, "Open")
        inside = await ada.me.tasks.create(team.id, "in", project_id=project.id)
        outside = await ada.me.tasks.create(team.id, "out")
        comment = await ada.me.comments.create(inside.id, "hello")
        await ada.me.projects.share(project.id, gus.user.id)

        async def shared(kind: Any, ref: UUID) -> bool:
            return (await world.store.rows().see(kind, ref, Actor(gus.user.id))).shared

        assert await shared(Task, inside.id)
        assert await shared(Project, project.id)
        assert await shared(Comment, comment.id)
        assert not await shared(Task, outside.id)

    async def test_find_takes_one_value_several_none_and_what_a_field_holds(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        await ada.me.labels.create(team.id, "bug")
        project = await ada.me.projects.create(team.id, "P")
        one = await ada.me.tasks.create(team.id, "one", labels=["bug"], project_id=project.id)
        two = await ada.me.tasks.create(team.id, "two", assignee_id=ada.user.id)
        three = await ada.me.tasks.create(team.id, "three")

        async def found(**where: Any) -> list[TaskId]:
            return [task.id for task in await world.store.rows().find(Task, team_id=team.id, **where)]

        assert await found() == [one.id, two.id, three.id]
        assert await found(labels="bug") == [one.id]
        assert await found(project_id=None) == [two.id, three.id]
        assert await found(id=(three.id, one.id)) == [one.id, three.id]
        assert await found(id=()) == []
        assert await found(assignee_id=ada.user.id, status=(Status.OPEN, Status.DONE)) == [two.id]
        assert await found(after=one.id, limit=1) == [two.id]

    async def test_find_of_odd_text_finds_nothing(self, world: World) -> None:
        for text in ("\x00", "\ud800", "a\x00b"):
            assert await world.store.rows().find(User, email=text) == []
            assert await world.store.rows().find(Label, name=(text,)) == []

    async def test_a_unit_reads_the_newest_committed_state(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        task = await ada.me.tasks.create(team.id, "x")
        await ada.me.tasks.edit(task.id, title="y")

        async def work(unit: Unit) -> list[str]:
            seen = await unit.see(Task, task.id, Actor(ada.user.id))
            return [
                seen.thing.title if seen.thing else "",
                *[each.title for each in await unit.find(Task, id=task.id)],
            ]

        assert await world.store.transact(work) == ["y", "y"]

    async def test_a_renamed_label_shows_on_its_tasks_at_once(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        label = await ada.me.labels.create(team.id, "bug")
        await ada.me.labels.create(team.id, "alpha")
        task = await ada.me.tasks.create(team.id, "x", labels=["bug", "alpha"])
        await ada.me.labels.edit(label.id, name="Aaa")

        assert (await ada.me.tasks.get(task.id)).labels == ("Aaa", "alpha")
        assert (await ada.me.tasks.get(task.id)).version == task.version

    async def test_a_label_or_project_that_goes_is_taken_off_its_tasks(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        label = await ada.me.labels.create(team.id, "bug")
        project = await ada.me.projects.create(team.id, "P")
        task = await ada.me.tasks.create(team.id, "x", labels=["bug"], project_id=project.id)
        await ada.me.labels.delete(label.id)
        await ada.me.projects.delete(project.id)

        found = await ada.me.tasks.get(task.id)

        assert (found.labels, found.project_id, found.version) == ((), None, 3)

    async def test_a_purged_task_takes_what_hangs_on_it_along(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        root = await ada.me.tasks.create(team.id, "root")
        sub = await ada.me.tasks.create(team.id, "sub", parent_id=root.id)
        other = await ada.me.tasks.create(team.id, "other")
        await ada.me.comments.create(sub.id, "said")
        await ada.me.dependencies.link(other.id, sub.id)
        await ada.me.followers.add(sub.id, ada.user.id)
        await ada.me.tasks.delete(root.id)
        await ada.me.tasks.purge(root.id)

        assert [task.id for task in await world.store.rows().find(Task, team_id=team.id)] == [other.id]
        assert await world.store.rows().find(Comment, team_id=team.id) == []
        assert await world.store.rows().find(Dependency, team_id=team.id) == []

    async def test_the_log_is_read_from_a_seq_on_and_backwards(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        tasks = [await ada.me.tasks.create(team.id, str(place)) for place in range(5)]
        await ada.me.tasks.edit(tasks[0].id, title="again")

        assert [event.seq for event in await log_of(world, team, after=3, limit=2)] == [4, 5]
        mine = await log_of(world, team, task_id=tasks[0].id, newest_first=True)
        assert [event.kind for event in mine] == ["task.updated", "task.created"]
        older = await log_of(world, team, task_id=tasks[0].id, newest_first=True, after=mine[0].seq)
        assert [event.kind for event in older] == ["task.created"]

    async def test_a_guest_reads_events_of_shared_tasks_alone(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        gus = await world.member(ada, team, Role.GUEST, "Gus")
        project = await ada.me.projects.create(team.id, "Open")
        await ada.me.projects.share(project.id, gus.user.id)
        inside = await ada.me.tasks.create(team.id, "in", project_id=project.id)
        await ada.me.tasks.create(team.id, "out")

        assert [event.task_id for event in (await gus.me.events.list(team.id)).items] == [inside.id]

    async def test_the_secret_stays_the_same(self, world: World) -> None:
        secret = await world.store.secret()

        assert len(secret) == 32
        assert await world.store.secret() == secret

    async def test_an_opened_store_is_ready(self, world: World) -> None:
        await world.store.check()
