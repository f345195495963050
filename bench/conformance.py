"""
Outside cases, answered one JSON line each on stdout; a summary on stderr.

    python bench/conformance.py rrule FILE
    python bench/conformance.py psplib FILE [--solver URL] [--seconds S] [--schedules N] [--limit N]

Each kind of case is a module of `bench/cases` with `main(arguments)`, which returns the exit code: 1 where a case has
an expected answer and ours is another.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

KINDS = ("rrule", "psplib", "taskjuggler")


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in KINDS:
        sys.exit(f"usage: python bench/conformance.py [{'|'.join(KINDS)}] …")
    return int(import_module(f"bench.cases.{arguments[0]}").main(arguments[1:]))


if __name__ == "__main__":
    # Started as a file, Python looks for modules beside it first, where `http` is a benchmark.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    sys.exit(main(sys.argv[1:]))
