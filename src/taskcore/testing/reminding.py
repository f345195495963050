"""What a store keeps of reminders, and for how long."""

from __future__ import annotations

from taskcore.tasks.reminding import Reminder
from taskcore.testing.samples import NOW
from taskcore.testing.world import World


class ReminderContract:
    """The part of `StoreContract` that is about them."""

    async def test_who_leaves_is_reminded_of_nothing(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        bob = await world.member(ada, team)
        task = await ada.me.tasks.create(team.id, "x", due_at=NOW)
        kept = await ada.me.reminders.add(task.id, offset_minutes=-1)
        await bob.me.reminders.add(task.id)
        await bob.me.members.leave(team.id)

        assert (await ada.me.reminders.list(task.id)).items == [kept]
        assert len(await world.store.rows().find(Reminder, team_id=team.id)) == 1

    async def test_a_purged_task_reminds_of_nothing(self, world: World) -> None:
        ada = await world.person()
        team = await world.team(ada)
        root = await ada.me.tasks.create(team.id, "root")
        sub = await ada.me.tasks.create(team.id, "sub", parent_id=root.id)
        await ada.me.reminders.add(sub.id)
        await ada.me.tasks.delete(root.id)
        await ada.me.tasks.purge(root.id)

        assert await world.store.rows().find(Reminder, team_id=team.id) == []
