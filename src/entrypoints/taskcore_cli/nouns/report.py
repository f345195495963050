"""`taskcore report …`: figures of how work flows; for the operator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from taskcore.errors import Invalid, NotFound, invalid
from taskcore_cli.columns import DAY
from taskcore_cli.grammar import Verb, noun
from taskcore_cli.render import show_all
from taskcore_cli.session import Session

app = noun("How work flows, day by day, in tables of PostgreSQL; for the operator.")

MOST_DAYS = 3660
DAYS_SHOWN = timedelta(days=29)
"""Before the last."""
Into = Annotated[
    str | None,
    typer.Option(
        "--into", metavar="URL", help="Where the tables are, postgresql://…; needless where `reports` is set."
    ),
]


@app.command(cls=Verb)
def project(
    ctx: typer.Context,
    into: Into = None,
    source: Annotated[
        str,
        typer.Option(
            "--from", metavar="SOURCE", help="store, stream (what that is set to), or a broker's URL."
        ),
    ] = "store",
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Forget what is in the tables, and read all again.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="End where there is nothing more.")] = False,
) -> None:
    """Bring the tables up to what has happened, and go on until SIGTERM or Ctrl-C."""
    session: Session = ctx.obj
    from taskcore_cli.reporting import run  # noqa: PLC0415  it needs an event loop, and `--help` none

    run(session, into, source, from_start=from_start, once=once)


@app.command(cls=Verb)
def show(
    ctx: typer.Context,
    into: Into = None,
    team: Annotated[
        str | None, typer.Option(metavar="TEAM", help="Key or id; all of them, if none is named.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="The first day (UTC), such as 2026-12-01.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last day; today, if none is named.")
    ] = None,
    window: Annotated[
        int, typer.Option(metavar="N", min=1, max=MOST_DAYS, help="Of how many days times are shown.")
    ] = 30,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Draw a team's cumulative flow there.")
    ] = None,
) -> None:
    """Show each day's throughput and work in progress, and how long tasks took of late."""
    session: Session = ctx.obj
    from taskcore.reporting.measures import days  # noqa: PLC0415  as above
    from taskcore_cli.reporting import kept  # noqa: PLC0415

    today = datetime.now(UTC).date()
    last = _day("until", until, today) if until is not None else today
    first = _day("since", since, last) if since is not None else last - DAYS_SHOWN
    reports = kept(session, into, team, first - timedelta(days=window))
    if team is not None and not reports:
        raise NotFound(f"no team {team!r} in the reports")
    shown = [days(each, first, last, window=window) for each in reports]
    if svg is not None:
        _draw(svg, shown)
    show_all(session, [day for each in shown for day in each], DAY)


def _draw(file: Path, teams: Sequence[Sequence[Any]]) -> None:
    from taskcore.reporting.picture import flow_svg  # noqa: PLC0415  as above

    if len(teams) != 1:
        raise invalid("svg", "is of one team: say which, with --team")
    try:
        file.write_text(flow_svg(teams[0]), encoding="utf-8", newline="")
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror}") from error


def _day(name: str, text: str, last: date) -> date:
    """Raises: Invalid, for what is no day, or one after `last`, or too long before it."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise invalid(name, f"must be a day such as 2026-12-01, not {text[:40]!r}") from error
    if not timedelta(0) <= last - day <= timedelta(days=MOST_DAYS):
        raise invalid(name, f"must be a day of the last {MOST_DAYS} up to {last}")
    return day
