"""
Recurrence rules: `python bench/conformance.py rrule FILE`.

FILE holds a JSON list (also gzipped) of `{id, tz, dtstart, rrule, exdate?, rdate?, n}`, times in iCalendar's form and
local to the zone; an answer is `{id, occurrences_utc}`, the first `n`, as `2026-12-01T09:00:00Z`, or `20261201` where
DTSTART has no time. Where a case has `expected_utc`, or `expected` for
a DTSTART without a time, the summary says whether all are equal.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from taskcore.errors import TaskCoreError
from taskcore.scheduling.recurrence import Fixed, Recurrence
from taskcore.scheduling.rrule import moment


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="conformance.py rrule")
    parser.add_argument("file", type=Path)
    file = parser.parse_args(arguments).file
    try:
        cases = _read(file)
    except (OSError, ValueError, TypeError) as error:
        sys.stderr.write(f"{file}: {error}\n")
        return 2
    compared, different = 0, []
    for case in cases:
        answer = answered(case)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
        expected = _expected(case)
        compared += expected is not None
        if "error" in answer or (expected is not None and answer["occurrences_utc"] != expected):
            different.append(str(answer["id"]))
    sys.stderr.write(
        f"{len(cases)} rules, {compared} with an expected answer; {len(different)} different or refused"
        f"{''.join(f'{chr(10)}  {name}' for name in different)}\n"
    )
    return int(bool(different))


def answered(case: Any) -> dict[str, Any]:
    """The first `n` occurrences of a case, or the error with which it is refused."""
    if not isinstance(case, Mapping):
        return {"id": None, "error": f"a case must be an object, not {type(case).__name__}"}
    try:
        recurrence = _recurrence(case)
        return {"id": case["id"], "occurrences_utc": list(islice(_written(recurrence), int(case["n"])))}
    except KeyError as error:
        return {"id": case.get("id"), "error": f"{error.args[0]} is missing"}
    except (TaskCoreError, ValueError, TypeError, OSError) as error:
        return {"id": case.get("id"), "error": str(error)}


def _recurrence(case: Mapping[str, Any]) -> Fixed:
    return Recurrence.fixed(
        moment(case["dtstart"]),
        ZoneInfo(case["tz"]) if case.get("tz") else UTC,
        case["rrule"],
        rdates=map(moment, case.get("rdate", ())),
        exdates=map(moment, case.get("exdate", ())),
    )


def _written(recurrence: Fixed) -> Iterable[str]:
    if recurrence.all_day:
        return (each.isoformat().replace("-", "") for each in recurrence.days())
    return (f"{each.replace(tzinfo=None).isoformat()}Z" for each in recurrence.instants())


def _read(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    cases: Any = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    if not isinstance(cases, list):
        raise TypeError(f"must hold a list of cases, not {type(cases).__name__}")
    return cases


def _expected(case: Any) -> list[str] | None:
    """The answers that come with a case, in the form of ours."""
    if not isinstance(case, Mapping):
        return None
    given = case.get("expected_utc") or (case.get("expected") if len(str(case.get("dtstart"))) == 8 else None)
    return None if given is None else [_as_ours(each) for each in given]


def _as_ours(text: str) -> str:
    if len(text) == 8:
        return text
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[9:11]}:{text[11:13]}:{text[13:15]}Z"
