"""The queue that needs no server: it wakes whoever waits in the same process, and says nothing of which jobs."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from taskcore.errors import Invalid
from taskcore.jobs.inline import open_queue
from taskcore.jobs.states import new_job
from taskcore.testing.samples import NOW

JOB = new_job(UUID(int=1), "a.kind", NOW)
LONGER_THAN_ANY_TEST = 600


@pytest.mark.parametrize(("url", "in_service"), [("inline://", True), ("worker://", False)])
async def test_its_scheme_says_whether_a_service_runs_jobs(url: str, *, in_service: bool) -> None:
    queue = open_queue(url)

    assert queue.in_service is in_service
    assert not queue.feeds
    await queue.close()


@pytest.mark.parametrize("url", ["inline://host", "worker:///path", "inline://?a=b"])
def test_it_takes_nothing_behind_its_scheme(url: str) -> None:
    with pytest.raises(Invalid, match="takes nothing behind it"):
        open_queue(url)


async def test_an_offer_wakes_who_waits_and_no_offer_does_not() -> None:
    queue = open_queue("inline://")
    queue.offer([JOB])  # nobody waits yet: whoever comes looks into the store first
    waiting = asyncio.ensure_future(queue.take(1, LONGER_THAN_ANY_TEST))
    await asyncio.sleep(0)
    queue.offer([])
    await asyncio.sleep(0)
    asleep = not waiting.done()
    queue.offer([JOB])

    assert asleep
    assert await waiting is None


async def test_who_is_woken_by_nobody_waits_no_longer_than_they_said() -> None:
    assert await open_queue("inline://").take(1, 0.001) is None
