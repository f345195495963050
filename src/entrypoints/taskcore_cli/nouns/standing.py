"""`taskcore team report`: how a team stands, as a file."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from taskcore.errors import Invalid, Unavailable, invalid
from taskcore_cli import names
from taskcore_cli.arguments import TeamName
from taskcore_cli.completion import words
from taskcore_cli.session import Session
from taskcore_cli.terminal import tell

FORMATS = ("html", "pdf")
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
"""Seconds between two questions whether a service is done with it; each wait is half as long again."""


def report(
    ctx: typer.Context,
    team: TeamName,
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="html or pdf.", autocompletion=words(FORMATS))
    ] = "html",
    out: Annotated[
        str | None,
        typer.Option(
            "--out", metavar="FILE", help="Where to; - is stdout. Named by team and day if not given."
        ),
    ] = None,
    within: Annotated[
        float, typer.Option("--within", metavar="SECONDS", help="How long to wait for a service to make it.")
    ] = 300.0,
) -> None:
    """Write how a team stands: progress, what is overdue, the plan, the workload; a guest's has what is shared with them."""
    session: Session = ctx.obj
    if form not in FORMATS:
        raise invalid("format", f"must be one of {', '.join(FORMATS)}, not {form!r}")
    if out not in (None, names.STDIN) and not Path(str(out)).absolute().parent.is_dir():
        raise Invalid(f"{out}: there is no such folder")
    if session.place is None:
        file = session.me.reports.make(team, format=form)
        name, content = file.filename, file.content
    else:
        name, content = _from_service(session, team, form, within)
    if out == names.STDIN:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.buffer.write(content)
        else:  # somebody else's, who reads text
            sys.stdout.write(content.decode(errors="replace"))
        return
    _write(Path(out or name), content)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}") from error
    tell(f"{path}: {len(content):,} bytes")


def _from_service(session: Session, team: str, form: str, within: float) -> tuple[str, bytes]:
    """The file, and its name, once the service has made it. Raises: what it tells; Unavailable, if it takes too long."""
    job = session.me.reports.status(team, format=form)
    ends, wait, told = time.monotonic() + within, FIRST_WAIT, ""
    while job.state in ("waiting", "running"):
        if time.monotonic() >= ends:
            raise Unavailable(f"the report is not done yet; it goes on as job {job.id}")
        told = _tell_progress(job, told)
        time.sleep(wait)
        wait = min(wait * 1.5, LONGEST_WAIT)
        job = session.me.jobs.get(job.id)
    if job.state != "done":
        raise Unavailable(
            f"the report was not made: job {job.id} is {job.state} ({job.last_error or 'nothing said'})"
        )
    return job.result["filename"], session.door.file(f"/v1/me/jobs/{job.id}/file")


def _tell_progress(job: Any, told: str) -> str:
    """On stderr, each step once; what was told last."""
    progress = job.progress
    now = f"{progress.note}: {progress.done} of {progress.total}" if progress is not None else str(job.state)
    if now != told and sys.stderr.isatty():
        tell(now)
    return now
