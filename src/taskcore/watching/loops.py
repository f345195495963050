"""The loops that watch tasks: one follows the log, the other the time."""

from __future__ import annotations

from taskcore.core import TaskCore
from taskcore.delivery.consuming import Consumer
from taskcore.jobs.timing import Timed
from taskcore.watching.arming import CONSUMER, Arming
from taskcore.watching.model import Watch
from taskcore.watching.waking import Waking


def arming(core: TaskCore) -> Consumer:
    """Says when somebody has to look at a task, from what happens to it."""
    outside = core._outside  # noqa: SLF001  it acts for nobody, and so has no use case
    return Consumer(core, CONSUMER, Arming(outside.clock, outside.ids).apply)


def waking(core: TaskCore) -> Timed[Watch]:
    """Looks at each task at its time."""
    return Timed(core, Watch, Waking(core._outside.ids).act, CONSUMER)  # noqa: SLF001  as above
