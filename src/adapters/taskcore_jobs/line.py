"""One way to a server that may be away: how long to wait when it breaks, and what is logged of it."""

from __future__ import annotations

import logging
from random import random

FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 1.0
PATIENCE_SECONDS = 1.0
"""How long one trip may take, connecting included."""

log = logging.getLogger(__name__)


class Line:
    """Logs that it broke, and that it works again, once each."""

    def __init__(self, server: str, consequence: str) -> None:
        self._server = server
        self._consequence = consequence
        self._failures = 0

    def works(self) -> None:
        if self._failures:
            log.warning("%s answers again", self._server)
        self._failures = 0

    def broke(self, error: Exception) -> float:
        """The seconds to wait: twice as many each time, spread, for all processes lose a server at the same time."""
        if not self._failures:
            log.warning("%s does not answer, %s meanwhile: %r", self._server, self._consequence, error)
        seconds = min(FIRST_WAIT_SECONDS * (1 << self._failures), LONGEST_WAIT_SECONDS)
        self._failures = min(self._failures + 1, 10)
        return seconds * (0.5 + random() / 2)  # noqa: S311  no secret
