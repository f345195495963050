"""`taskcore webhook …`: where a team's events are posted to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any

import attrs
import typer

from taskcore.delivery.model import DeliveryStatus, Payload, Webhook
from taskcore_cli import names
from taskcore_cli.arguments import Cursor, IfVersion, Limit
from taskcore_cli.columns import DELIVERY, WEBHOOK
from taskcore_cli.completion import projects, teams, webhooks, words
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.render import show_fields, show_one, show_page
from taskcore_cli.session import Mode, Session

app = noun(
    "Webhooks: URLs to which a team's events are posted, signed. The service posts, or `taskcore worker`; here "
    "is only said what."
)

WebhookId = Annotated[
    str, typer.Argument(metavar="WEBHOOK", help="The webhook's id.", autocompletion=webhooks)
]
TeamOption = Annotated[
    str | None,
    typer.Option(
        metavar="TEAM", help="Key, slug or id; needless while you are in one.", autocompletion=teams
    ),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="A kind of events, such as task.created or task.*; may be repeated. Without any, or with none, all.",
    ),
]
ProjectOption = Annotated[
    str | None,
    typer.Option(
        "--project", metavar="PROJECT", help="Only of its tasks; none for all.", autocompletion=projects
    ),
]
PayloadOption = Annotated[
    str | None,
    typer.Option(
        "--payload",
        metavar="PAYLOAD",
        help="full, or thin: only which event it is.",
        autocompletion=words(Payload),
    ),
]
Description = Annotated[str | None, typer.Option(metavar="TEXT", help="What it is for.")]


@app.command("list", cls=Verb)
def list_(ctx: typer.Context, team: TeamOption = None, limit: Limit = "50", cursor: Cursor = None) -> None:
    """List a team's webhooks."""
    session: Session = ctx.obj
    show_page(
        session, session.me.webhooks.list(names.team(session, team), limit=limit, cursor=cursor), WEBHOOK
    )


@app.command(cls=Change)
def create(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to, such as https://example.org/hook.")],
    team: TeamOption = None,
    kind: Kinds = None,
    project: ProjectOption = None,
    payload: PayloadOption = None,
    description: Description = None,
) -> None:
    """Have events posted from now on, and print the secret that signs them, this once; with --quiet it alone."""
    session: Session = ctx.obj
    home = names.team(session, team)
    fields = _fields(session, kind, project, payload, description, [home])
    _show_secret(session, *session.me.webhooks.create(home, url, **fields))


@app.command(cls=Verb)
def show(ctx: typer.Context, webhook: WebhookId) -> None:
    """Show one webhook."""
    session: Session = ctx.obj
    show_fields(session, session.me.webhooks.get(webhook), WEBHOOK)


@app.command(cls=Change)
def edit(
    ctx: typer.Context,
    webhook: WebhookId,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Where to.")] = None,
    kind: Kinds = None,
    project: ProjectOption = None,
    payload: PayloadOption = None,
    description: Description = None,
    active: Annotated[
        bool | None, typer.Option("--on/--off", help="Whether it posts; what happens while it is off, never.")
    ] = None,
    if_version: IfVersion = None,
) -> None:
    """Change a webhook."""
    session: Session = ctx.obj
    fields = _fields(session, kind, project, payload, description, [])
    fields |= {} if url is None else {"url": url}
    fields |= {} if active is None else {"active": active}
    changed = session.me.webhooks.edit(webhook, if_version=if_version, **fields)
    show_one(session, changed, WEBHOOK, heading=False)


@app.command(cls=Change)
def rm(ctx: typer.Context, webhook: WebhookId, if_version: IfVersion = None) -> None:
    """End a webhook, with all that it was still to post."""
    session: Session = ctx.obj
    session.me.webhooks.delete(webhook, if_version=if_version)


@app.command("test", cls=Change)
def try_out(ctx: typer.Context, webhook: WebhookId, if_version: IfVersion = None) -> None:
    """Have something posted that tells of no event."""
    session: Session = ctx.obj
    show_one(session, session.me.webhooks.test(webhook, if_version=if_version), DELIVERY, heading=False)


@app.command(cls=Change)
def rotate(ctx: typer.Context, webhook: WebhookId, if_version: IfVersion = None) -> None:
    """Sign with a new secret, printed this once; for 24 hours the one before signs too."""
    session: Session = ctx.obj
    _show_secret(session, *session.me.webhooks.rotate_secret(webhook, if_version=if_version))


@app.command(cls=Verb)
def deliveries(
    ctx: typer.Context,
    webhook: WebhookId,
    status: Annotated[
        str | None,
        typer.Option(
            metavar="STATUS", help=f"{', '.join(DeliveryStatus)}.", autocompletion=words(DeliveryStatus)
        ),
    ] = None,
    limit: Limit = "50",
    cursor: Cursor = None,
) -> None:
    """List what was posted and what is to be, the newest first."""
    session: Session = ctx.obj
    wanted: dict[str, Any] = {} if status is None else {"status": status}
    page = session.me.webhooks.deliveries(webhook, limit=limit, cursor=cursor, **wanted)
    show_page(session, page, DELIVERY)


@app.command(cls=Change)
def redeliver(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="The delivery's id.")],
    if_version: IfVersion = None,
) -> None:
    """Have something posted again, under the same id, to the same byte."""
    session: Session = ctx.obj
    again = session.me.webhooks.redeliver(delivery, if_version=if_version)
    show_one(session, again, DELIVERY, heading=False)


def _fields(
    session: Session,
    kind: list[str] | None,
    project: str | None,
    payload: str | None,
    description: str | None,
    homes: Sequence[str],
) -> dict[str, Any]:
    fields: dict[str, Any] = {} if description is None else {"description": description}
    if kind is not None:
        fields["kinds"] = [each for given in kind for each in given.split(",") if each != names.NONE]
    if project is not None:
        fields["project_id"] = names.project(session, project, homes)
    if payload is not None:
        fields["payload"] = names.one_of("payload", Payload, payload)
    return fields


def _show_secret(session: Session, webhook: Webhook, secret: str) -> None:
    shown = None if session.dry_run else secret  # it would be that of no webhook
    if session.mode is Mode.QUIET:
        sys.stdout.write(f"{shown}\n" if shown else "")
        return
    told = {field.name: getattr(webhook, field.name) for field in attrs.fields(Webhook)} | {"secret": shown}
    rows = {name: partial(_of, webhook, read) for name, read in WEBHOOK.items()}
    show_fields(session, told, {**rows, "secret": lambda told: told["secret"]})


def _of(webhook: Webhook, read: Callable[[Any], object], _: object) -> object:
    return read(webhook)
