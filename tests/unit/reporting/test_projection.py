"""Whatever happens to tasks, and however its log is read: the figures are those of who counts the tasks."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskcore.reporting.facts import LEVELS, Figures
from taskcore.reporting.projection import LogGap, following
from taskcore.values import Status
from tests.unit.reporting.ledger import Book, book_of
from tests.unit.reporting.tales import Census, deeds, lived

PATIENT = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
"""How fast examples are made says how busy the machine is."""
tales = st.lists(deeds, min_size=4, max_size=25)


def levels(figures: Figures, day: date) -> Census:
    """How many tasks there are at the end of a day, by project and status."""
    found: Census = Counter()
    for (project, changed), names in figures.items():
        if changed <= day:
            for status in Status:
                found[project, status] += names.get(LEVELS[status], 0)
    return Counter({spot: count for spot, count in found.items() if count})


@PATIENT
@given(tales)
def test_each_day_ends_with_what_a_census_counts(told: list[Any]) -> None:
    tale = lived(told)

    for log, census in zip(tale.logs, tale.census, strict=True):
        book = book_of(log)
        imported = {event.at.date() for event in log if event.data.get("imported")}
        for day, counted in census.items():
            if not any(
                day < later for later in imported
            ):  # that day there was something that nobody had told
                assert levels(book.figures, day) == counted


@PATIENT
@given(tales)
def test_tasks_at_the_end_are_what_was_counted(told: list[Any]) -> None:
    tale = lived(told)

    for log, tasks, purged in zip(tale.logs, tale.tasks, tale.purged, strict=True):
        book = book_of(log)
        done = [task for task in tasks if task.status is Status.DONE]
        for task in tasks:
            facts = book.facts[task.id]
            assert book.keys[task.id] == task.key
            assert (facts.status, facts.project_id) == (task.status, task.project_id)
            assert (facts.created_at, facts.gone) == (task.created_at, task.deleted_at is not None)
            assert facts.completed_at == (task.completed_at if task in done else None)
            if task.started_at and not _skipped_progress(log, task.id):
                assert facts.started_at == task.started_at
        assert _total(book, "created") == len(tasks) + len(_ends(book, tasks))
        assert all(book.facts[task.id].gone for task in purged)


def _ends(book: Book, tasks: list[Any]) -> set[Any]:
    """Tasks that are there no longer."""
    return book.facts.keys() - {task.id for task in tasks}


def _skipped_progress(log: list[Any], task: Any) -> bool:
    return any(
        event.task_id == task and event.data.get("status", {}).get("to") == "in_review" for event in log
    )


def _total(book: Book, name: str) -> int:
    return sum(names.get(name, 0) for names in book.figures.values())


@PATIENT
@given(tales)
def test_what_was_finished_and_not_taken_up_again_is_finished(told: list[Any]) -> None:
    for log in lived(told).logs:
        book = book_of(log)
        flows = Counter(
            event.kind.removeprefix("task.")
            for event in log
            if event.kind in ("task.completed", "task.cancelled", "task.reopened")
        )
        born = Counter(
            event.data["status"]["to"]
            for event in log
            if event.kind == "task.created" and "status" in event.data
        )

        assert _total(book, "completed") == flows["completed"] + born["done"]
        assert _total(book, "cancelled") == flows["cancelled"] + born["cancelled"]
        assert _total(book, "reopened") == flows["reopened"]
        assert sum(facts.reopened for facts in book.facts.values()) == flows["reopened"]


@PATIENT
@given(tales, st.integers(0, 2**16))
def test_batches_repetitions_and_restarts_change_nothing(told: list[Any], seed: int) -> None:
    tale, chance = lived(told), Random(seed)  # noqa: S311  chance that a seed brings back
    books = [Book() for _ in tale.logs]
    left = {which for which, log in enumerate(tale.logs) if log}
    while left:  # both teams, a stretch of one, then one of the other; each may begin where it was before
        which = chance.choice(sorted(left))
        book, log = books[which], tale.logs[which]
        begin = chance.randint(0, book.seq)
        book.take(log[0].team_id, log[begin : chance.randint(begin, len(log))])
        if book.seq == len(log):
            left.discard(which)

    assert books == [book_of(log) for log in tale.logs]


@PATIENT
@given(tales)
def test_a_history_that_comes_elsewhere_tells_the_same_there(told: list[Any]) -> None:
    for log in lived(told[:12]).logs:
        here = book_of(log)
        late = [*(event for event in log if event.seq % 3 == 0), *(event for event in log if event.seq % 3)]
        there = book_of(attrs.evolve(event, seq=seq) for seq, event in enumerate(late, 1))

        assert there.figures == here.figures
        assert there.facts == here.facts


def test_a_gap_is_refused_and_told() -> None:
    log = lived([("create", 0, 0, Status.OPEN, 0, 1)] * 3).logs[0]

    assert [event.seq for event in following(log[0].team_id, 2, reversed(log))] == [*range(3, len(log) + 1)]
    with pytest.raises(LogGap, match=f"events 3 to 4 of team {log[0].team_id} are missing") as refused:
        following(log[0].team_id, 2, log[4:])
    assert refused.value.data["missing"] == (3, 4)
    with pytest.raises(LogGap, match=r"event 3 of team .* is missing.*--from-start"):
        following(log[0].team_id, 2, log[3:])
    with pytest.raises(LogGap):
        following(log[0].team_id, 0, [log[0], log[2]])
