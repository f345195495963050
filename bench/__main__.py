"""`python -m bench NAME …`, of those below; without a name, all that are there, one after the other."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

NAMES = (
    "indexes",
    "http",
    "memory",
    "cli",
    "timing",
    "walk",
    "calendars",
    "network",
    "staffing",
    "sockets",
    "realtime",
    "webhooks",
    "reporting",
    "jobs",
)


def main(arguments: list[str]) -> int:
    """Each benchmark is a module with `main(arguments)`, which returns its exit code."""
    if arguments and arguments[0] not in NAMES:
        sys.exit(f"no such benchmark: {arguments[0]}; there are {', '.join(NAMES)}")
    names = arguments[:1] or [name for name in NAMES if find_spec(f"bench.{name}")]
    return max(int(import_module(f"bench.{name}").main(arguments[1:])) for name in names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
