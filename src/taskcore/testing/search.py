"""The contract of search by text: what is found follows what is written, in pages that hang together."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from taskcore.errors import Invalid, Malformed
from taskcore.ports import Store, Unit
from taskcore.query import position_of, seal
from taskcore.tasks.model import Task
from taskcore.teams.model import Team
from taskcore.testing.samples import NOW
from taskcore.testing.world import Person, World
from taskcore.values import CommentId, Role

HOSTILE = (
    *(
        "%",
        "_",
        "\\",
        "'",
        '"',
        '""',
        '"a',
        "*",
        "a*",
        "a OR b",
        "a AND (b",
        "NEAR(a b, 5)",
        "text: a",
        "-a",
        "^a",
    ),
    *(
        ":*",
        "a & !b",
        "a <-> b",
        "'a' | 'b'",
        "&&&",
        "{a b}: c",
        "\x02a\x03",
        "\x04",
        "\ufffe",
        "\U000f0030" * 3,
    ),
    *(
        "x" * 500,
        "ab " * 30,
        "🧑‍🚀" * 50,
        "\u0301" * 9,
        "%%%%",
        "$1",
        ":text",
        "?1",
        'say "hi" now',
        '"""',
        "a\n\tb",
        "\u0436" * 500,
    ),
)
"""Texts that mean something to a database, or trouble it."""


