"""A plan as a table that a spreadsheet opens: a task a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from taskcore.events import plain
from taskcore.exchange.table import guarded
from taskcore.planning.model import Schedule
from taskcore.planning.pictures.rows import Row, rows
from taskcore.planning.pictures.text import line

COLUMNS = (
    *("key", "title", "assignee", "start", "finish"),
    *("slack_minutes", "critical", "late_minutes", "reason"),
)


def plan_csv(schedule: Schedule) -> str:
    """
    CSV (RFC 4180) in the order of the chart. Instants are in UTC, minutes are of working time.

    No text is taken for a formula (`guarded`); a number may be negative.
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    table.writerows(map(_cells, rows(schedule)))
    return out.getvalue()


def _cells(row: Row) -> Iterator[object]:
    task = row.task
    yield guarded(line(task.key))
    yield guarded(line(task.title))
    yield guarded(", ".join(row.people))
    yield plain(task.start)
    yield plain(task.finish)
    yield task.total_slack_minutes
    yield "yes" if task.critical else "no"
    yield task.late_minutes
    yield guarded(line(task.reasons[0].text)) if task.reasons else ""
