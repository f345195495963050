"""The fields of a task query as a body has them: JSON values, where a URL has text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

Words = str | Sequence[str] | None
"""One value or several, any of which is meant; null is as good as absent."""


class Filter(TypedDict, total=False):
    """Which tasks are meant: all that is given must hold. People are ids, `me` or `none`."""

    status: Words
    priority: Words
    project: Words
    label: Words
    assignee: Words
    created_by: Words
    parent: Words
    follower: Words
    due_after: str | None
    due_before: str | None
    created_after: str | None
    created_before: str | None
    updated_after: str | None
    updated_before: str | None
    completed_after: str | None
    completed_before: str | None
    overdue: bool | None
    text: str | None
    q: str | None
    sort: Words


class ViewQuery(Filter, total=False):
    """What a view selects: the fields of a query, page and place aside."""

    team: Words
    blocked: bool | None
    deleted: bool | None
