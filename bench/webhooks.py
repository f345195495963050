"""
What becomes of webhooks while processes die, and while somebody's write stays open.

`python -m bench webhooks [KILLS] [DELIVERIES] [HELD_SECONDS] [sqlite|postgresql]`. A process that relays and sends is killed
(SIGKILL) at random requests, and another takes over; then a transaction that wrote to one team's log is held open while
another team's events are delivered, and how late the latest of them was is told.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from taskcore.core import Acting, TaskCore
from taskcore.delivery.slots import SLOTS
from taskcore.events import Stamp
from taskcore.ports import Unit
from taskcore.system import system_clock, uuid7_ids
from taskcore.teams.model import Team
from tests.servers.courier import reaching_loopback, relay_and_send
from tests.servers.deliveries import Outcome, delivered_despite_kills
from tests.servers.postgres import postgres_server
from tests.servers.receiver import Receiver, receiver

KILLS, DELIVERIES, HELD_SECONDS = 50, 5_000, 60.0
WEBHOOKS = 10
ADA, PASSWORD = "ada@example.org", "correct horse battery"
EVERY_SECONDS = 0.1
MOST_LATE_SECONDS = 1.0
PATIENCE_SECONDS = 3600


def main(arguments: list[str]) -> int:
    kills = int(arguments[0]) if arguments else KILLS
    deliveries = int(arguments[1]) if len(arguments) > 1 else DELIVERIES
    held_seconds = float(arguments[2]) if len(arguments) > 2 else HELD_SECONDS
    good = True
    for store in arguments[3:4] or ("sqlite", "postgresql"):
        with _store(store) as url:
            began = time.monotonic()
            killing = delivered_despite_kills(
                url,
                webhooks=WEBHOOKS,
                events=deliveries // WEBHOOKS,
                kills=kills,
                seed=kills,
                patience_seconds=PATIENCE_SECONDS,
            )
            outcome = asyncio.run(killing)
            good &= _told(store, outcome, time.monotonic() - began)
    if arguments[3:4] != ["sqlite"]:
        with _store("postgresql") as url:
            good &= _late(asyncio.run(_held(url, held_seconds)), held_seconds)
    return 0 if good else 1


def _told(store: str, outcome: Outcome, seconds: float) -> bool:
    missing, most = len(outcome.expected - outcome.came), outcome.kills * SLOTS
    sys.stdout.write(
        f"{store:10} {len(outcome.expected)} deliveries, {outcome.kills} kills, {seconds:.0f} s: {missing} missing,"
        f" {outcome.repeats} repeated (at most {most}), {outcome.different} with other bytes,"
        f" {outcome.twice} queued twice\n"
    )
    sys.stdout.flush()
    return not (missing or outcome.different or outcome.twice) and outcome.repeats <= most


def _late(seconds: list[float], held_seconds: float) -> bool:
    ordered = sorted(seconds)
    sys.stdout.write(
        f"postgresql {len(ordered)} events beside a write open for {held_seconds:.0f} s: median"
        f" {ordered[len(ordered) // 2]:.3f} s, latest {ordered[-1]:.3f} s (at most {MOST_LATE_SECONDS:.0f} s)\n"
    )
    return ordered[-1] <= MOST_LATE_SECONDS


async def _held(url: str, held_seconds: float) -> list[float]:
    """From the commit of each event of a team to its delivery, in seconds, while another team's write is open."""
    core = reaching_loopback(url)
    await core.store.check()
    async with core, receiver() as there:
        ada = await core.users.register(ADA, name="Ada", password=PASSWORD)
        me = core.acting_as(ada.id)
        held, free = await me.teams.create("Held", key="HELD"), await me.teams.create("Free", key="FREE")
        for team, path in ((held, "/held"), (free, "/free")):
            await me.webhooks.create(team.id, there.url(path), kinds=["task.*"])
        loops = asyncio.create_task(relay_and_send(core))
        over, begun = asyncio.Event(), asyncio.Event()
        holding = asyncio.create_task(_hold(core, me, held, begun, over))
        await begun.wait()
        late = await _each_event(me, free, there, held_seconds)
        over.set()
        await holding
        loops.cancel()
        with suppress(asyncio.CancelledError):
            await loops
        return late


async def _hold(core: TaskCore, me: Acting, team: Team, begun: asyncio.Event, over: asyncio.Event) -> None:
    stamp = Stamp(me.user_id, system_clock(), uuid7_ids())

    async def work(unit: Unit) -> None:
        event = stamp.event("task.updated", team.id, "task", team.id, {})
        await unit.save([], events=[event])
        begun.set()
        await over.wait()

    await core.store.transact(work)


async def _each_event(me: Acting, team: Team, there: Receiver, held_seconds: float) -> list[float]:
    late, began = [], time.monotonic()
    while time.monotonic() - began < held_seconds:
        came = len(there.at("/free"))
        await me.tasks.create(team.id, "told")
        committed = time.monotonic()
        await there.until(lambda each, came=came: len(each.at("/free")) > came)  # type: ignore[misc]
        late.append(time.monotonic() - committed)
        await asyncio.sleep(EVERY_SECONDS)
    return late


@contextmanager
def _store(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/webhooks.db"
        return
    with postgres_server() as server:
        url = server.create("webhooks")
        asyncio.run(_upgraded(url))
        yield url


async def _upgraded(url: str) -> None:
    async with reaching_loopback(url) as core:
        await core.store.upgrade()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
