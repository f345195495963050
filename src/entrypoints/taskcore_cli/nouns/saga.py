"""`taskcore saga …`: the operator's, without --as."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from taskcore_cli.background_columns import SAGA, SAGA_STEP
from taskcore_cli.grammar import Change, Danger, Verb, noun
from taskcore_cli.render import show_all, show_fields, show_one
from taskcore_cli.session import Session

app = noun("Undertakings of several steps, such as deletions of teams; for the operator.")
SagaId = Annotated[str, typer.Argument(metavar="SAGA", help="Its id.")]


@app.command("list", cls=Verb)
def list_(ctx: typer.Context) -> None:
    """List all of them, and how far each has come."""
    session: Session = ctx.obj
    show_all(session, session.core.sagas.list(), SAGA)


@app.command(cls=Verb)
def show(
    ctx: typer.Context,
    saga: SagaId,
    log: Annotated[bool, typer.Option("--log", help="What became of each step.")] = False,
) -> None:
    """Show one."""
    session: Session = ctx.obj
    found = session.core.sagas.get(saga)
    if log:
        show_all(session, list(found.log), SAGA_STEP)
        return
    show_fields(session, found, SAGA)


@app.command(cls=Change)
def resume(ctx: typer.Context, saga: SagaId) -> None:
    """Let one that failed go on with the step at which it did."""
    session: Session = ctx.obj
    show_one(session, session.core.sagas.resume(saga), SAGA, heading=False)


@app.command(cls=Change)
def cancel(ctx: typer.Context, saga: SagaId) -> None:
    """Take back what one did, as long as it can be: a team that it deletes is there again."""
    session: Session = ctx.obj
    show_one(session, session.core.sagas.cancel(saga), SAGA, heading=False)


@app.command(cls=Danger)
def hasten(ctx: typer.Context, saga: SagaId) -> None:
    """Let one go on at once that waits for its time: a team that it deletes is purged now."""
    session: Session = ctx.obj
    found = session.core.sagas.get(saga)
    session.confirm(f"Let {found.kind} {found.id} go on before its time?")
    show_one(session, session.core.sagas.hasten(saga), SAGA, heading=False)


@app.command(cls=Verb)
def export(
    ctx: typer.Context,
    saga: SagaId,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; it must not be there.")],
) -> None:
    """Write what was exported of a team before it is, or was, purged: to hand it to an owner of the team."""
    session: Session = ctx.obj
    content = session.core.sagas.export(saga)
    with file.open("xb") as opened:
        opened.write(content)
