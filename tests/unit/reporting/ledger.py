"""Reports in memory: what the projection says, summed up as a database would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import attrs

from taskcore.events import Event
from taskcore.reporting.facts import Figures, TaskFacts, added
from taskcore.reporting.measures import TeamReport
from taskcore.reporting.projection import following, projected
from taskcore.reporting.stories import Story
from taskcore.values import ProjectId, TaskId, TeamId


@attrs.define
class Book:
    """Of one team."""

    seq: int = 0
    stories: dict[TaskId, Story] = attrs.field(factory=dict)
    facts: dict[TaskId, TaskFacts] = attrs.field(factory=dict)
    figures: Figures = attrs.field(factory=dict)
    keys: dict[TaskId, str] = attrs.field(factory=dict)
    projects: dict[ProjectId, str] = attrs.field(factory=dict)
    key: str = ""

    def take(self, team_id: TeamId, events: Iterable[Event]) -> None:
        new = following(team_id, self.seq, events)
        change = projected(self.stories, new)
        self.stories |= change.stories
        self.facts |= {each.id: each for each in change.facts}
        self.figures = added(self.figures, change.figures)
        self.keys |= change.keys
        self.projects |= change.projects
        self.key = change.team.key if change.team else self.key
        self.seq = new[-1].seq if new else self.seq


@attrs.define
class Ledger:
    """`Reports`."""

    books: dict[TeamId, Book] = attrs.field(factory=dict)

    async def prepare(self, *, from_start: bool = False) -> dict[TeamId, int]:
        if from_start:
            self.books.clear()
        return {team_id: book.seq for team_id, book in self.books.items()}

    async def take(self, team_id: TeamId, events: Sequence[Event]) -> int:
        book = self.books.setdefault(team_id, Book())
        book.take(team_id, events)
        return book.seq

    async def read(self, team: str | None = None, since: date | None = None) -> list[TeamReport]:
        raise NotImplementedError

    async def close(self) -> None: ...


def book_of(events: Iterable[Event]) -> Book:
    """In one pass."""
    book = Book()
    ordered = list(events)
    if ordered:
        book.take(ordered[0].team_id, ordered)
    return book


def by_day(figures: Figures) -> Mapping[date, Mapping[str, int]]:
    """Of all projects."""
    total: dict[date, dict[str, int]] = {}
    for (_, day), names in figures.items():
        there = total.setdefault(day, {})
        for name, count in names.items():
            there[name] = there.get(name, 0) + count
    return total
