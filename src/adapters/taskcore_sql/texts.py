"""
Texts of tasks and comments, kept apart from them to be searched: a change that says nothing new leaves their
indexes alone.

`task_texts` has a row for each task and each comment that is not deleted, as `relevance.searched` makes it.
PostgreSQL finds parts of them by trigrams (`pg_trgm`); SQLite by its FTS5 index `text_index`, which triggers
keep. Both take whole teams apart first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from taskcore.expression.texts import APART, Sought, sought
from taskcore.tasks.model import Comment, Task
from taskcore.tasks.relevance import COMMENT, DESCRIPTION, TITLE, searched
from taskcore_sql.database import Params
from taskcore_sql.dialect import Dialect


def changed(before: Any, thing: Task | Comment) -> bool:
    """Whether what is searched of a thing is not what it was; before: None, where that is not known."""
    if before is None:
        return True
    if isinstance(thing, Task):
        return bool((before.title, before.description) != (thing.title, thing.description))
    return bool((before.body, before.deleted_at) != (thing.body, thing.deleted_at))


def key(thing: Task | Comment, dialect: Dialect) -> Params:
    """The key of a thing's row of texts."""
    encode = dialect.encoders.get("uuid", lambda value: value)
    task_id = thing.id if isinstance(thing, Task) else thing.task_id
    return {
        "team_id": encode(thing.team_id),
        "task_id": encode(task_id),
        "source_id": encode(thing.id),
    }


def params(thing: Task | Comment, dialect: Dialect) -> Params:
    """The row of a thing's texts."""
    return {**key(thing, dialect), "text": searched(thing)}


def is_searched(thing: Task | Comment) -> bool:
    return isinstance(thing, Task) or thing.deleted_at is None


OF_TASK = "FROM task_texts x WHERE x.team_id = t.team_id AND x.task_id = t.id"
_OWN = "x.source_id = x.task_id"


def relevance(terms: Iterable[str], dialect: Dialect, param: Callable[[str, str], str]) -> str:
    """How relevant a task `t` is: `taskcore.tasks.relevance` in SQL, in one look at the task's texts. The contract
    suite holds the two together."""
    worth = " + ".join(_worth(sought(term), f"term{at}_", dialect, param) for at, term in enumerate(terms))
    return f"(SELECT {worth} {OF_TASK})"


def _worth(term: Sought, name: str, dialect: Dialect, param: Callable[[str, str], str]) -> str:
    """What one term is worth in a task's own text, and in the best of its comments."""
    whole, start = param(f"{name}whole", term.whole), param(f"{name}start", term.start)
    tests = ((3, whole), (2, start), (1, param(f"{name}part", term.part)))

    def quality(within: str) -> str:
        cases = (f"WHEN {dialect.find}({within}, {part}) > 0 THEN {worth}" for worth, part in tests)
        return f"CASE {' '.join(cases)} ELSE 0 END"

    apart = f"{dialect.find}(x.text, {dialect.character}({ord(APART)}))"
    title, rest = f"substr(x.text, 1, {apart} - 1)", f"substr(x.text, {apart} + 1)"
    own = f"{TITLE} * {quality(title)} + {DESCRIPTION} * {quality(rest)}"
    best = f"coalesce(max(CASE WHEN {_OWN} THEN 0 ELSE {COMMENT} * {quality(rest)} END), 0)"
    return f"coalesce(max(CASE WHEN {_OWN} THEN {own} ELSE 0 END), 0) + {best}"


_KEY = ("team_id", "task_id", "source_id")
REMOVE = "DELETE FROM task_texts WHERE team_id = :team_id AND task_id = :task_id AND source_id = :source_id"


def keep(dialect: Dialect) -> str:
    """The statement that keeps a row of texts, in place of an earlier one."""
    own = {"n": dialect.next_text} if dialect.next_text else {}
    columns = ", ".join((*_KEY, "text", *own))
    values = ", ".join((*(f":{column}" for column in (*_KEY, "text")), *own.values()))
    return (
        f"INSERT INTO task_texts ({columns}) VALUES ({values})"  # noqa: S608  names of ours
        f" ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET text = excluded.text"
    )
