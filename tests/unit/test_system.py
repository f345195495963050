"""The time, and new ids, from the standard library."""

from __future__ import annotations

import time
from datetime import UTC, timedelta
from itertools import pairwise
from threading import Thread
from uuid import RFC_4122, UUID

import pytest

from taskcore.system import system_clock, uuid7_ids


def test_the_clock_tells_utc() -> None:
    assert system_clock().tzinfo is UTC
    assert abs(system_clock() - system_clock()) < timedelta(minutes=1)


def test_ids_are_uuids_of_version_7() -> None:
    new_id = uuid7_ids()

    assert {(each.version, each.variant) for each in (new_id() for _ in range(1000))} == {(7, RFC_4122)}


def test_an_id_tells_the_millisecond_it_was_made_in() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7_ids()().int >> 80

    assert before <= made <= time.time_ns() // 1_000_000


@pytest.mark.parametrize("step", [0, -1_000_000_000])
def test_ids_rise_even_while_the_clock_stands_still_or_goes_back(
    monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    started, asked = time.time_ns(), iter(range(10**6))
    monkeypatch.setattr(time, "time_ns", lambda: started + next(asked) * step)
    new_id = uuid7_ids()
    made = [new_id() for _ in range(2000)]

    assert all(before < after for before, after in pairwise(made))


def test_ids_of_several_threads_are_all_different() -> None:
    new_id = uuid7_ids()
    made: list[UUID] = []
    threads = [Thread(target=lambda: made.extend([new_id() for _ in range(500)])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 4000
