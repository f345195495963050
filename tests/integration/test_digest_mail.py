"""Digests on a database and over SMTP: from the instant of the morning to the letter that arrives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import taskcore
from taskcore.delivery.digests import digests
from taskcore.jobs.runner import Runner
from taskcore.testing.world import FakeClock
from tests.servers.smtp import smtp_server

MORNINGS = {
    "Europe/Berlin": "2026-03-29T06:00Z",
    "Asia/Kathmandu": "2026-03-29T02:15Z",
    "Pacific/Chatham": "2026-03-28T18:15Z",
}
"""08:00 on the day on which the clocks change in Berlin."""


async def test_a_digest_arrives_once_at_eight_where_somebody_lives(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 3, 28, 12, tzinfo=UTC))
    with smtp_server() as server:
        async with taskcore.open(f"sqlite:///{tmp_path}/tasks.db", mail=server.url, clock=clock) as core:
            for name in MORNINGS:
                email = f"{name.partition('/')[2].lower()}@example.org"
                user = await core.users.register(
                    email, name=name, password="correct horse battery", time_zone=name
                )
                me = core.acting_as(user.id)
                team = await me.teams.create(name, key=name[-3:].upper())
                due = clock() - timedelta(days=1)
                await me.tasks.create(team.id, f"Late in {name}", assignee_id=user.id, due_at=due)
            timed, runner = digests(core), Runner(core)
            sent: dict[datetime, list[str]] = {}
            for minutes in range(0, 24 * 60, 15):
                clock.now = datetime(2026, 3, 28, 12, tzinfo=UTC) + timedelta(minutes=minutes)
                if await timed.step():
                    await runner.step()
                    sent[clock.now] = [str(each["To"]) for each in server.messages[len(sent) :]]

    assert sent == {
        datetime.fromisoformat(at): [f"{name.partition('/')[2].lower()}@example.org"]
        for name, at in MORNINGS.items()
    }
