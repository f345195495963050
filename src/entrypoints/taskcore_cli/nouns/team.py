"""`taskcore team …`: teams, and who is in them."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from taskcore.events import plain
from taskcore.values import Role
from taskcore_cli import names
from taskcore_cli.columns import MEMBER, TEAM
from taskcore_cli.completion import people, teams, words
from taskcore_cli.grammar import Change, Danger, Verb, noun
from taskcore_cli.render import show_all, show_fields, show_one, show_page
from taskcore_cli.session import Mode, Session

app = noun("Teams, and who is in them. A team is named by its key, slug or id.")

TeamName = Annotated[str, typer.Argument(metavar="TEAM", help="Key, slug or id.", autocompletion=teams)]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person.", autocompletion=people)]
Limit = Annotated[str, typer.Option(metavar="N", help="1 to 200.")]
Cursor = Annotated[str | None, typer.Option(metavar="CURSOR", help="Where the page before ended.")]
INVITATION = {
    "email": lambda invitation: invitation["email"],
    "role": lambda invitation: invitation["role"],
    "expires": lambda invitation: invitation["expires_at"],
    "token": lambda invitation: invitation["token"],
}


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
    time_zone: Annotated[str | None, typer.Option(metavar="ZONE")] = None,
    if_version: Annotated[
        int | None, typer.Option(metavar="N", help="Refuse, if it is at another version.")
    ] = None,
) -> None:
    """Change a team's name, slug or time zone."""
    session: Session = ctx.obj
    given = {"name": name, "slug": slug, "time_zone": time_zone}
    fields = {field: value for field, value in given.items() if value is not None}
    show_one(session, session.me.teams.edit(team, if_version=if_version, **fields), TEAM, heading=False)


@app.command(cls=Danger)
def rm(ctx: typer.Context, team: TeamName) -> None:
    """Delete a team: it, and all in it, is there for nobody then."""
    session: Session = ctx.obj
    found = session.me.teams.get(team)
    session.confirm(f"Delete {found.name} ({found.key}) and all its tasks?")
    session.me.teams.delete(found.id)


@app.command(cls=Verb)
def members(ctx: typer.Context, team: TeamName, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List who is in a team, and as what."""
    session: Session = ctx.obj
    show_page(session, session.me.members.list(team, limit=limit, cursor=cursor), MEMBER)


@app.command(cls=Change)
def invite(
    ctx: typer.Context,
    team: TeamName,
    email: Email,
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="admin, member or guest.", autocompletion=words(Role))
    ] = "member",
) -> None:
    """Ask somebody to join; prints the token that accepts it, this once; with --quiet it alone."""
    session: Session = ctx.obj
    invitation, token = session.me.invitations.create(team, email, names.one_of("role", Role, role))
    shown = None if session.dry_run else token  # no invitation stays that it would accept
    if session.mode is Mode.QUIET:
        sys.stdout.write(f"{shown}\n" if shown else "")
    else:
        show_one(session, _told(invitation) | {"token": shown}, INVITATION)


@app.command(cls=Verb)
def invitations(ctx: typer.Context, team: TeamName) -> None:
    """List who was asked and has not answered."""
    session: Session = ctx.obj
    found = [_told(each) for each in names.every(session.me.invitations.list, team)]
    show_all(session, found, {name: read for name, read in INVITATION.items() if name != "token"})


@app.command(cls=Change)
def revoke(
    ctx: typer.Context,
    team: TeamName,
    invitation: Annotated[str, typer.Argument(metavar="INVITATION", help="Its id.")],
) -> None:
    """Take an invitation back."""
    ctx.obj.me.invitations.revoke(team, invitation)


def _told(invitation: Any) -> dict[str, Any]:
    """Without the token's hash, which is nobody's business."""
    shown: dict[str, Any] = plain(invitation)
    del shown["token_hash"]
    return shown


@app.command(cls=Change)
def accept(
    ctx: typer.Context, token: Annotated[str, typer.Argument(metavar="TOKEN", help="From the invitation.")]
) -> None:
    """Join the team that a token invites you to."""
    session: Session = ctx.obj
    show_one(session, session.me.invitations.accept(token), TEAM, heading=False)


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


@app.command(cls=Danger)
def transfer(ctx: typer.Context, team: TeamName, email: Email) -> None:
    """Make somebody the owner in your place; you stay as an admin."""
    session: Session = ctx.obj
    heir = names.person(session, email)
    session.confirm(f"Make {email} the owner of {team}?")
    session.me.members.transfer(team, heir)
