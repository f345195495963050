"""The command line: parses words, calls one use case, renders. What it loads, it loads when it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence

NEEDED = frozenset({"typer", "click", "rich"})


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    try:
        from taskcore_cli.program import run  # noqa: PLC0415  so that a missing extra can be told in a line
    except ModuleNotFoundError as error:
        if error.name not in NEEDED:
            raise
        sys.stderr.write(f"taskcore: the command needs {error.name}: pip install 'taskcore[cli]'\n")
        return 1
    return run(sys.argv[1:] if words is None else list(words))
