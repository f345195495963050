"""
The use case that brings a team's export back, chunk by chunk: each is one transaction.

What came in before is known by its id and left as it is, so an import that was interrupted is simply
run again. History is taken as it was: what the file's log tells of makes no events of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any
from uuid import UUID

import attrs

from taskcore.caller import UseCases, command_across_teams, refusals_entered
from taskcore.exchange.move import Move
from taskcore.exchange.records import FORMAT, KINDS, Record
from taskcore.exchange.returned import Returned, calendar_faults
from taskcore.exchange.returning import Returns
from taskcore.ports import EventSearch, Unit
from taskcore.tasks.imports import FIRST_CHUNK, ImportReport
from taskcore.tasks.incoming import Outcome, Refusal
from taskcore.tasks.model import Task
from taskcore.teams.calendar_documents import changes, kept, team_calendar
from taskcore.teams.model import Label, Project, Team
from taskcore.teams.telling import calendar_event
from taskcore.values import Role

_PROBED: dict[str, type[Any]] = {"project": Project, "label": Label, "task": Task}
_COUNTED = {
    "person": "people",
    "project": "projects",
    "label": "labels",
    "task": "created",
    "dependency": "dependencies",
    "comment": "comments",
    "view": "views",
    "event": "events",
}
"""What a report calls new things."""
MOST_IN_CHUNK = 4000
"""Records in one transaction: fewer than tasks from elsewhere, since a file may be large in every record."""
Group = tuple[str, list[Record | Refusal], bool]
"""A type, some records in their order, and whether no more of it follow at once."""


class Restores(UseCases):
    """`me.restores`: a team's export taken in, of this taskcore or of another."""

    async def run(
        self,
        team: UUID | str,
        records: Iterable[Record | Refusal],
        *,
        progress: Callable[[ImportReport], None] | None = None,
        dry_run: bool = False,
    ) -> ImportReport:
        """
        Take in a team's export; a `Refusal` among the records is passed on to the report.

        `progress` is called after each chunk is committed, with the report so far. In a `dry_run` nothing
        is, and the report has an outcome for each line.
        Raises: NotFound, Forbidden. A faulty record is refused, with its line, and the rest goes on.
        """
        async with refusals_entered(self._caller):
            home, _ = await self._allowed(self._rows, Team, team, "team.read", "import.run")
        move, report, tell = Move(home, dry_run), ImportReport(), progress or (lambda _: None)
        waiting: list[Record] = []
        for kind, group, last in _groups(records):
            sound = [each for each in group if isinstance(each, Record)]
            _refuse(report, [each for each in group if isinstance(each, Refusal)], dry_run=dry_run)
            report.read += len(group)
            if kind not in KINDS or not move.begun:
                for each in sound:
                    self._begin(move, each, report)
                    if each.type == "team" and move.begun:
                        await self._calendar(move, each, report)
                continue
            if move.renames is None and kind in _PROBED:
                move.renames = await self._is_here(move, kind, sound)
            while sound or waiting:
                returned = await self.take_chunk(move, kind, [*waiting, *sound], last=last)
                _apply(move, report, kind, returned)
                waiting = returned.waiting
                tell(report)
                if not last or not waiting:
                    break
                sound = []
            waiting = [] if last else waiting
        tell(report)
        return report

    def _begin(self, move: Move, each: Record, report: ImportReport) -> None:
        """What a file says of itself."""
        having = (
            each.data.get("with", ()) if each.type == FORMAT and isinstance(each.data, dict) else each.data
        )
        if each.type == FORMAT or (each.type == "with" and move.begun):
            move.begun = True
            move.history = isinstance(having, list) and "events" in having
        elif each.type == "team" and move.begun:
            told = each.data.get("id") if isinstance(each.data, dict) else None
            try:
                move.origin = UUID(str(told))
            except ValueError:
                move.origin = None
        else:
            reason = (
                f"{each.type[:40]!r} is no type of record here"
                if move.begun
                else f"is no export of taskcore: it does not begin with {FORMAT}"
            )
            _refuse(report, [Refusal(each.line, reason)], dry_run=move.dry_run)

    async def _calendar(self, move: Move, each: Record, report: ImportReport) -> None:
        """What the file's team says of its working time, for a team that has said nothing of its own."""
        document = each.data.get("calendar") if isinstance(each.data, dict) else None
        if document is None:
            return
        faults = calendar_faults(team_calendar, document)
        if faults:
            reason = "; ".join(map(str, faults))
            _refuse(report, [Refusal(each.line, f"team: {reason}; left out")], dry_run=move.dry_run)
        elif not move.dry_run:
            await self._take_calendar(move, document)

    @command_across_teams
    async def _take_calendar(self, unit: Unit, move: Move, document: Mapping[str, Any]) -> None:
        """Give the team the calendar that a file has, unless it has one by now."""
        team, seen = await self._allowed(unit, Team, move.team.id, "team.read", "import.run")
        if team.calendar is not None:
            return
        stamp, calendar = self._caller.stamp(), team_calendar(document)
        changed = attrs.evolve(team, calendar=kept(calendar), version=team.version + 1, updated_at=stamp.now)
        told = changes(team_calendar(None), calendar)
        event = calendar_event(changed, told, stamp)
        entry = stamp.audit("import.run", "team", team.id, team_id=team.id, data={"type": "team", "new": 0})
        silent = move.history and seen.standing.role is Role.OWNER
        await unit.save([changed, entry], events=[] if silent or not told else [event])

    async def _is_here(self, move: Move, kind: str, records: Sequence[Record]) -> bool | None:
        """Whether the team, or any of these things, is on this instance, outside of the team they come to;
        None, where they do not tell."""
        rows, own = self._caller.store.rows(), move.team.id
        if move.origin not in (None, own) and await rows.find(Team, id=move.origin):
            return True
        ids = tuple(found for each in records if (found := _id_of(each)) is not None)
        if not ids:
            return None
        there = await rows.find(_PROBED[kind], id=ids)
        return any(thing.team_id != own for thing in there)

    @command_across_teams
    async def take_chunk(
        self, unit: Unit, move: Move, kind: str, records: Sequence[Record], *, last: bool = True
    ) -> Returned:
        """Take in records of one type; those that wait for others behind them come back."""
        team, seen = await self._allowed(unit, Team, move.team.id, "team.read", "import.run")
        await unit.lock(team.id)
        search = EventSearch(team.id, after=0, limit=MOST_IN_CHUNK)
        owner = seen.standing.role is Role.OWNER
        stamp = self._caller.stamp()
        returned = await Returns(unit, move, stamp, owner, search, last).take(kind, records)
        if not move.dry_run and returned.changed:
            await unit.save(returned.changed)
        if not move.dry_run and (returned.saved or returned.changed or returned.events):
            told = {"type": kind, "new": returned.made, "events": len(returned.events)}
            entry = stamp.audit("import.run", "team", team.id, team_id=team.id, data=told)
            await unit.save([*returned.saved, entry], events=returned.events, verbatim=True)
        return returned


