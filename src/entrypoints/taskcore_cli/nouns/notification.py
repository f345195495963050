"""`taskcore notification …`: what you were told, and what you prefer to be told."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from taskcore.delivery.inbox import Channel, Reason
from taskcore.errors import invalid
from taskcore_cli import names
from taskcore_cli.arguments import Cursor, IfVersion, Limit
from taskcore_cli.columns import MARKED, NOTIFICATION, PREFERENCES, UNREAD
from taskcore_cli.completion import teams, words
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.render import show_fields, show_one, show_page
from taskcore_cli.session import Session

app = noun("What you were told, which nobody else sees, and what you prefer to be told: where, and when.")
NONE = "none"


@app.command("list", cls=Verb)
def list_(
    ctx: typer.Context,
    unread: Annotated[bool, typer.Option("--unread", help="Only what you have not read.")] = False,
    reason: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REASON",
            help=f"Why you were told: {', '.join(Reason)}; may be repeated.",
            autocompletion=words(Reason),
        ),
    ] = None,
    team: Annotated[
        str | None, typer.Option(metavar="TEAM", help="Key, slug or id; all, if none.", autocompletion=teams)
    ] = None,
    limit: Limit = "50",
    cursor: Cursor = None,
) -> None:
    """List what you were told, the newest first."""
    session: Session = ctx.obj
    reasons = [names.one_of("reason", Reason, each) for each in reason] if reason else None
    page = session.me.notifications.list(
        unread=unread,
        reason=reasons,
        team=names.team(session, team) if team is not None else None,
        limit=limit,
        cursor=cursor,
    )
    show_page(session, page, NOTIFICATION)


@app.command(cls=Verb)
def unread(ctx: typer.Context) -> None:
    """Tell how many notices you have not read; 1000 stands for more, too."""
    session: Session = ctx.obj
    show_one(session, session.me.notifications.unread(), UNREAD, heading=False)


@app.command(cls=Change)
def read(
    ctx: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[NOTIFICATION]...", help="Their ids.")] = None,
    through: Annotated[
        str | None, typer.Option(metavar="NOTIFICATION", help="All up to this one, and it.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that there are.")] = False,
    again: Annotated[bool, typer.Option("--unread", help="Take those named as not read.")] = False,
) -> None:
    """Take notices as read: those named, all up to one, or all."""
    session: Session = ctx.obj
    marked = session.me.notifications.read(
        ids=ids or None, through=through, everything=everything, unread=again
    )
    show_one(session, marked, MARKED, heading=False)


@app.command(cls=Change)
def preferences(
    ctx: typer.Context,
    tell: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REASON=CHANNEL",
            help=f"Where you are told of a reason: {', '.join(Channel)}, or default; may be repeated.",
        ),
    ] = None,
    quiet_hours: Annotated[
        str | None,
        typer.Option(metavar="HH:MM-HH:MM", help="When no mail is sent, by your clock; none for never."),
    ] = None,
    digest_at: Annotated[
        str | None,
        typer.Option(metavar="HH:MM", help="When the daily digest is sent, by your clock; none for never."),
    ] = None,
    weekly_report: Annotated[
        bool | None,
        typer.Option("--weekly-report/--no-weekly-report", help="Whether teams' weekly reports are mailed."),
    ] = None,
    mail: Annotated[bool | None, typer.Option("--mail/--no-mail", help="Whether anything is mailed.")] = None,
    if_version: IfVersion = None,
) -> None:
    """Show what you prefer to be told; with options, prefer otherwise."""
    session: Session = ctx.obj
    fields: dict[str, Any] = {}
    if tell:
        fields["channels"] = dict(map(_told, tell))
    if quiet_hours is not None:
        fields["quiet_from"], fields["quiet_until"] = _hours(quiet_hours)
    if digest_at is not None:
        fields["digest_at"] = None if digest_at == NONE else digest_at
    if weekly_report is not None:
        fields["weekly_report"] = weekly_report
    if mail is not None:
        fields["mail_disabled"] = not mail
    notifications = session.me.notifications
    preferred = (
        notifications.edit_preferences(if_version=if_version, **fields)
        if fields or if_version is not None
        else notifications.preferences()
    )
    show_fields(session, preferred, PREFERENCES)


def _told(text: str) -> tuple[str, str | None]:
    reason, given, channel = text.partition("=")
    if not given:
        raise invalid("tell", f"must be as assigned=mail, not {text!r:.80}")
    return reason.strip(), None if channel.strip() == "default" else channel.strip()


def _hours(text: str) -> tuple[str | None, str | None]:
    if text == NONE:
        return None, None
    start, given, end = text.partition("-")
    if not given:
        raise invalid("quiet-hours", f"must be as 22:00-07:00, not {text!r:.80}")
    return start.strip(), end.strip()
