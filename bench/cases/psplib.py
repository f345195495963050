"""
Plans within capacity: `python bench/conformance.py psplib FILE [--solver URL] [--seconds S] [--schedules N] [--limit N]`.

FILE holds a JSON object (also gzipped) of `{set, dur, dem, succ, cap, cpm_lb, lb, ub}` by name; an answer is
`{name, makespan, starts}`, a start for each task in the file's order. `--seconds` are of the CPU, in the calling thread. The summary has each set's mean deviation: for j30 from the best known makespan (`ub`), for the
others from the critical path (`cpm_lb`), as in the literature (Kolisch & Hartmann 2006). The exit code is 1 where an
answer does not hold, or lies below a known lower bound.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections import defaultdict
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any

import attrs

from taskcore.connect import open_solver
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
        return 100 * (self.solution.makespan / self.reference - 1)


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    seconds = 1.0 if asked.seconds is None and asked.schedules is None else asked.seconds
    solver, budget = open_solver(asked.solver), Budget(seconds, asked.schedules)
    sets: dict[str, list[Answered]] = defaultdict(list)
    for name, case in islice(_read(asked.file).items(), asked.limit):
        problem = Problem(case["dur"], case["dem"], case["succ"], case["cap"])
        began = time.process_time()
        solution = solver.solve(problem, budget)
        cpu = time.process_time() - began
        sets[case["set"]].append(_judged(problem, case, solution, cpu))
        answer = {"name": name, "makespan": solution.makespan, "starts": solution.starts}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    for name, answers in sets.items():
        sys.stderr.write(f"{name}: {_summary(name, answers)}\n")
    return int(not all(answer.holds for answers in sets.values() for answer in answers))


def _judged(problem: Problem, case: Case, solution: Solution, cpu_seconds: float) -> Answered:
    critical_path = max(map(sum, zip(problem.heads, problem.durations, problem.tails, strict=True)))
    known: int | None = case.get("ub")
    holds = (
        not problem.violations(solution.starts)
        and max(case.get("lb", 0), solution.bound) <= solution.makespan == problem.makespan(solution.starts)
        and (known is None or solution.bound <= known)
    )
    reference = known if known and case["set"] == "j30" else critical_path
    return Answered(solution, reference, known, cpu_seconds, holds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="conformance.py psplib")
    parser.add_argument("file", type=Path)
    parser.add_argument("--solver", default="heuristic://")
    parser.add_argument("--seconds", type=float, help="an instance; 1, where no schedules are given")
    parser.add_argument("--schedules", type=int, help="plans an instance")
    parser.add_argument("--limit", type=int, help="the first so many cases only")
    return parser


def _read(path: Path) -> dict[str, Case]:
    data = path.read_bytes()
    cases: dict[str, Case] = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
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
