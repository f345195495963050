"""`taskcore schedule …`: a team's plan, shown, tried out, applied and drawn."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import click
import typer

from taskcore.errors import Invalid, invalid
from taskcore_cli import names
from taskcore_cli.completion import tasks, teams
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.plan_table import Step, plan_columns, step_columns, workload_columns
from taskcore_cli.render import show_all, show_one
from taskcore_cli.session import Mode, Session
from taskcore_cli.terminal import tell

app = noun("A team's plan: when each task is done, by whom, and why then.")
Team = Annotated[
    str | None,
    typer.Option(
        metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
    ),
]
Svg = Annotated[Path | None, typer.Option(metavar="FILE", help="Draw it there as a Gantt chart.")]
Html = Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there as a page.")]
Ics = Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there as a calendar (RFC 5545).")]
PAIR = "TASK=MINUTES"


@app.command(cls=Verb)
def show(
    ctx: typer.Context,
    team: Team = None,
    workload: Annotated[
        bool, typer.Option("--workload", help="Who has how much to do, week by week, instead.")
    ] = False,
    svg: Svg = None,
    html: Html = None,
    ics: Ics = None,
) -> None:
    """Show the plan as it stands: dates in force are kept where they can be. Nothing is written."""
    session: Session = ctx.obj
    schedule = session.me.schedule.get(names.team(session, team))
    if workload:
        show_all(session, schedule.workload, workload_columns(schedule))
    else:
        _show(session, schedule)
    _draw(schedule, svg=svg, html=html, ics=ics)


@app.command(cls=Verb)
def why(
    ctx: typer.Context,
    task: Annotated[str, typer.Argument(metavar="TASK", help="Key or id.", autocompletion=tasks)],
    team: Team = None,
) -> None:
    """Say why a task is not sooner: what it waits for, what that waits for, and so on."""
    from taskcore.planning.driving import driving_path  # noqa: PLC0415  as above

    session: Session = ctx.obj
    ref = names.task(session, task)
    schedule = session.me.schedule.get(team or str(session.me.tasks.get(ref).team_id))
    steps = [Step(each.key, each.title, each.start, reason) for each, reason in driving_path(schedule, ref)]
    show_all(session, steps, step_columns(schedule))


@app.command(cls=Change)
def plan(
    ctx: typer.Context,
    team: Team = None,
    start: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Nothing is planned before; now if not given.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Plan all anew, and do not keep the dates in force.")
    ] = False,
    seconds: Annotated[
        float | None, typer.Option(metavar="S", help="Search so long for a better plan.")
    ] = None,
    schedules: Annotated[
        int | None, typer.Option(metavar="N", help="Try so many plans: finds the same each time.")
    ] = None,
    estimate: Annotated[
        int, typer.Option(metavar="MINUTES", help="What tasks without an estimate count for.")
    ] = 60,
    apply: Annotated[bool, typer.Option("--apply", help="Write the dates.")] = False,
    delay: Annotated[
        list[str] | None, typer.Option(metavar=PAIR, help="What if it started so much later?")
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option(metavar="TASK", help="What if it were not to be done?")
    ] = None,
    resize: Annotated[
        list[str] | None, typer.Option(metavar=PAIR, help="What if that were its estimate?")
    ] = None,
    assign: Annotated[
        list[str] | None, typer.Option(metavar="TASK=EMAIL", help="What if somebody else did it?")
    ] = None,
    join: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="What if there were one more person?")
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option(metavar="EMAIL", help="What if they were not there?")
    ] = None,
    svg: Svg = None,
    html: Html = None,
    ics: Ics = None,
) -> None:
    """
    Plan a team's unfinished work. Dates are written with --apply only.

    Dates in force stay where they can, so that few tasks move; --fresh plans all anew, and searches for a shorter plan.
    What is tried out (--delay, --drop, …) is compared with the plan as it is, and cannot be applied.
    """
    session: Session = ctx.obj
    home = names.team(session, team)
    given = {
        "drop": drop,
        "delay": delay,
        "resize": resize,
        "assign": assign,
        "join": join,
        "without": without,
    }
    changes = [
        change
        for name, texts in given.items()
        for text in texts or ()
        for change in [_CHANGES[name](session, text)]
    ]
    options: dict[str, Any] = {
        "keep": False if fresh else None,
        "apply": apply,
        "changes": changes,
        "estimate_minutes": estimate,
        "seconds": seconds,
        "schedules": schedules,
        "start": _instant(start),
    }
    for file in (svg, html, ics):
        _refuse_unwritable(file)
    with _progress(session) as told:
        schedule = session.me.schedule.plan(home, **options, **told)
    _show(session, schedule)
    _draw(schedule, svg=svg, html=html, ics=ics)
    if session.mode is None and apply:
        tell(f"applied: {len(schedule.moves)} tasks have new dates")
    elif session.mode is None and not changes and schedule.moves:
        tell(f"{len(schedule.moves)} tasks would move: --apply writes their dates")


def _show(session: Session, schedule: Any) -> None:
    if session.mode is Mode.JSON:
        show_one(session, schedule, {})
        return
    in_order = sorted(schedule.tasks, key=lambda task: (task.start, task.finish))
    show_all(session, schedule.tasks if session.mode else in_order, plan_columns(schedule))
    if session.mode is None:
        for line in _summary(schedule):
            click.echo(line)


def _summary(schedule: Any) -> Iterator[str]:
    """What there is to say of the plan as a whole."""
    from taskcore.planning.pictures.summary import compared, ending, nobody  # noqa: PLC0415  only where there are people to read it

    yield ""
    yield ending(schedule)
    for each in schedule.conflicts:
        lost = (
            f"{each.constraint} is missed by" if each.constraint else "stands where it was put, too early by"
        )
        yield f"{each.key}: {lost} {each.minutes} min: {each.reason.text}"
    if schedule.unstaffed:
        yield nobody(schedule)
    if schedule.comparison is not None:
        yield compared(schedule)


@contextmanager
def _progress(session: Session) -> Iterator[Mapping[str, Any]]:
    """Tell of each better plan, on a terminal, where it is made in this process."""
    if session.place is not None or not sys.stderr.isatty():
        yield {}
        return
    from taskcore.planning.pictures.summary import ending  # noqa: PLC0415  only where there are people to read it

    def on_plan(schedule: Any) -> None:
        sys.stderr.write(f"\r\x1b[K{ending(schedule)}")
        sys.stderr.flush()

    try:
        yield {"on_plan": on_plan}
    finally:
        sys.stderr.write("\r\x1b[K")


def _refuse_unwritable(file: Path | None) -> None:
    """Before anything is written elsewhere."""
    if file is not None and not file.parent.is_dir():
        raise Invalid(f"{file}: there is no folder {file.parent}")


def _draw(schedule: Any, **files: Path | None) -> None:
    """Each file that is asked for, by its form."""
    for form, file in files.items():
        if file is None:
            continue
        try:
            file.write_text(_written(schedule, form), encoding="utf-8", newline="")
        except OSError as error:
            raise Invalid(f"{file}: {error.strerror}") from error


def _written(schedule: Any, form: str) -> str:
    from taskcore.planning.ical import plan_ics  # noqa: PLC0415  only who draws needs them
    from taskcore.planning.pictures.gantt import gantt_svg  # noqa: PLC0415  as above
    from taskcore.planning.pictures.page import gantt_html  # noqa: PLC0415  as above

    writers: Mapping[str, Callable[[Any], str]] = {"svg": gantt_svg, "html": gantt_html, "ics": plan_ics}
    return writers[form](schedule)


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("start", f"must be an instant such as 2026-12-01T09:00Z, not {text!r}") from error


def _pair(option: str, text: str) -> tuple[str, str]:
    task, equals, value = text.partition("=")
    if not equals or not task or not value:
        raise invalid(option, f"must be a task, = and a value, not {text!r}")
    return task, value


def _minutes(option: str, op: str, field: str) -> Callable[[Session, str], Mapping[str, Any]]:
    def read(session: Session, text: str) -> Mapping[str, Any]:
        task, value = _pair(option, text)
        if not value.isdecimal():
            raise invalid(option, f"must be minutes, not {value!r}")
        return {"op": op, "id": names.task(session, task), field: int(value)}

    return read


def _assign(session: Session, text: str) -> Mapping[str, Any]:
    task, who = _pair("assign", text)
    return {
        "op": "edit",
        "id": names.task(session, task),
        "assignee_id": _text(names.person_or_none(session, who)),
    }


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


_CHANGES: Mapping[str, Callable[[Session, str], Mapping[str, Any]]] = {
    "delay": _minutes("delay", "delay", "minutes"),
    "drop": lambda session, text: {"op": "drop", "id": names.task(session, text)},
    "resize": _minutes("resize", "edit", "estimate_minutes"),
    "assign": _assign,
    "join": lambda _, text: {"op": "add_member", "name": text},
    "without": lambda session, text: {"op": "remove_member", "user_id": str(names.person(session, text))},
}
