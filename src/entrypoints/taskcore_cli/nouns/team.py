"""`taskcore team …`: teams, and who is in them."""

from __future__ import annotations

from typing import Annotated

import click
import typer

from taskcore.values import Role
from taskcore_cli import names
from taskcore_cli.arguments import Cursor, Email, IfVersion, Limit, TeamName, Zone
from taskcore_cli.columns import MEMBER, TEAM, audit_columns
from taskcore_cli.completion import words
from taskcore_cli.grammar import Change, Danger, Verb, noun
from taskcore_cli.nouns import inviting, standing
from taskcore_cli.render import show_all, show_fields, show_one, show_page
from taskcore_cli.session import Session

app = noun("Teams, and who is in them. A team is named by its key, slug or id.")


@app.command(cls=Change)
def create(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called.")],
    key: Annotated[str | None, typer.Option(metavar="KEY", help="2 to 10 capitals, such as PLAT.")] = None,
    slug: Annotated[str | None, typer.Option(metavar="SLUG", help="Its name in addresses.")] = None,
    time_zone: Annotated[
        str, typer.Option(metavar="ZONE", help="An IANA name, such as Europe/Berlin.")
    ] = "UTC",
) -> None:
    """Found a team, of which you are the owner."""
    session: Session = ctx.obj
    show_one(
        session, session.me.teams.create(name, key=key, slug=slug, time_zone=time_zone), TEAM, heading=False
    )


@app.command("list", cls=Verb)
def list_(ctx: typer.Context, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List the teams you are in."""
    session: Session = ctx.obj
    show_page(session, session.me.teams.list(limit=limit, cursor=cursor), TEAM)


@app.command(cls=Verb)
def show(ctx: typer.Context, team: TeamName) -> None:
    """Show one team."""
    session: Session = ctx.obj
    show_fields(session, session.me.teams.get(team), TEAM)


@app.command(cls=Change)
def edit(
    ctx: typer.Context,
    team: TeamName,
    name: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    slug: Annotated[str | None, typer.Option(metavar="SLUG")] = None,
    time_zone: Zone = None,
    if_version: IfVersion = None,
) -> None:
    """Change a team's name, slug or time zone."""
    session: Session = ctx.obj
    given = {"name": name, "slug": slug, "time_zone": time_zone}
    fields = {field: value for field, value in given.items() if value is not None}
    show_one(session, session.me.teams.edit(team, if_version=if_version, **fields), TEAM, heading=False)


@app.command(cls=Danger)
def rm(ctx: typer.Context, team: TeamName) -> None:
    """Delete a team: it, and all in it, is there for nobody then; for 30 days an owner can restore it."""
    session: Session = ctx.obj
    found = session.me.teams.get(team)
    session.confirm(f"Delete {found.name} ({found.key}) and all its tasks?")
    session.me.teams.delete(found.id)


@app.command(cls=Change)
def restore(ctx: typer.Context, team: TeamName) -> None:
    """Bring back a team that an owner deleted, within 30 days; for its owners."""
    session: Session = ctx.obj
    show_one(session, session.me.teams.restore(team), TEAM, heading=False)


@app.command(cls=Change)
def suspend(ctx: typer.Context, team: TeamName, if_version: IfVersion = None) -> None:
    """Let nothing in a team be changed any more; for instance admins."""
    session: Session = ctx.obj
    show_one(session, session.me.teams.suspend(team, if_version=if_version), TEAM, heading=False)


@app.command(cls=Change)
def unsuspend(ctx: typer.Context, team: TeamName, if_version: IfVersion = None) -> None:
    """Let a suspended team go on; for instance admins."""
    session: Session = ctx.obj
    show_one(session, session.me.teams.unsuspend(team, if_version=if_version), TEAM, heading=False)


@app.command(cls=Verb)
def audit(
    ctx: typer.Context,
    team: TeamName,
    limit: Annotated[str | None, typer.Option(metavar="N", help="1 to 200, 50 if not given.")] = None,
    cursor: Cursor = None,
    export: Annotated[
        bool, typer.Option("--export", help="All of it, the eldest first; for owners.")
    ] = False,
) -> None:
    """List what was done, and refused, in a team, the newest first; for owners and admins."""
    session: Session = ctx.obj
    if export:
        if limit is not None or cursor is not None:
            raise click.UsageError("--export gives all of it: leave out --limit and --cursor.")
        entries = list(names.every(session.me.audit.export, team))
        show_all(session, entries, audit_columns(session, entries))
        return
    page = session.me.audit.list(team, limit=limit or "50", cursor=cursor)
    show_page(session, page, audit_columns(session, page.items))


@app.command(cls=Verb)
def members(ctx: typer.Context, team: TeamName, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List who is in a team, and as what."""
    session: Session = ctx.obj
    show_page(session, session.me.members.list(team, limit=limit, cursor=cursor), MEMBER)


app.command(cls=Verb)(standing.report)
app.command(cls=Change)(inviting.invite)
app.command(cls=Verb)(inviting.invitations)
app.command(cls=Change)(inviting.resend)
app.command(cls=Change)(inviting.revoke)
app.command(cls=Change)(inviting.accept)
app.command(cls=Change)(inviting.decline)


@app.command(cls=Change)
def role(
    ctx: typer.Context,
    team: TeamName,
    email: Email,
    role: Annotated[
        str, typer.Argument(metavar="ROLE", help="owner, admin, member or guest.", autocompletion=words(Role))
    ],
) -> None:
    """Change what somebody is in a team."""
    session: Session = ctx.obj
    changed = session.me.members.edit(
        team, names.person(session, email), role=names.one_of("role", Role, role)
    )
    show_one(session, changed, MEMBER, heading=False)


@app.command(cls=Change)
def remove(ctx: typer.Context, team: TeamName, email: Email) -> None:
    """Take somebody out of a team (`me` leaves it); their unfinished tasks there become nobody's."""
    session: Session = ctx.obj
    session.me.members.remove(team, names.person(session, email))


@app.command(cls=Change)
def leave(ctx: typer.Context, team: TeamName) -> None:
    """Leave a team; your unfinished tasks there become nobody's."""
    session: Session = ctx.obj
    session.me.members.leave(team)


@app.command(cls=Danger)
def transfer(ctx: typer.Context, team: TeamName, email: Email) -> None:
    """Make somebody the owner in your place; you stay as an admin."""
    session: Session = ctx.obj
    heir = names.person(session, email)
    session.confirm(f"Make {email} the owner of {team}?")
    session.me.members.transfer(team, heir)
