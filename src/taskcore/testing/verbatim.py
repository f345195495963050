"""The contract of `Unit.save` with `verbatim`: what was kept elsewhere comes back as it was."""

from __future__ import annotations

import attrs
import pytest

from taskcore.errors import Conflict
from taskcore.ports import Unit
from taskcore.tasks.model import Task
from taskcore.testing.samples import a_label, a_task
from taskcore.testing.world import World


class VerbatimContract:
    """A part of `StoreContract`, which gives the world."""

    async def test_what_is_saved_verbatim_keeps_its_version_and_its_number(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        label = attrs.evolve(a_label(team, "bug"), version=3)
        old = attrs.evolve(a_task(team, ada), number=7, key=f"{team.key}-7", version=42, labels=("bug",))
        new = attrs.evolve(a_task(team, ada), version=5)

        async def work(unit: Unit) -> list[Task]:
            saved: list[Task] = await unit.save([label, old, new], verbatim=True)
            return saved

        _, kept, numbered = await world.store.transact(work)
        after = await ada.me.tasks.create(team.id, "after")

        assert (kept.number, kept.version, kept.labels) == (7, 42, ("bug",))
        assert (numbered.number, numbered.key, numbered.version) == (8, f"{team.key}-8", 5)
        assert after.number == 9
        assert await ada.me.tasks.get(old.id) == kept
        assert (await ada.me.tasks.edit(old.id, title="changed")).version == 43

    async def test_what_is_there_is_not_replaced_by_what_is_saved_verbatim(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        task = await ada.me.tasks.create(team.id, "there")

        async def work(unit: Unit) -> None:
            await unit.save([attrs.evolve(task, title="again", version=task.version + 1)], verbatim=True)

        with pytest.raises(Conflict) as refused:
            await world.store.transact(work)

        assert refused.value.code == "already_exists"
        assert (await ada.me.tasks.get(task.id)).title == "there"
