"""`taskcore calendar …`: when a team and its members work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import click
import typer

from taskcore.errors import NotFound, invalid
from taskcore.teams.calendar_documents import (
    day_exception,
    member_calendar,
    member_document,
    team_calendar,
    team_document,
)
from taskcore_cli import names
from taskcore_cli.arguments import IfVersion, Zone
from taskcore_cli.columns import CALENDAR
from taskcore_cli.completion import people, teams
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.render import show_fields, show_one
from taskcore_cli.session import Session

app = noun(
    "When a team and its members work: weekly hours, holidays, time off, part time. "
    "Without --member it is about the team."
)

NONE, NEVER, ALL_DAYS = "none", "never", "mon-sun"
TeamOption = Annotated[
    str | None,
    typer.Option(
        metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
    ),
]
MemberOption = Annotated[
    str | None, typer.Option(metavar="EMAIL", help="A member, or `me`.", autocompletion=people)
]
Whose = Annotated[
    str, typer.Option("--member", metavar="EMAIL", help="Whose; yours, if not given.", autocompletion=people)
]
First = Annotated[str, typer.Argument(metavar="DAY", help="Such as 2026-12-24.")]
Last = Annotated[str | None, typer.Argument(metavar="[LAST]", help="The last day, if it is another.")]
Name = Annotated[str, typer.Option(metavar="NAME", help="What it is.")]
Hours = Annotated[
    str | None,
    typer.Option(
        metavar="HOURS",
        help="Such as 'mon-fri 09:00-12:00,13:00-17:00; sat 10:00-12:00'; `never` for no work at all.",
    ),
]
Document = dict[str, Any]


@app.command(cls=Verb)
def show(
    ctx: typer.Context,
    team: TeamOption = None,
    member: MemberOption = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="List the working time from this day …")
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DAY", help="… to this one.")] = None,
) -> None:
    """Show a calendar, and the working time that comes of it."""
    session: Session = ctx.obj
    found = _read(session, names.team(session, team), member, first_day=first, last_day=last)
    show_fields(session, found, CALENDAR, below=_spans(found))


@app.command("set", cls=Change)
def set_(
    ctx: typer.Context,
    team: TeamOption = None,
    member: MemberOption = None,
    hours: Hours = None,
    time_zone: Zone = None,
    units: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Part time: 0.5 for half of each working minute.")
    ] = None,
    efficiency: Annotated[
        float | None, typer.Option(metavar="FACTOR", help="Work done in a minute that is worked; 1 for most.")
    ] = None,
    max_minutes_per_week: Annotated[
        str | None, typer.Option(metavar="N", help="No more than these in a week.")
    ] = None,
    skills: Annotated[
        str | None, typer.Option(metavar="SKILLS", help="What they can do, separated by commas.")
    ] = None,
    if_version: IfVersion = None,
) -> None:
    """Change what is said of working time; `none` takes it back. All options but --hours are a member's."""
    session: Session = ctx.obj
    given = {
        "time_zone": _unless_none(time_zone, str),
        "units": units,
        "efficiency": efficiency,
        "max_minutes_per_week": _unless_none(max_minutes_per_week, _number),
        "skills": _unless_none(skills, _words),
    }
    said = (time_zone, units, efficiency, max_minutes_per_week, skills)
    fields = {name: given[name] for name, word in zip(given, said, strict=True) if word is not None}
    if fields and member is None:
        raise click.UsageError(f"{', '.join(fields)}: of a member; say with --member whose.")
    if skills is not None:
        fields["skills"] = fields["skills"] or ()
    if hours is not None:
        fields["hours"] = _hours(hours)
    home = names.team(session, team)
    found = _read(session, home, member)
    _write(session, home, member, found, {**found.calendar, **fields}, if_version)


@app.command("add-time-off", cls=Change)
def add_time_off(
    ctx: typer.Context,
    first: First,
    last: Last = None,
    member: Whose = "me",
    name: Name = "",
    hours: Hours = None,
    team: TeamOption = None,
) -> None:
    """Take days off; with --hours, work at other times on them."""
    _add(ctx.obj, team, member, _entry(first, last, name, hours))