class SearchContract:
    """A subclass gives the fixture `store`: open, and empty or not."""

    @pytest.fixture
    def world(self, store: Store) -> World:
        return World(store)

    async def test_what_is_written_is_found_as_long_as_it_stands_there(self, world: World) -> None:
        ada, team, task = await _begun(world)
        comment = await ada.me.comments.create(task.id, "Ask the Quartermaster")
        assert await _found(ada, "quartermaster") == [task.id]

        await ada.me.comments.edit(comment.id, "Ask the bosun")
        assert [await _found(ada, text) for text in ("quartermaster", "bosun")] == [[], [task.id]]

        await ada.me.comments.delete(comment.id)
        assert await _found(ada, "bosun") == []

        await ada.me.tasks.edit(task.id, title="Rig the mizzen", description="with hemp")
        assert [await _found(ada, text) for text in ("caulk", "mizzen", "hemp")] == [[], [task.id], [task.id]]

        await ada.me.tasks.edit(task.id, priority="high", description=None)
        assert [await _found(ada, text) for text in ("mizzen", "hemp")] == [[task.id], []]

        other = await ada.me.tasks.create(team.id, "Sew the mizzen")
        await ada.me.comments.create(other.id, "gone with it")
        await ada.me.tasks.delete(other.id)
        assert await _found(ada, "mizzen") == [task.id]
        assert await _found(ada, "gone", deleted=True) == [other.id]

        await ada.me.tasks.purge(other.id)
        assert [await _found(ada, "sew", deleted=deleted) for deleted in (False, True)] == [[], []]

    async def test_each_term_may_stand_in_another_text_of_the_task(self, world: World) -> None:
        ada, _, task = await _begun(world)
        await ada.me.tasks.edit(task.id, description="before noon")
        for body in ("ask Grace", "pitch is there"):
            await ada.me.comments.create(task.id, body)

        assert await _found(ada, "hull noon grace pitch") == [task.id]
        assert await _found(ada, '"the hull" noon') == [task.id]
        assert await _found(ada, '"hull the"') == []
        assert await _found(ada, "hull noon grace tar") == []

    async def test_the_most_relevant_is_first_and_then_the_newest(self, world: World) -> None:
        ada, team, _ = await _begun(world)
        titles = ("Flagship", "Ships", "Ship", "Fleet", "Ship", "Dock", "Rope")
        said = {"Fleet": "ship", "Rope": "of a flagship"}
        tasks = []
        for title in titles:
            world.clock.advance(minutes=1)
            tasks.append(await ada.me.tasks.create(team.id, title, description=said.get(title)))
        await ada.me.comments.create(tasks[5].id, "for a ship")
        expected = [tasks[place].id for place in (4, 2, 1, 0, 3, 6, 5)]

        assert await _found(ada, "SHIP") == expected
        assert await _found(ada, "SHIP", limit=2) == expected
        assert await _found(ada, "SHIP", sort="relevance,created_at", limit=1) == expected[::-1]
        assert await _found(ada, "SHIP", sort="-created_at") == [task.id for task in reversed(tasks)]
        q = "ship -title or ship or status:done"
        assert [each.id for each in await _pages(ada, q=q, limit=3)] == expected

    async def test_pages_by_relevance_keep_their_places_while_others_change(self, world: World) -> None:
        ada, team, _ = await _begun(world)
        tasks = [await ada.me.tasks.create(team.id, f"Ship {number}") for number in range(6)]
        page = await ada.me.tasks.list(text="ship", limit=2)
        first = [each.id for each in page.items]
        await ada.me.tasks.edit(first[0], title="A dock")
        await ada.me.tasks.create(team.id, "Ship", description="a ship, the most relevant")
        rest = await ada.me.tasks.list(text="ship", limit=10, cursor=page.next_cursor)

        assert first + [each.id for each in rest.items] == [each.id for each in reversed(tasks)]
        for other in ({"text": "ships"}, {"text": "ship", "sort": "relevance"}, {"q": "ship"}):
            with pytest.raises(Invalid):
                await ada.me.tasks.list(**other, limit=2, cursor=page.next_cursor)

    async def test_a_cursor_of_another_order_is_refused(self, world: World) -> None:
        """As one is that was given before there was an order by relevance, to the same query."""
        ada, _, task = await _begun(world)
        place = position_of([task.created_at], task.id)
        cursor = seal(await world.store.secret(), [str(ada.user.id), {"text": "hull"}], place)

        with pytest.raises(Malformed):
            await ada.me.tasks.list(text="hull", cursor=cursor)

    async def test_a_comment_that_is_removed_or_was_deleted_is_not_found(self, world: World) -> None:
        ada, _, task = await _begun(world)
        comment = await ada.me.comments.create(task.id, "a sextant")
        gone = attrs.evolve(comment, id=CommentId(world.new_id()), body="a compass", deleted_at=NOW)

        async def work(unit: Unit) -> None:
            await unit.save([gone], removed=[comment])

        await world.store.transact(work)
        assert [await _found(ada, text) for text in ("sextant", "compass")] == [[], []]

    async def test_a_guest_finds_nothing_by_what_is_not_shared(self, world: World) -> None:
        ada, team, hidden = await _begun(world)
        project = await ada.me.projects.create(team.id, "Harbour")
        shared = await ada.me.tasks.create(team.id, "Caulk the boat", project_id=project.id)
        guest = await world.member(ada, team, Role.GUEST)
        await ada.me.projects.share(project.id, guest.user.id)
        await ada.me.comments.create(hidden.id, "a sextant")

        assert await _found(guest, "caulk") == [shared.id]
        assert await _found(guest, "sextant") == []
        assert await guest.me.tasks.count(text="sextant") == 0
        assert [each.id for each in await _pages(guest, q="sextant or -sextant")] == [shared.id]

    async def test_any_text_is_just_a_text(self, world: World) -> None:
        ada, team, _ = await _begun(world)
        for number, text in enumerate(HOSTILE):
            task = await ada.me.tasks.create(team.id, f"odd{number:03}", description=f"x{text}y")
            quoted = text.replace("\\", "\\\\").replace('"', '\\"')

            assert [each.id for each in await _pages(ada, q=f'"{quoted}" odd{number:03}')] == [task.id], text
            if len(text) < 490:
                assert await _found(ada, f"odd{number:03} {text}") == [task.id], text
                assert await _found(ada, f"never {text}") == [], text


async def _begun(world: World) -> tuple[Person, Team, Task]:
    """Somebody, their team, and a task in it."""
    ada = await world.person()
    team = await world.team(ada)
    return ada, team, await ada.me.tasks.create(team.id, "Caulk the hull")


async def _found(person: Person, text: str, **query: Any) -> list[Any]:
    return [task.id for task in await _pages(person, text=text, **query)]


async def _pages(person: Person, **query: Any) -> list[Task]:
    tasks: list[Task] = []
    cursor: str | None = None
    while True:
        page = await person.me.tasks.list(**query, cursor=cursor)
        tasks += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert await person.me.tasks.count(**{name: query[name] for name in query if name != "limit"}) == len(
        tasks
    )
    return tasks
