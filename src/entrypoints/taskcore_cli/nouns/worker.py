"""`taskcore worker`: what happens is told to webhooks and brokers."""

from __future__ import annotations

import asyncio
import os
import sys

import typer

from taskcore.errors import Invalid
from taskcore_app.masking import shown
from taskcore_cli.grammar import Verb, single
from taskcore_cli.logs import logged
from taskcore_cli.session import Session

app = single()


@app.command("worker", cls=Verb)
def worker(ctx: typer.Context) -> None:
    """
    Tell webhooks and brokers of what happens, until Ctrl-C or SIGTERM.

    Any number of workers share the work; a service does it by itself while the setting relay is inline. What is under
    way at the end is done again by whoever runs next. A second signal ends at once.
    """
    from taskcore_cli.working import work  # noqa: PLC0415  loaded for this verb alone

    session: Session = ctx.obj
    settings = session.resolved.settings
    if settings.store.startswith("memory://"):
        raise Invalid("there is nothing to tell of in memory://, which each process has for itself")
    session.resolved.make_data_folder(os.environ)
    with logged(settings.log_level, settings.log_format):
        asyncio.run(work(settings, lambda: _say(f"at work on {shown(settings.store)}")))


def _say(what: str) -> None:
    sys.stderr.write(f"taskcore: {what}\n")
    sys.stderr.flush()