@app.command("rm-time-off", cls=Change)
def rm_time_off(
    ctx: typer.Context, first: First, last: Last = None, member: Whose = "me", team: TeamOption = None
) -> None:
    """Work as usual on days that were taken off; what lies around them stays."""
    _remove(ctx.obj, team, member, first, last)


@app.command("add-holiday", cls=Change)
def add_holiday(
    ctx: typer.Context,
    first: First,
    last: Last = None,
    name: Name = "",
    hours: Hours = None,
    team: TeamOption = None,
) -> None:
    """Give the whole team days off; with --hours, other hours on them."""
    _add(ctx.obj, team, None, _entry(first, last, name, hours))


@app.command("rm-holiday", cls=Change)
def rm_holiday(ctx: typer.Context, first: First, last: Last = None, team: TeamOption = None) -> None:
    """Let the team work as usual on days that were free; what lies around them stays."""
    _remove(ctx.obj, team, None, first, last)


def _add(session: Session, team: str | None, member: str | None, entry: Document) -> None:
    exception, home = day_exception(entry), names.team(session, team)
    found = _read(session, home, member)
    _edit(session, home, member, found, lambda calendar: calendar.with_exception(exception))


def _remove(session: Session, team: str | None, member: str | None, first: str, last: str | None) -> None:
    days, home = day_exception(_entry(first, last, "", None)), names.team(session, team)
    found = _read(session, home, member)
    if not any(
        each["from"] <= days.last and days.first <= each["to"] for each in found.calendar["exceptions"]
    ):
        raise NotFound(f"no such days: nothing is set from {days.first} to {days.last}")
    _edit(session, home, member, found, lambda calendar: calendar.without_exceptions(days.first, days.last))


def _read(session: Session, team: str, member: str | None, **days: str | None) -> Any:
    if member is None:
        return session.me.calendars.get(team, **days)
    return session.me.calendars.get_member(team, names.person(session, member), **days)


def _edit(session: Session, team: str, member: str | None, found: Any, edit: Callable[[Any], Any]) -> None:
    document: Any = (
        team_document(edit(team_calendar(found.calendar)))
        if member is None
        else member_document(edit(member_calendar(found.calendar)))
    )
    _write(session, team, member, found, document, None)


def _write(
    session: Session, team: str, member: str | None, found: Any, document: Document, if_version: int | None
) -> None:
    """Put a calendar back that was read, unless somebody else was faster."""
    version = found.version if if_version is None else if_version
    if member is None:
        written = session.me.calendars.put(team, document, if_version=version)
    else:
        written = session.me.calendars.put_member(team, found.user_id, document, if_version=version)
    show_one(session, written, CALENDAR, heading=False)


def _entry(first: str, last: str | None, name: str, hours: str | None) -> Document:
    entry: Document = {"from": first, "to": first if last is None else last, "name": name}
    return entry if hours is None else {**entry, "hours": _hours(hours)}


def _hours(text: str) -> Mapping[str, list[str]] | None:
    """Weekly hours as people type them; parts without a day are those of every day."""
    if text in (NONE, NEVER):
        return None if text == NONE else {}
    found: dict[str, list[str]] = {}
    for piece in filter(None, map(str.strip, text.split(";"))):
        days, _, parts = piece.partition(" ")
        if days[0].isdigit():
            days, parts = ALL_DAYS, piece
        for name in days.split(","):
            found.setdefault(name, []).extend(part.strip() for part in parts.split(","))
    return found


def _unless_none(text: str | None, read: Callable[[str], Any]) -> Any:
    return None if text is None or text == NONE else read(text)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise invalid("max_minutes_per_week", f"must be a whole number, or {NONE}, not {text!r}")
    return int(text)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(","))


def _spans(found: Any) -> str:
    """The working time, a line a span, by the clock where it is worked."""
    zone = ZoneInfo(found.time_zone)
    spans = [(each.start.astimezone(zone), each.end.astimezone(zone)) for each in found.effective or ()]
    return "\n".join(f"{start:%a %Y-%m-%d %H:%M} to {end:%a %Y-%m-%d %H:%M}" for start, end in spans)
