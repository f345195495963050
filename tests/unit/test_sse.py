"""Server-sent events, as the command line reads them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from taskcore_cli.remote.sse import Block, blocks

WHOLE = (
    ": heartbeat\n\n"
    'id: 1\nevent: task.created\ndata: {"seq":1}\n\n'
    "event:spaceless\r\ndata:  two spaces\r\n\r\n"
    "data: one\rdata: two\r\rdata\n\n"
    "event: without data\n\n"
    "unknown: field\ndata: after it\n\n"
    "event: not whole\ndata: lost\n"
)
FOUND = [
    Block("task.created", '{"seq":1}'),
    Block("spaceless", " two spaces"),
    Block("message", "one\ntwo"),
    Block("message", ""),
    Block("message", "after it"),
]


@given(st.lists(st.integers(min_value=0, max_value=len(WHOLE))))
def test_a_stream_means_the_same_however_it_is_cut_into_pieces(places: list[int]) -> None:
    cuts = [0, *sorted(places), len(WHOLE)]
    pieces = [WHOLE[start:end] for start, end in pairwise(cuts)]

    assert list(blocks(pieces)) == FOUND


def test_an_event_is_told_before_the_next_one_is_asked_for() -> None:
    def pieces() -> Iterator[str]:
        yield "data: x\n\n"
        raise AssertionError

    assert next(blocks(pieces())) == Block("message", "x")
