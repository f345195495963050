"""
Whether a walk by cursor through 10,000 tasks skips or repeats any while others write 50 times a second.

`python -m bench walk [SECONDS] [sqlite|postgresql]`. The library walks through a team again and again, in each order in turn;
a writer makes, edits, deletes and restores tasks meanwhile, at that pace as long as the store keeps up with it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from taskcore.connect import STORES, resolve
from taskcore.testing import World
from taskcore.testing.walks import SORTS, TASKS, TOUCHED, Library, filled
from tests.servers.postgres import postgres_server

SECONDS = 30
WRITES_A_SECOND = 50


@attrs.define
class Tally:
    """What was seen."""

    walks: int = 0
    pages: int = 0
    writes: int = 0
    skipped: int = 0
    repeated: int = 0
    seconds: float = 0.0


def main(arguments: list[str]) -> int:
    seconds = float(arguments[0]) if arguments else SECONDS
    faults = 0
    for store in arguments[1:2] or ["sqlite", "postgresql"]:
        with _url(store) as url:
            tally = asyncio.run(_measured(url, seconds))
        faults += tally.skipped + tally.repeated
        sys.stdout.write(
            f"{store:10} {tally.walks} walks through {TASKS} tasks, {tally.pages / tally.seconds:.0f} pages/s under "
            f"{tally.writes / tally.seconds:.1f} writes/s: {tally.skipped} skipped, {tally.repeated} repeated\n"
        )
    return 1 if faults else 0


@contextmanager
def _url(store: str) -> Iterator[str]:
    if store == "postgresql":
        with postgres_server() as server:
            yield server.create("walk")
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder).as_posix()}/walk.db"


async def _measured(url: str, seconds: float) -> Tally:
    store = resolve(STORES, url)(url, blocking=False)
    await store.upgrade()
    library, tally = await filled(World(store)), Tally()
    begun = time.monotonic()
    writing = asyncio.create_task(_write(library, tally))
    while time.monotonic() - begun < seconds:
        await _walk(library, SORTS[tally.walks % len(SORTS)], tally)
    tally.seconds = time.monotonic() - begun
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await store.close()
    return tally


async def _write(library: Library, tally: Tally) -> None:
    others, begun = library.others, time.monotonic()
    while True:
        await asyncio.sleep(max(0.0, begun + tally.writes / WRITES_A_SECOND - time.monotonic()))
        await others.once()
        tally.writes += 1


async def _walk(library: Library, sort: str, tally: Tally) -> None:
    met, cursor = Counter[str](), None
    while True:
        page = await library.ask(sort, cursor)
        met.update(str(each.id) for each in page.items)
        tally.pages += 1
        cursor = page.next_cursor
        if cursor is None:
            break
    times = [met[str(each)] for each in library.ids[TOUCHED:]]
    tally.walks += 1
    tally.skipped += times.count(0)
    tally.repeated += sum(count > 1 for count in times)
