"""Who is where: what one process makes of what it is told, whatever is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from taskcore.live.presence import (
    HEARTBEAT_SECONDS,
    SILENT_SECONDS,
    TYPING_SECONDS,
    Key,
    Presence,
    Reading,
    Seat,
    State,
    Step,
)
from taskcore.values import CommentId, TaskId, TeamId, UserId

TEAM = TeamId(UUID(int=1))
TASKS = [TaskId(UUID(int=10 + place)) for place in range(2)]
USERS = [UserId(UUID(int=20 + place)) for place in range(2)]
PROCESSES = ("a", "b", "c")


def seat(task: int = 0, user: int = 0, until: float | None = None) -> Seat:
    return Seat(TEAM, TASKS[task], USERS[user], until)


def key(task: int = 0, user: int = 0) -> Key:
    return TEAM, TASKS[task], USERS[user]


@attrs.define
class Net:
    """Processes with one clock, and a bus between them that loses what a test wants it to."""

    now: float = 0.0
    tables: dict[str, Presence] = attrs.field(factory=dict)
    windows: dict[tuple[str, int], Seat] = attrs.field(factory=dict)
    """What is so in truth."""
    told: dict[str, dict[Key, State]] = attrs.field(factory=dict)
    """What the changes of each process come to."""

    def begin(self, name: str) -> None:
        self.tables[name] = Presence(name, self.now)
        self.told[name] = {}

    def kill(self, name: str) -> None:
        del self.tables[name]
        self.windows = {window: seat for window, seat in self.windows.items() if window[0] != name}

    def sit(self, name: str, number: int, seat: Seat | None, *, lost: Iterable[str] = ()) -> None:
        self.windows.pop((name, number), None)
        if seat is not None:
            self.windows[name, number] = seat
        self._take(name, self.tables[name].sit(number, seat, self.now), set(lost))

    def wait(self, seconds: float) -> None:
        """Ticks of half a second, with nothing lost."""
        for _ in range(int(seconds * 2)):
            self.now += 0.5
            for name in [*self.tables]:
                self._take(name, self.tables[name].tick(self.now), set())

    def _take(self, name: str, step: Step, lost: set[str]) -> None:
        for change in step.changes:
            assert self.told[name].get(change.key, State.GONE) is not change.state, (
                "a change changes something"
            )
            self.told[name][change.key] = change.state
        for message in step.messages:
            for other in [*self.tables]:
                if other not in lost:
                    self._take(other, self.tables[other].hear(message, self.now), lost)

    def truth(self) -> dict[Key, State]:
        states: dict[Key, State] = {}
        for seat in self.windows.values():
            typing = seat.typing_until is not None and seat.typing_until > self.now
            if typing or seat.key not in states:
                states[seat.key] = State.TYPING if typing else State.LOOKING
        return states

    def seen(self, name: str) -> dict[Key, State]:
        table = self.tables[name]
        return {each: table.state(each) for each in table.shown(TEAM)}


def net(*names: str) -> Net:
    made = Net()
    for name in names or PROCESSES:
        made.begin(name)
    made.wait(1)
    return made


DEEDS = st.tuples(
    st.sampled_from(PROCESSES),
    st.integers(1, 2),
    st.none() | st.tuples(st.integers(0, 1), st.integers(0, 1), st.booleans()),
    st.sets(st.sampled_from(PROCESSES)),
    st.sampled_from([0.0, 0.5, 3.0]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(DEEDS, max_size=15))
def test_whatever_is_lost_all_processes_come_to_know_the_same(deeds: list[Any]) -> None:
    tables = net()
    for name, number, what, lost, pause in deeds:
        until = tables.now + TYPING_SECONDS if what is not None and what[2] else None
        tables.sit(name, number, None if what is None else seat(what[0], what[1], until), lost=lost)
        tables.wait(pause)
    tables.wait(HEARTBEAT_SECONDS + 3)

    for name in PROCESSES:
        assert tables.seen(name) == tables.truth()
        there = {each: state for each, state in tables.told[name].items() if state is not State.GONE}
        assert there == tables.truth()


@settings(max_examples=30, deadline=None)
@given(st.lists(DEEDS, max_size=8), st.sampled_from(PROCESSES))
def test_the_people_of_a_process_that_was_killed_are_gone_in_30_seconds(
    deeds: list[Any], killed: str
) -> None:
    tables = net()
    for name, number, what, lost, pause in deeds:
        tables.sit(name, number, None if what is None else seat(what[0], what[1]), lost=lost)
        tables.wait(pause)
    tables.kill(killed)
    tables.wait(SILENT_SECONDS + 1)

    for name in tables.tables:
        assert tables.seen(name) == tables.truth()


def test_people_of_a_silent_process_are_there_until_the_30_seconds_are_over() -> None:
    tables = net("a", "b")
    tables.sit("a", 1, seat())
    tables.kill("a")
    tables.wait(SILENT_SECONDS)
    assert tables.seen("b") == {key(): State.LOOKING}
    tables.wait(0.5)
    assert tables.seen("b") == {}


def test_a_heartbeat_keeps_people_there() -> None:
    tables = net("a", "b")
    tables.sit("a", 1, seat())
    tables.wait(5 * SILENT_SECONDS)

    assert tables.seen("b") == {key(): State.LOOKING}


def test_a_process_that_begins_is_told_of_all() -> None:
    tables = net("a", "b")
    tables.sit("a", 1, seat())
    tables.sit("b", 1, seat(user=1, until=tables.now + 4))
    tables.begin("c")
    tables.wait(1)

    assert tables.seen("c") == {key(): State.LOOKING, key(user=1): State.TYPING}
    tables.wait(4)
    assert tables.seen("c")[key(user=1)] is State.LOOKING


def test_whoever_ends_says_so() -> None:
    tables = net("a", "b")
    tables.sit("a", 1, seat())
    (farewell,) = tables.tables["a"].farewell().messages

    assert [change.state for change in tables.tables["b"].hear(farewell, tables.now).changes] == [State.GONE]


def test_typing_ends_by_itself() -> None:
    tables = net("a", "b")
    tables.sit("a", 1, seat(until=tables.now + TYPING_SECONDS))
    tables.wait(TYPING_SECONDS - 0.5)
    assert tables.seen("b") == {key(): State.TYPING}
    tables.wait(0.5)
    assert tables.seen("a") == tables.seen("b") == {key(): State.LOOKING}


def test_whoever_has_two_windows_is_gone_with_the_last() -> None:
    tables = net("a", "b", "c")
    tables.sit("a", 1, seat(until=tables.now + TYPING_SECONDS))
    tables.sit("b", 1, seat())
    tables.sit("a", 1, None)
    assert tables.seen("c") == {key(): State.LOOKING}
    tables.sit("b", 1, None)

    assert tables.seen("a") == tables.seen("b") == tables.seen("c") == {}


def test_who_looks_elsewhere_is_gone_from_where_they_were() -> None:
    tables = net("a", "b")
    tables.sit("a", 1, seat(0))
    tables.sit("a", 1, seat(1))

    assert tables.seen("b") == {key(1): State.LOOKING}


def test_a_window_that_shows_nothing_says_nothing() -> None:
    assert Presence("a", 0.0).sit(1, None, 0.0) == Step()


def test_all_windows_are_told_once_a_second_however_many_ask() -> None:
    table = Presence("a", 0.0)
    table.tick(0.0)
    table.sit(1, seat(), 5.0)
    ask = json.dumps({"process": "b", "ask": "*"})

    assert [len(table.hear(ask, now).messages) for now in (5.0, 5.1, 5.2)] == [1, 0, 0]
    assert sum('"all"' in message for message in table.tick(6.5).messages) == 1
    assert not table.hear(json.dumps({"process": "b", "ask": "another"}), 9.0).messages


def test_what_comes_late_is_passed_over() -> None:
    table, other = Presence("a", 0.0), Presence("b", 0.0)
    ask = json.dumps({"process": "a", "ask": "b"})
    early = [*other.sit(1, seat(), 0.0).messages, *other.hear(ask, 0.0).messages]
    late = other.sit(1, None, 0.0).messages
    for message in (*late, *early):
        table.hear(message, 0.0)

    assert table.shown(TEAM) == []


def test_who_has_read_is_told_once() -> None:
    reading = Reading(TEAM, TASKS[0], USERS[0], CommentId(UUID(int=30)))
    step = Presence("a", 0.0).read(reading)

    assert step.readings == [reading]
    assert Presence("b", 0.0).hear(step.messages[0], 0.0).readings == [reading]
    assert Presence("a", 0.0).hear(step.messages[0], 0.0) == Step()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)
WORDS = st.sampled_from(["process", "n", "set", "all", "ask", "alive", "bye", "read"])


@settings(max_examples=60)
@given(st.text() | JSON.map(json.dumps) | st.dictionaries(WORDS, JSON | st.just("x")).map(json.dumps))
def test_what_is_no_message_is_let_pass(message: str) -> None:
    table = Presence("a", 0.0)
    table.sit(1, seat(), 0.0)
    table.hear(message, 1.0)

    assert table.shown(TEAM) == [key()]
