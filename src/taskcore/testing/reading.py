"""What a store keeps of who has read what, and what it tells of the rest."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import attrs
import pytest

from taskcore.connect import STORES, resolve
from taskcore.ports import Store, Unit, UnreadSearch
from taskcore.tasks.model import Comment
from taskcore.tasks.reading import ReadMarker, Unread
from taskcore.teams.model import Membership
from taskcore.testing.samples import NOW
from taskcore.testing.strategies import Instance, instance
from taskcore.testing.world import World
from taskcore.values import CommentId, Role


class ReadingContract:
    """The part of `StoreContract` that is about it."""

    async def test_unread_is_what_others_said_beyond_the_marker(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        bob = await world.member(ada, team)
        task = await ada.me.tasks.create(team.id, "x")
        said = [await bob.me.comments.create(task.id, text) for text in ("one", "two", "three", "four")]
        await ada.me.comments.create(task.id, "my own")
        await bob.me.comments.delete(said[2].id)
        await ada.me.comments.mark_read(task.id, said[0].id)

        assert (await ada.me.comments.unread(team.id)).items == [Unread(task.id, 2, said[3].id)]
        assert await ada.me.comments.unread_of(task.id) == 2

    async def test_whoever_took_their_comment_back_is_concerned_no_longer(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        bob = await world.member(ada, team)
        task = await ada.me.tasks.create(team.id, "x")
        kept, taken = [await bob.me.comments.create(task.id, "hello") for _ in range(2)]
        await ada.me.comments.create(task.id, "for Bob")
        await bob.me.comments.delete(taken.id)
        assert await bob.me.comments.unread_of(task.id) == 1
        await bob.me.comments.delete(kept.id)

        assert await bob.me.comments.unread_of(task.id) == 0

    @pytest.mark.parametrize("seed", [1, 68, 112])
    async def test_it_is_counted_as_memory_counts_it(self, store: Store, seed: int) -> None:
        made = instance(seed)
        reference: Store = resolve(STORES, "memory://")("memory://", blocking=False)
        searches = _searches(made)
        answers = []
        for each in (reference, store):
            await each.transact(_keeping([*made.things, *_read(made, seed)]))
            answers.append([await each.rows().unread(search) for search in searches])

        assert answers[1] == answers[0]
        assert any(answers[0]), "nothing is unread: the test shows nothing"

    async def test_a_marker_is_kept_once_for_each_task_and_user(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        bob = await world.member(ada, team)
        task = await ada.me.tasks.create(team.id, "x")
        said = await bob.me.comments.create(task.id, "hello")
        empty = await ada.me.tasks.create(team.id, "y")
        marker = await ada.me.comments.mark_read(task.id)
        await ada.me.comments.mark_read(empty.id)

        mine = await world.store.rows().find(ReadMarker, team_id=team.id)
        assert marker == ReadMarker(team.id, task.id, ada.user.id, said.id, world.clock.now)
        assert {(each.task_id, each.comment_id, each.version) for each in mine} == {
            (task.id, said.id, 1),
            (empty.id, None, 1),
        }

    async def test_a_marker_goes_with_its_task_and_with_its_user(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        bob, tom = await world.member(ada, team), await world.member(ada, team, name="Tom")
        tasks = [await ada.me.tasks.create(team.id, title) for title in ("stays", "goes")]
        for person in (ada, bob, tom):
            for task in tasks:
                await person.me.comments.mark_read(task.id)
        await ada.me.tasks.delete(tasks[1].id)
        await ada.me.tasks.purge(tasks[1].id)
        await bob.me.members.leave(team.id)
        await ada.me.members.remove(team.id, tom.user.id)

        left = await world.store.rows().find(ReadMarker, team_id=team.id)
        assert [(each.task_id, each.user_id) for each in left] == [(tasks[0].id, ada.user.id)]


def _keeping(things: list[Any]) -> Any:
    async def work(unit: Unit) -> None:
        await unit.save(things)

    return work


def _read(made: Instance, seed: int) -> list[ReadMarker]:
    """Some have read some of what is said on some tasks; ids of comments lie as they come."""
    chance = random.Random(seed)
    said = [thing for thing in made.things if isinstance(thing, Comment)]
    return [
        ReadMarker(task.team_id, task.id, member.user_id, chance.choice([None, *_of(said, task.id)]), NOW)
        for member in made.things
        if isinstance(member, Membership)
        for task in made.tasks
        if task.team_id == member.team_id and chance.random() < 0.3
    ]


def _of(said: list[Comment], task_id: UUID) -> list[CommentId]:
    return [comment.id for comment in said if comment.task_id == task_id]


def _searches(made: Instance) -> list[UnreadSearch]:
    """For everybody in every team: all, the first, the rest, one task's, and what a guest sees."""
    ids = sorted(thing.id for thing in made.things if isinstance(thing, Comment))
    middle = ids[len(ids) // 2]
    found = []
    for member in made.things:
        if isinstance(member, Membership):
            plain = UnreadSearch(
                member.user_id, member.team_id, whole=member.role is not Role.GUEST, limit=200
            )
            found += [plain, attrs.evolve(plain, limit=1), attrs.evolve(plain, before=middle)]
            found += [attrs.evolve(plain, whole=False)]
            found += [
                attrs.evolve(plain, task_id=task.id) for task in made.tasks if task.team_id == member.team_id
            ][:5]
    return found
