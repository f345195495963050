"""Arguments and options that several nouns take, each with one name and one explanation."""

from __future__ import annotations

from typing import Annotated

import typer

from taskcore.jobs.model import JobState
from taskcore_cli.completion import people, teams, words

TeamName = Annotated[str, typer.Argument(metavar="TEAM", help="Key, slug or id.", autocompletion=teams)]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person.", autocompletion=people)]
Zone = Annotated[str | None, typer.Option(metavar="ZONE", help="An IANA name, such as Europe/Berlin.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")]
Limit = Annotated[str, typer.Option(metavar="N", help="1 to 200.")]
Cursor = Annotated[str | None, typer.Option(metavar="CURSOR", help="Where the page before ended.")]
IfVersion = Annotated[int | None, typer.Option(metavar="N", help="Refuse, if it is at another version.")]
JobId = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")]
JobStateOption = Annotated[
    str | None,
    typer.Option("--state", metavar="STATE", help=f"{', '.join(JobState)}.", autocompletion=words(JobState)),
]
JobKind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="Such as mail.send.")]
