"""The verbs of `taskcore team` by which people are asked to join, and answer."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from taskcore.values import Role
from taskcore_cli import names
from taskcore_cli.arguments import Email, TeamName
from taskcore_cli.columns import INVITATION, TEAM
from taskcore_cli.completion import words
from taskcore_cli.render import show_all, show_fields, show_one, without_hash
from taskcore_cli.session import Mode, Session

InvitationId = Annotated[str, typer.Argument(metavar="INVITATION", help="Its id.")]
Token = Annotated[str, typer.Argument(metavar="TOKEN", help="From the invitation.")]


def invite(
    ctx: typer.Context,
    team: TeamName,
    email: Email,
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="admin, member or guest.", autocompletion=words(Role))
    ] = "member",
) -> None:
    """Ask somebody to join, by mail; prints the token that accepts, this once; with --quiet it alone."""
    session: Session = ctx.obj
    _show(session, *session.me.invitations.create(team, email, names.one_of("role", Role, role)))


def resend(ctx: typer.Context, team: TeamName, invitation: InvitationId) -> None:
    """Mail an invitation anew, for another week, with another token, which is printed as by invite."""
    session: Session = ctx.obj
    _show(session, *session.me.invitations.resend(team, invitation))


def _show(session: Session, invitation: Any, token: str) -> None:
    shown = None if session.dry_run else token  # no invitation stays that it would accept
    if session.mode is Mode.QUIET:
        sys.stdout.write(f"{shown}\n" if shown else "")
    else:
        show_fields(session, without_hash(invitation) | {"token": shown}, INVITATION)


def invitations(ctx: typer.Context, team: TeamName) -> None:
    """List who was asked and has not answered."""
    session: Session = ctx.obj
    found = [without_hash(each) for each in names.every(session.me.invitations.list, team)]
    show_all(session, found, INVITATION)


def revoke(ctx: typer.Context, team: TeamName, invitation: InvitationId) -> None:
    """Take an invitation back."""
    session: Session = ctx.obj
    session.me.invitations.revoke(team, invitation)


def accept(ctx: typer.Context, token: Token) -> None:
    """Join the team that a token invites you to."""
    session: Session = ctx.obj
    show_one(session, session.me.invitations.accept(token), TEAM, heading=False)


def decline(ctx: typer.Context, token: Token) -> None:
    """Turn an invitation down."""
    session: Session = ctx.obj
    session.me.invitations.decline(token)
