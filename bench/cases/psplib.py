"""
Plans within capacity: `python bench/conformance.py psplib FILE [--solver URL] [--seconds S] [--schedules N] [--limit N]`.

FILE holds a JSON object (also gzipped) of `{set, dur, dem, succ, cap, cpm_lb, lb, ub}` by name; an answer is
`{name, makespan, starts}`, a start for each task in the file's order. `--seconds` are of the CPU, in the calling thread. The summary has each set's mean deviation: for j30 from the best known makespan (`ub`), for the
others from the critical path (`cpm_lb`), as in the literature (Kolisch & Hartmann 2006). A case that is no
project is answered `{name, error}`. The exit code is 1 where there is one, or an answer does not hold, or lies below a
known lower bound; 2 where the file or an option is of no use.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any

import attrs

from taskcore.connect import open_solver
from taskcore.errors import TaskCoreError
from taskcore.scheduling.leveling import Budget, Problem, Solution

Case = dict[str, Any]


@attrs.frozen
class Answered:
    """What the summary needs of one case."""

    solution: Solution
    reference: int
    """What the deviation is measured from."""
    best_known: int | None
    cpu_seconds: float
    holds: bool

    @property
    def deviation(self) -> float:
        """In percent."""
        return 100 * (self.solution.makespan / self.reference - 1) if self.reference else 0.0


def main(arguments: list[str]) -> int:
    parser = _parser()
    asked = parser.parse_args(arguments)
    seconds = 1.0 if asked.seconds is None and asked.schedules is None else asked.seconds
    try:
        solver, budget = open_solver(asked.solver), Budget(seconds, asked.schedules)
        cases = _read(asked.file)
    except (TaskCoreError, OSError) as error:
        parser.error(str(error))
    except (EOFError, zlib.error, ValueError, TypeError) as error:
        parser.error(f"{asked.file}: {error}")
    sets: dict[str, list[Answered]] = defaultdict(list)
    refused = 0
    for name, case in islice(cases.items(), asked.limit):
        try:
            problem = _problem(case)
        except (TaskCoreError, ValueError, TypeError) as error:
            refused += 1
            _write({"name": name, "error": str(error)})
            continue
        began = time.process_time()
        solution = solver.solve(problem, budget)
        cpu = time.process_time() - began
        sets[str(case.get("set"))].append(_judged(problem, case, solution, cpu))
        _write({"name": name, "makespan": solution.makespan, "starts": solution.starts})
    for name, answers in sets.items():
        sys.stderr.write(f"{name}: {_summary(name, answers)}\n")
    if refused:
        sys.stderr.write(f"{refused} cases refused\n")
    return int(bool(refused) or not all(answer.holds for answers in sets.values() for answer in answers))


def _write(answer: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _problem(case: Case) -> Problem:
    """Raises: ValueError or TypeError, for a case without what is needed; Invalid, for one that is no project."""
    if not isinstance(case, dict):
        raise TypeError(f"must be an object, not {type(case).__name__}")
    if missing := [key for key in ("dur", "dem", "succ", "cap") if key not in case]:
        raise ValueError(f"has no {', '.join(missing)}")
    return Problem(case["dur"], case["dem"], case["succ"], case["cap"])


def _judged(problem: Problem, case: Case, solution: Solution, cpu_seconds: float) -> Answered:
    critical_path = max(
        map(sum, zip(problem.heads, problem.durations, problem.tails, strict=True)), default=0
    )
    known: int | None = case.get("ub")
    holds = (
        not problem.violations(solution.starts)
        and max(case.get("lb") or 0, solution.bound) <= solution.makespan == problem.makespan(solution.starts)
        and (known is None or solution.bound <= known)
    )
    reference = known if known and case.get("set") == "j30" else critical_path
    return Answered(solution, reference, known, cpu_seconds, holds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="conformance.py psplib")
    parser.add_argument("file", type=Path)
    parser.add_argument("--solver", default="heuristic://")
    parser.add_argument("--seconds", type=float, help="an instance; 1, where no schedules are given")
    parser.add_argument("--schedules", type=int, help="plans an instance")
    parser.add_argument("--limit", type=_count, help="the first so many cases only")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of cases")
    return int(text)


def _read(path: Path) -> dict[str, Case]:
    data = path.read_bytes()
    cases = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    if not isinstance(cases, dict):
        raise TypeError(f"must hold an object of cases by name, not {type(cases).__name__}")
    return cases


def _summary(name: str, answers: list[Answered]) -> str:
    best_known = sum(answer.solution.makespan == answer.best_known for answer in answers)
    proven = sum(answer.solution.optimal for answer in answers)
    wrong = sum(not answer.holds for answer in answers)
    return (
        f"{len(answers)} cases, mean deviation {fmean(answer.deviation for answer in answers):.3f} %"
        f" from {'the best known' if name == 'j30' else 'the critical path'},"
        f" {best_known} equal to the best known, {proven} proven,"
        f" mean gap {100 * fmean(answer.solution.gap for answer in answers):.2f} %,"
        f" {fmean(answer.cpu_seconds for answer in answers):.2f} s of CPU and"
        f" {fmean(answer.solution.schedules for answer in answers):.0f} schedules a case, {wrong} wrong"
    )
