"""The blocking door's types are written from the async one's, never by hand."""

from __future__ import annotations

from tools.blocking_stub import STUB, rendered


def test_the_blocking_doors_types_are_those_of_the_async_door() -> None:
    assert STUB.read_text() == rendered(), "run `python -m tools.blocking_stub`"
