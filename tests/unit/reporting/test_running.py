"""From a source into reports: nothing lost, nothing twice, and a gap never passed over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskcore.errors import Unavailable
from taskcore.events import Event
from taskcore.reporting.ports import Delivered
from taskcore.reporting.projection import LogGap
from taskcore.reporting.running import Progress, project
from taskcore.values import Status, TeamId
from tests.unit.reporting.ledger import Ledger, book_of
from tests.unit.reporting.tales import deeds, lived

PATIENT = settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
"""How fast examples are made says how busy the machine is."""
LOGS = lived([("create", which, 0, Status.OPEN, 0, 1) for which in (0, 1, 0, 1, 0)]).logs


@attrs.define
class Given:
    """A source that gives what it was told to."""

    batches: Sequence[Sequence[Event]]
    patience_seconds: float = 60.0
    done: list[Event] = attrs.field(factory=list)

    async def read(
        self, _known: Mapping[TeamId, int], *, once: bool, from_start: bool
    ) -> AsyncIterator[Sequence[Delivered]]:
        del once, from_start
        for batch in self.batches:
            yield [Delivered(event, partial(self._done, event)) for event in batch]

    async def _done(self, event: Event) -> None:
        self.done.append(event)

    async def close(self) -> None: ...


def run(source: Given, ledger: Ledger, **options: Any) -> Progress:
    return asyncio.run(project(source, ledger, once=True, **options))


@PATIENT
@given(st.lists(deeds, min_size=2, max_size=8), st.integers(0, 2**16))
def test_any_order_and_repetition_end_in_one_result(told: list[Any], seed: int) -> None:
    chance, ledger = Random(seed), Ledger()  # noqa: S311  chance that a seed brings back
    logs = [log for log in lived(told).logs if log]
    events = [event for log in logs for event in log]
    given_ = [*events, *chance.choices(events, k=5)]
    chance.shuffle(given_)
    source = Given([given_[at : at + 3] for at in range(0, len(given_), 3)])

    assert run(source, ledger) == Progress(len(events), len(logs))
    assert ledger.books == {log[0].team_id: book_of(log) for log in logs}
    assert sorted(source.done, key=lambda event: event.id) == sorted(given_, key=lambda event: event.id)


def test_what_is_known_is_done_with_and_not_taken_again() -> None:
    ledger, source = Ledger(), Given([LOGS[0], LOGS[0]])

    assert run(source, ledger).events == len(LOGS[0])
    assert run(Given([LOGS[0]]), ledger).events == 0
    assert run(Given([LOGS[0]]), ledger, from_start=True).events == len(LOGS[0])
    assert len(source.done) == 2 * len(LOGS[0])


def test_a_source_that_keeps_order_is_not_waited_for() -> None:
    ledger, source = Ledger(), Given([LOGS[0][1:], LOGS[0]], patience_seconds=0.0)
    with pytest.raises(LogGap, match="event 1 of"):
        run(source, ledger)

    assert (source.done, ledger.books[LOGS[0][0].team_id].seq) == ([], 0)


def test_a_gap_that_lasts_is_refused_and_one_that_closes_is_not() -> None:
    ticks = iter(range(0, 1000, 40))
    late = Given([LOGS[0][1:], LOGS[1], LOGS[0][:1]])
    never = Given([LOGS[0][1:], LOGS[1], [], [], []])
    ledger = Ledger()
    run(late, ledger, monotonic=lambda: 0.0)
    with pytest.raises(LogGap):
        run(never, unfilled := Ledger(), monotonic=lambda: float(next(ticks)))

    assert [ledger.books[log[0].team_id] for log in LOGS] == [book_of(log) for log in LOGS]
    assert unfilled.books[LOGS[1][0].team_id] == book_of(LOGS[1])
    assert next(ticks) == 120  # of 60 s two looks, 40 s apart, were within; with the third it was too long
    assert never.done == LOGS[1]


def test_a_gap_at_the_end_is_refused_and_what_comes_before_it_is_kept() -> None:
    ledger, source = Ledger(), Given([[LOGS[0][0], LOGS[0][2]]])
    with pytest.raises(LogGap, match="event 2 of"):
        run(source, ledger)

    assert (source.done, ledger.books[LOGS[0][0].team_id].seq) == ([LOGS[0][0]], 1)


@attrs.define
class Meanwhile(Given):
    """A source while whose events are held another run comes as far as them."""

    ledger: Ledger = attrs.field(kw_only=True)

    async def read(self, *args: Any, **options: Any) -> AsyncIterator[Sequence[Delivered]]:
        async for batch in super().read(*args, **options):
            yield batch
            await self.ledger.take(LOGS[0][0].team_id, LOGS[0][:3])


def test_another_run_may_have_closed_the_gap() -> None:
    ledger = Ledger()
    source = Meanwhile([LOGS[0][3:], []], ledger=ledger)
    run(source, ledger)

    assert ledger.books[LOGS[0][0].team_id] == book_of(LOGS[0])
    assert source.done == LOGS[0][3:]


class Down(Given):
    """A source that is not there."""

    async def read(self, *_: Any, **__: Any) -> AsyncIterator[Sequence[Delivered]]:
        if not self.batches:
            raise Unavailable("it gives no events")
        yield ()


def test_only_a_source_that_answers_costs_what_is_known() -> None:
    ledger = Ledger()
    run(Given([LOGS[0], LOGS[1]]), ledger)
    with pytest.raises(Unavailable):
        run(Down([]), ledger, from_start=True)
    assert ledger.books == {log[0].team_id: book_of(log) for log in LOGS}

    run(Given([LOGS[0]]), ledger, from_start=True)
    assert ledger.books == {LOGS[0][0].team_id: book_of(LOGS[0])}
    run(Given([]), ledger, from_start=True)
    assert ledger.books == {}
