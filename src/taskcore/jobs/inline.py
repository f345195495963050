"""
`inline://`: jobs are run beside answering, by the same process, from the store. `worker://`: by `taskcore worker`
alone, which looks into the store as often.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from taskcore.errors import invalid
from taskcore.jobs.model import Job
from taskcore.values import JobId

if TYPE_CHECKING:
    from taskcore.delivery.alarm import Alarm


def open_queue(url: str, *, blocking: bool = False) -> InlineQueue:  # noqa: ARG001  nothing to wait for
    """Raises: Invalid."""
    scheme, *rest = urlsplit(url)
    if any(rest):
        raise invalid("queue", f"{scheme}:// takes nothing behind it")
    return InlineQueue(in_service=scheme == "inline")


class InlineQueue:
    """A `Queue` that says in its own process when there is something to do; the bus does for all others."""

    feeds = False

    def __init__(self, *, in_service: bool = True) -> None:
        self.in_service = in_service
        self._alarm: Alarm | None = None
        """Made once somebody takes."""

    def offer(self, jobs: Sequence[Job]) -> None:
        if jobs and self._alarm is not None:
            self._alarm.ring()

    async def take(self, most: int, within: float) -> Sequence[JobId] | None:  # noqa: ARG002  it looks into the store
        if self._alarm is None:
            from taskcore.delivery.alarm import Alarm  # noqa: PLC0415  needs an event loop, which few programs have

            self._alarm = Alarm()
        await self._alarm.sleep(within)
        return None

    async def close(self) -> None:
        """Nothing to let go of."""