def _groups(records: Iterable[Record | Refusal]) -> Iterator[Group]:
    """Chunks of one type each; a refusal goes with what is before it."""
    kind = ""

    def typed(each: Record | Refusal) -> str:
        nonlocal kind
        kind = each.type if isinstance(each, Record) else kind
        return kind

    for name, group in groupby(records, key=typed):
        size, rest = FIRST_CHUNK, iter(group)
        chunk = list(islice(rest, size))
        while chunk:
            size = min(2 * size, MOST_IN_CHUNK)
            following = list(islice(rest, size))
            yield name, chunk, not following
            chunk = following


def _refuse(report: ImportReport, refused: Sequence[Refusal], *, dry_run: bool) -> None:
    report.refused += refused
    if dry_run:
        report.outcomes += [Outcome(each.line, "refused", "", each.reason) for each in refused]


def _apply(move: Move, report: ImportReport, kind: str, returned: Returned) -> None:
    """Remember what the next chunk needs, now that this one is in."""
    move.people |= returned.people
    move.elsewhere |= returned.elsewhere
    move.seen_until, move.beyond = returned.seen_until, returned.beyond
    if move.dry_run:
        move.would |= {thing.id for thing in returned.saved if hasattr(thing, "id")}
        move.labels |= returned.labels
        report.outcomes += returned.outcomes
    counted = _COUNTED[kind]
    setattr(report, counted, getattr(report, counted) + returned.made)
    report.known += returned.known if kind == "task" else 0
    report.refused += returned.refused


def _id_of(record: Record) -> UUID | None:
    try:
        return UUID(str(record.data.get("id"))) if isinstance(record.data, dict) else None
    except ValueError:
        return None
