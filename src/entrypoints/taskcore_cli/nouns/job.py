"""`taskcore job …`: what is done in the background. On a store it is the operator's, without --as; through a service
an instance admin's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import click
import typer

from taskcore.errors import Invalid
from taskcore.jobs.model import Job
from taskcore.jobs.views import Swept, as_summary
from taskcore.paging import Page
from taskcore_cli import names
from taskcore_cli.arguments import Cursor, IfVersion, JobId, JobKind, JobStateOption, Limit
from taskcore_cli.background_columns import JOB, JOB_DETAILS, JOB_SCHEDULE, WHOLE_JOB
from taskcore_cli.completion import teams, words
from taskcore_cli.grammar import Change, Danger, Verb, noun
from taskcore_cli.render import show_all, show_fields, show_one, show_page
from taskcore_cli.session import Mode, Session
from taskcore_cli.terminal import tell

app = noun(
    "What is done in the background: on a store for its operator, through a service for an instance admin."
)

ENDED = ("dead", "done", "cancelled")
JobIds = Annotated[list[str] | None, typer.Argument(metavar="[JOB]...", help="Ids; - reads them from stdin.")]
OfTeam = Annotated[
    str | None, typer.Option("--team", metavar="TEAM", help="Key, slug or id.", autocompletion=teams)
]
All = Annotated[
    bool, typer.Option("--all", help="All of a state, a kind, a team, instead of some by their ids.")
]
EndedState = Annotated[
    str | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help=f"With --all: {', '.join(ENDED)}; dead, if nothing is said.",
        autocompletion=words(ENDED),
    ),
]


@app.command("list", cls=Verb)
def list_(
    ctx: typer.Context,
    state: JobStateOption = None,
    kind: JobKind = None,
    team: OfTeam = None,
    limit: Limit = "50",
    cursor: Cursor = None,
) -> None:
    """List jobs, the newest first."""
    _list(ctx.obj, _given(state=state, kind=kind, team=team), limit, cursor)


@app.command(cls=Verb)
def dead(
    ctx: typer.Context,
    kind: JobKind = None,
    team: OfTeam = None,
    limit: Limit = "50",
    cursor: Cursor = None,
) -> None:
    """List what failed for good, the newest first: to be retried, or dropped."""
    _list(ctx.obj, _given(state="dead", kind=kind, team=team), limit, cursor)


@app.command(cls=Verb)
def show(
    ctx: typer.Context,
    job: JobId,
    whole: Annotated[
        bool,
        typer.Option("--whole", help="With what it is about, and what each error said; on a store only."),
    ] = False,
) -> None:
    """Show one job, and what became of its attempts; on a store with --whole all that is kept of it."""
    session: Session = ctx.obj
    if whole:
        show_fields(session, session.core.jobs.get(job), WHOLE_JOB)
    else:
        show_fields(session, _shown(_jobs(session).get(job)), JOB_DETAILS)


@app.command(cls=Change)
def retry(
    ctx: typer.Context,
    job: JobIds = None,
    every: All = False,
    state: EndedState = None,
    kind: JobKind = None,
    team: OfTeam = None,
    if_version: IfVersion = None,
) -> int:
    """Begin jobs that ended once more, at once; with --all of those that are dead, or as --state says."""
    session: Session = ctx.obj
    wanted = _given(state=state, kind=kind, team=team)
    if _means_all(job, every, wanted):
        return _sweep(session, _jobs(session).retry_all, wanted, "retried")
    return _each(session, job or [], lambda ref: _jobs(session).retry(ref, if_version=if_version))


@app.command(cls=Change)
def cancel(ctx: typer.Context, job: Annotated[list[str], typer.Argument(metavar="JOB...")]) -> int:
    """Stop jobs: what waits at once, what runs soon."""
    session: Session = ctx.obj
    return _each(session, job, _jobs(session).cancel)


@app.command(cls=Danger)
def drop(
    ctx: typer.Context,
    job: JobIds = None,
    every: All = False,
    state: EndedState = None,
    kind: JobKind = None,
    team: OfTeam = None,
    if_version: IfVersion = None,
) -> int:
    """Throw jobs that ended away; with --all, all that are dead, or as --state says, which is asked for once more."""
    session: Session = ctx.obj
    wanted = _given(state=state, kind=kind, team=team)
    if _means_all(job, every, wanted):
        said = " ".join(
            [
                wanted.get("state", "dead"),
                *(f"{name} {wanted[name]}" for name in ("kind", "team") if name in wanted),
            ]
        )
        session.confirm(f"Drop all jobs that are {said}, for good?")
        return _sweep(session, _jobs(session).drop_all, wanted, "dropped")
    return names.each(job or [], lambda ref: _jobs(session).drop(ref, if_version=if_version))[1]


@app.command(cls=Verb)
def schedules(ctx: typer.Context) -> None:
    """List what comes again and again: when next, and when it came last."""
    session: Session = ctx.obj
    show_all(session, list(_jobs(session).schedules()), JOB_SCHEDULE)


def _jobs(session: Session) -> Any:
    """Jobs as whoever works here has them."""
    if session.place is not None:
        return session.me.instance_jobs
    if session.key is not None:
        raise Invalid(
            "--idempotency-key is for what is done in somebody's name: through a service, not by the operator"
        )
    return session.core.jobs


def _list(session: Session, wanted: dict[str, Any], limit: str, cursor: str | None) -> None:
    page = _jobs(session).list(limit=limit, cursor=cursor, **wanted)
    show_page(session, Page([_shown(each) for each in page.items], page.next_cursor), JOB)


def _each(session: Session, refs: list[str], act: Callable[[str], Any]) -> int:
    done, code = names.each(refs, act)
    shown = [_shown(each) for each in done]
    if len(refs) > 1 or refs == [names.STDIN]:
        show_all(session, shown, JOB)
    elif shown:
        show_one(session, shown[0], JOB, heading=False)
    return code


def _sweep(session: Session, act: Callable[..., Any], wanted: dict[str, Any], did: str) -> int:
    """In as many parts as it takes; says how many."""
    jobs, after = 0, None
    while True:
        swept = act(after=after, **wanted) if after is not None else act(**wanted)
        jobs, after = jobs + swept.jobs, swept.after
        if after is None:
            break
    if session.mode is None:
        tell(f"{jobs} {'job' if jobs == 1 else 'jobs'} {'would be ' if session.dry_run else ''}{did}")
    elif session.mode is not Mode.QUIET:
        show_one(session, Swept(jobs, None), {})
    return 0


def _means_all(refs: list[str] | None, every: bool, wanted: dict[str, Any]) -> bool:
    """Whether jobs are meant by what they are, not by their ids."""
    if every == bool(refs):
        raise click.UsageError("Say which jobs, by their ids, or --all.")
    if wanted and not every:
        raise click.UsageError("--state, --kind and --team go with --all.")
    return every


def _shown(job: Any) -> Any:
    """As a service shows it: what only the operator may see is not in every list."""
    return as_summary(job) if isinstance(job, Job) else job


def _given(**options: str | None) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
