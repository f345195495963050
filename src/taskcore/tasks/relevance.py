"""
Which texts of a task are searched, and how much it has to do with what is looked for.

    relevance = sum over the terms of 10 x title + 3 x description + best of its comments

where each is 3 if the term is there as whole words, 2 from the start of a word on, 1 within one, 0 if not at all.
It hangs on nothing but the task's own texts: so it is the same in every store, a task that nobody touches keeps
its place in a list, and it tells nothing of tasks that one may not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from taskcore.expression.texts import APART, marked, sought
from taskcore.tasks.model import Comment, Task

TITLE, DESCRIPTION, COMMENT = 10, 3, 1
"""What a term is worth by where it is found. In a title, even within a word, it is worth more than anywhere else."""


def searched(thing: Task | Comment) -> str:
    """What is searched of a task itself, or of one of its comments: a title, and behind it the rest."""
    if isinstance(thing, Task):
        return f"{marked(thing.title)}{APART}{marked(thing.description)}"
    return f"{APART}{marked(thing.body)}"


def has(term: str, texts: Iterable[str]) -> bool:
    """Whether a term is in one of a task's searched texts."""
    part = sought(term).part
    return any(part in text for text in texts)


def relevance(terms: Iterable[str], own: str, comments: Sequence[str]) -> int:
    """Of a task with these searched texts, to somebody who looks for these terms."""
    title, _, description = own.partition(APART)
    total = 0
    for term in map(sought, terms):
        total += TITLE * term.quality(title) + DESCRIPTION * term.quality(description)
        total += COMMENT * max(map(term.quality, comments), default=0)
    return total
