"""`taskcore` with one more kind of jobs, which hold on until they are told to stop: `python -m tests.servers.holding …`."""

from __future__ import annotations

import asyncio

from taskcore.jobs.ports import Run
from taskcore.jobs.registry import HANDLERS

KIND = "test.hold"


async def hold(run: Run) -> None:
    """Say that it has begun, and never end; but where it was given back once, or is to be done at once."""
    await run.progress(1)
    if run.job.attempts == 1 and not run.job.payload.get("at_once"):
        await asyncio.Event().wait()


if __name__ == "__main__":
    HANDLERS[KIND] = "tests.servers.holding:hold"
    from taskcore_cli import main

    main()
