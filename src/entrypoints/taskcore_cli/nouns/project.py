"""`taskcore project …`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from taskcore.errors import invalid
from taskcore.values import SchedulePolicy
from taskcore_cli import names
from taskcore_cli.columns import PROJECT
from taskcore_cli.completion import people, projects, teams, words
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.render import show_fields, show_one, show_page
from taskcore_cli.session import Session

app = noun("A team's projects. A project is named by its name or its id.")

TeamOption = Annotated[
    str | None,
    typer.Option(
        metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
    ),
]
ProjectName = Annotated[str, typer.Argument(metavar="PROJECT", help="Name or id.", autocompletion=projects)]
Description = Annotated[str | None, typer.Option(metavar="TEXT", help="Markdown.")]
Lead = Annotated[
    str | None,
    typer.Option("--lead", metavar="EMAIL", help="Who leads it, me or none.", autocompletion=people),
]
Target = Annotated[str | None, typer.Option("--target-on", metavar="DAY", help="As 2026-12-01, or none.")]

Policy = Annotated[
    str | None,
    typer.Option(
        "--schedule-policy",
        metavar="POLICY",
        help=", ".join(SchedulePolicy) + ": what a plan may do with its dates.",
        autocompletion=words(SchedulePolicy),
    ),
]


def _fields(
    session: Session,
    description: str | None,
    lead: str | None,
    target_on: str | None,
    schedule_policy: str | None,
) -> dict[str, Any]:
    fields: dict[str, Any] = {} if description is None else {"description": description}
    if lead is not None:
        fields["lead_id"] = names.person_or_none(session, lead)
    if target_on is not None:
        try:
            fields["target_on"] = None if target_on == names.NONE else date.fromisoformat(target_on)
        except ValueError:
            raise invalid("target_on", f"must be a day such as 2026-12-01, not {target_on!r}") from None
    if schedule_policy is not None:
        fields["schedule_policy"] = names.one_of("schedule_policy", SchedulePolicy, schedule_policy)
    return fields


def _id(session: Session, name: str, team: str | None) -> Any:
    return names.project(session, name, [team] if team else ())


@app.command(cls=Change)
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called.")],
    team: TeamOption = None,
    description: Description = None,
    lead: Lead = None,
    target_on: Target = None,
    schedule_policy: Policy = None,
) -> None:
    """Start a project."""
    session: Session = ctx.obj
    fields = _fields(session, description, lead, target_on, schedule_policy)
    show_one(
        session, session.me.projects.create(names.team(session, team), name, **fields), PROJECT, heading=False
    )


@app.command("list", cls=Verb)
def list_(
    ctx: typer.Context,
    team: TeamOption = None,
    limit: Annotated[str, typer.Option(metavar="N", help="1 to 200.")] = "50",
    cursor: Annotated[str | None, typer.Option(metavar="CURSOR", help="Where the page before ended.")] = None,
) -> None:
    """List a team's projects."""
    session: Session = ctx.obj
    show_page(
        session, session.me.projects.list(names.team(session, team), limit=limit, cursor=cursor), PROJECT
    )


@app.command(cls=Verb)
def show(ctx: typer.Context, project: ProjectName, team: TeamOption = None) -> None:
    """Show one project."""
    session: Session = ctx.obj
    found = session.me.projects.get(_id(session, project, team))
    show_fields(session, found, PROJECT, below=found.description)


@app.command(cls=Change)
def edit(
    ctx: typer.Context,
    project: ProjectName,
    team: TeamOption = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="A new name.")] = None,
    description: Description = None,
    lead: Lead = None,
    target_on: Target = None,
    schedule_policy: Policy = None,
    archived: Annotated[
        bool | None, typer.Option("--archive/--unarchive", help="Put it away, or fetch it back.")
    ] = None,
    if_version: Annotated[
        int | None, typer.Option(metavar="N", help="Refuse, if it is at another version.")
    ] = None,
) -> None:
    """Change a project."""
    session: Session = ctx.obj
    fields = _fields(session, description, lead, target_on, schedule_policy)
    fields |= {} if name is None else {"name": name}
    fields |= {} if archived is None else {"archived": archived}
    changed = session.me.projects.edit(_id(session, project, team), if_version=if_version, **fields)
    show_one(session, changed, PROJECT, heading=False)


@app.command(cls=Change)
def rm(ctx: typer.Context, project: ProjectName, team: TeamOption = None) -> None:
    """Delete a project; its tasks stay, in none."""
    session: Session = ctx.obj
    session.me.projects.delete(_id(session, project, team))


@app.command(cls=Change)
def share(
    ctx: typer.Context,
    project: ProjectName,
    guest: Annotated[
        str, typer.Argument(metavar="EMAIL", help="A guest of the team.", autocompletion=people)
    ],
    team: TeamOption = None,
    stop: Annotated[bool, typer.Option("--stop", help="Share it no longer.")] = False,
) -> None:
    """Let a guest of the team see a project."""
    session: Session = ctx.obj
    act = session.me.projects.unshare if stop else session.me.projects.share
    changed = act(_id(session, project, team), names.person(session, guest))
    show_one(session, changed, PROJECT, heading=False)
