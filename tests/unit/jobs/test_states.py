"""What becomes of a job that somebody takes, and of one that nobody is to take any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs

from taskcore.jobs.model import Job, JobState
from taskcore.jobs.states import ABANDONED, cancelling, claimed, failed, is_free, new_job
from taskcore.testing.samples import NOW

LEASE = timedelta(minutes=1)
LATER = NOW + timedelta(hours=1)


def a_job(**fields: Any) -> Job:
    return attrs.evolve(new_job(UUID(int=1), "a.kind", NOW), **fields)


def test_what_waits_is_free_once_its_time_has_come() -> None:
    assert not is_free(a_job(due_at=LATER), NOW)
    assert is_free(a_job(due_at=LATER), LATER)
    assert not is_free(a_job(due_at=None), LATER)


def test_whoever_takes_it_has_it_for_a_lease_and_counts() -> None:
    mine = claimed(a_job(), "me", NOW, LEASE)

    assert (mine.state, mine.worker, mine.attempts) == (JobState.RUNNING, "me", 1)
    assert (mine.due_at, mine.version) == (NOW + LEASE, 2)


def test_what_was_abandoned_is_taken_again_and_it_is_noted() -> None:
    left = claimed(a_job(), "somebody", NOW, LEASE)
    mine = claimed(left, "me", LATER, LEASE)

    assert (mine.worker, mine.attempts, mine.last_error) == ("me", 2, ABANDONED)
    assert [(each.attempt, each.worker) for each in mine.failures] == [(1, "somebody")]
    assert mine.version == left.version + 1


def test_what_was_abandoned_too_often_is_dead_and_nobodys() -> None:
    left = claimed(a_job(max_attempts=1), "somebody", NOW, LEASE)
    ended = claimed(left, "me", LATER, LEASE)

    assert (ended.state, ended.due_at, ended.ended_at) == (JobState.DEAD, None, LATER)
    assert (ended.worker, ended.attempts) == ("somebody", 1)


def test_what_was_abandoned_while_it_was_to_stop_is_cancelled() -> None:
    left = cancelling(claimed(a_job(), "somebody", NOW, LEASE), NOW)
    ended = claimed(left, "me", LATER, LEASE)

    assert (ended.state, ended.cancel_requested_at, ended.ended_at) == (JobState.CANCELLED, NOW, LATER)
    assert ended.version == left.version + 1


def test_what_is_to_stop_while_it_waits_stops_at_once_and_once() -> None:
    ended = cancelling(a_job(), NOW)

    assert (ended.state, ended.due_at) == (JobState.CANCELLED, None)
    assert cancelling(ended, LATER) is ended


def test_the_latest_failures_are_kept() -> None:
    job = a_job(max_attempts=100)
    for number in range(30):
        job = failed(attrs.evolve(job, attempts=number + 1), str(number), NOW, wait=timedelta())

    assert [each.error for each in job.failures] == [str(number) for number in range(10, 30)]
