"""How a team stands at one moment, as one person may see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import attrs

from taskcore.planning.model import Schedule
from taskcore.tasks.model import Task
from taskcore.values import JobId, Status, TeamId, UserId

REPORT = "report.status"
"""The kind of the jobs that make reports."""
KEPT = timedelta(days=7)
"""How long a report can be had, once it is made."""


def key_of(team_id: TeamId, job_id: JobId) -> str:
    """Where the report that a job makes is kept: with what goes when the team does."""
    return f"teams/{team_id}/reports/{job_id}"


class ReportFormat(StrEnum):
    HTML = "html"
    PDF = "pdf"

    @property
    def media(self) -> str:
        return "application/pdf" if self is ReportFormat.PDF else "text/html; charset=utf-8"


if TYPE_CHECKING:
    ReportFormatWord = ReportFormat | Literal["html", "pdf"]
else:  # at run time it is its enum, which a word is turned into
    ReportFormatWord = ReportFormat


@attrs.frozen(slots=True)
class Burnt:
    """How much there was to do at an instant, and how much of it was done."""

    at: datetime
    scope: int
    """Tasks that were there, and not cancelled."""
    done: int


@attrs.frozen(slots=True)
class Flow:
    """What came and went in a week from Monday on, where the team is."""

    created: int
    done: int


@attrs.frozen(slots=True)
class TeamStatus:
    """All of it. Counts are of the tasks that whoever asks may see, without the trash."""

    team_id: TeamId
    team_key: str
    team_name: str
    time_zone: str
    now: datetime
    counts: Mapping[Status, int]
    this_week: Flow
    last_week: Flow
    burn_up: tuple[Burnt, ...]
    """By the ends of weeks, the last of them now."""
    overdue: tuple[Task, ...]
    """Those that are due first."""
    overdue_count: int
    schedule: Schedule | None
    unplannable: str = ""
    """Why there is no plan."""
    names: Mapping[UserId, str] = attrs.field(factory=dict)
    partial: bool = False
    """Whether there may be more than is shown: who asked is a guest."""


@attrs.frozen(slots=True)
class ReportFile:
    """A report as a file."""

    filename: str
    media: str
    content: bytes = attrs.field(repr=False)
