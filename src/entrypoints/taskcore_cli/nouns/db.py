"""`taskcore db …`: the store's schema; for the operator."""

from __future__ import annotations

import attrs
import typer

from taskcore.errors import Unavailable
from taskcore_app.masking import shown
from taskcore_cli.failures import exit_code
from taskcore_cli.grammar import Change, Verb, noun
from taskcore_cli.render import show_fields
from taskcore_cli.session import Session

app = noun("The store's schema; for the operator.")


@attrs.frozen
class Schema:
    """Where the store is, and whether its schema is this program's."""

    store: str
    ready: bool
    detail: str


COLUMNS = {
    "store": lambda schema: schema.store,
    "ready": lambda schema: schema.ready,
    "detail": lambda schema: schema.detail,
}


@app.command(cls=Verb)
def status(ctx: typer.Context) -> int:
    """Tell whether the schema is this program's."""
    session: Session = ctx.obj
    return _tell(session, "up to date")


@app.command(cls=Change)
def upgrade(ctx: typer.Context) -> int:
    """Bring the schema to this program's version, creating it if need be."""
    session: Session = ctx.obj
    core, run = session.open(check=False)
    return _tell(session, f"at {run(core.store.upgrade())}")


def _tell(session: Session, detail: str) -> int:
    store = shown(session.resolved.settings.store)
    try:
        core, run = session.open(check=False)
        run(core.store.check())
    except Unavailable as error:
        show_fields(session, Schema(store, ready=False, detail=error.message), COLUMNS)
        return exit_code(error)
    show_fields(session, Schema(store, ready=True, detail=detail), COLUMNS)
    return 0
