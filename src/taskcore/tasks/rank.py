"""
Manual order by fractional indexing: a task moves by one write to its own row.

A rank is a base-62 fraction written without the leading "0."; ranks compare as plain strings, and
between any two there is always another. Source: D. Greenspan, "Implementing Fractional Indexing"
(Observable, 2020).
"""

from __future__ import annotations

import re
from uuid import UUID

from taskcore.errors import Fault

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUE = {digit: value for value, digit in enumerate(DIGITS)}
_RANK = re.compile(r"[0-9A-Za-z]{0,199}[1-9A-Za-z]")
_WIDTH = 22
"""Digits that hold 128 bits."""
_PAIRS = [high + low for high in DIGITS for low in DIGITS]


def rank_faults(rank: str) -> list[Fault]:
    if _RANK.fullmatch(rank):
        return []
    return [Fault("rank", "must be 1 to 200 characters 0-9, A-Z, a-z, and not end with 0")]


def last_rank(task_id: UUID) -> str:
    """The rank of a new task, from all of its id: after all that came before it, since UUIDv7 ids
    rise, and of no other task, however many are made in one millisecond."""
    value, pairs = task_id.int, []
    for _ in range(_WIDTH // 2):
        value, pair = divmod(value, len(_PAIRS))
        pairs.append(_PAIRS[pair])
    return "".join(reversed(pairs)) + "V"


def rank_between(lower: str, upper: str | None) -> str:
    """
    A rank strictly between two: `""` stands for the beginning, None for the end.

    Raises `ValueError` unless `lower < upper`.
    """
    if upper is not None and lower >= upper:
        raise ValueError(f"no rank lies between {lower!r} and {upper!r}")
    prefix = ""
    while upper is not None and upper and (lower[:1] or "0") == upper[0]:
        prefix, lower, upper = prefix + upper[0], lower[1:], upper[1:]
    low = _VALUE[lower[0]] if lower else 0
    high = _VALUE[upper[0]] if upper else len(DIGITS)
    if high - low > 1:
        return prefix + DIGITS[(low + high) // 2]
    if upper and len(upper) > 1:
        return prefix + upper[0]
    return prefix + DIGITS[low] + rank_between(lower[1:], None)
