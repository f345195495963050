"""Which kinds of jobs there are and what does them, and what comes again and again."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from taskcore.jobs.ports import Handler

HANDLERS: dict[str, str] = {
    "housekeeping.jobs": "taskcore.jobs.housekeeping:forget_jobs",
    "housekeeping.keys": "taskcore.jobs.housekeeping:forget_keys",
    "housekeeping.tokens": "taskcore.jobs.housekeeping:forget_tokens",
    "housekeeping.trash": "taskcore.jobs.housekeeping:empty_trash",
    "mail.send": "taskcore.delivery.posting:send",
    "saga.step": "taskcore.sagas.running:step",
    "watches.rearm": "taskcore.watching.arming:rearm",
    "notice.mail": "taskcore.delivery.noticing:mail",
    "report.status": "taskcore.status.making:make",
    "report.purge": "taskcore.status.making:purge",
    "report.weekly": "taskcore.status.weekly:send",
}
"""What does the jobs of each kind, as "module:function": imported when the first of them runs."""

TIMEOUTS: dict[str, float] = {}
"""How many seconds a job of a kind may take, where there is a limit: beyond it the attempt has failed."""


@attrs.frozen(slots=True)
class Schedule:
    """A job that is begun again and again: at each tick of `cron` (five fields) by the clocks of `time_zone`."""

    name: str
    cron: str
    time_zone: str
    kind: str
    payload: Mapping[str, Any] = attrs.field(factory=dict)
    catch_up: bool = False
    """Whether each tick that was missed is made up for; else the latest of them is, alone."""


SCHEDULES: tuple[Schedule, ...] = (
    Schedule("housekeeping.jobs", "23 * * * *", "UTC", "housekeeping.jobs"),
    Schedule("housekeeping.keys", "37 * * * *", "UTC", "housekeeping.keys"),
    Schedule("housekeeping.tokens", "11 3 * * *", "UTC", "housekeeping.tokens"),
    Schedule("housekeeping.trash", "41 3 * * *", "UTC", "housekeeping.trash"),
)


class Handlers:
    """What does the jobs of each kind in one core: what is `named`, and what whoever embeds the core adds."""

    def __init__(self, named: Mapping[str, str] = HANDLERS, timeouts: Mapping[str, float] = TIMEOUTS) -> None:
        self._named = named
        self._timeouts = dict(timeouts)
        self._added: dict[str, Handler] = {}

    def add(self, kind: str, handler: Handler, *, timeout_seconds: float | None = None) -> None:
        """Let `handler` do the jobs of this kind, in place of whatever did; each within so many seconds, if any."""
        self._added[kind] = handler
        self._timeouts.pop(kind, None)
        if timeout_seconds is not None:
            self._timeouts[kind] = timeout_seconds

    def of(self, kind: str) -> Handler | None:
        """What does the jobs of this kind; None, where nothing here does."""
        if kind in self._added:
            return self._added[kind]
        if kind not in self._named:
            return None
        module, _, name = self._named[kind].partition(":")
        handler: Handler = getattr(import_module(module), name)
        self._added[kind] = handler
        return handler

    @property
    def kinds(self) -> tuple[str, ...]:
        """All that something here does."""
        return tuple(sorted({*self._named, *self._added}))

    def timeout_seconds(self, kind: str) -> float | None:
        """How long a job of this kind may take; None: as long as it does."""
        return self._timeouts.get(kind)
