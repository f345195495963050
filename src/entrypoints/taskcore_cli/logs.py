"""What the parts of taskcore log while a command runs: on stderr, a line each."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from taskcore_cli.terminal import tell

OURS = logging.getLogger("taskcore")


class Told(logging.Handler):
    """Tells each record as the command tells everything else."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        tell(record.getMessage() + (f": {type(error).__name__}: {error}" if error else ""))


@contextmanager
def told(level: str) -> Iterator[None]:
    """Within, what weighs as much as `level` is told."""
    handler = Told()
    OURS.addHandler(handler)
    OURS.setLevel(level.upper())
    try:
        yield
    finally:
        OURS.removeHandler(handler)
        OURS.setLevel(logging.NOTSET)


@contextmanager
def logged(level: str, form: str) -> Iterator[None]:
    """Within, what a process that stays has to say is on stderr, others' warnings too: lines for people, or `json`
    for programs."""
    from taskcore_app.log_lines import JsonLines  # noqa: PLC0415  few commands stay

    handler, everything = logging.StreamHandler(), logging.getLogger()
    handler.setFormatter(JsonLines() if form == "json" else logging.Formatter("%(levelname)s: %(message)s"))
    everything.addHandler(handler)
    OURS.setLevel(level.upper())
    try:
        yield
    finally:
        everything.removeHandler(handler)
        OURS.setLevel(logging.NOTSET)
