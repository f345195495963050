"""`taskcore worker`: what is to be done in the background is done."""

from __future__ import annotations

import asyncio
import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from taskcore.errors import Invalid, invalid
from taskcore_app.masking import shown
from taskcore_cli.grammar import Verb, single
from taskcore_cli.logs import logged
from taskcore_cli.session import Session

app = single()


class Part(StrEnum):
    """As `taskcore_app.background` has them, which is loaded for this verb alone."""

    JOBS = "jobs"
    RELAY = "relay"
    TIMERS = "timers"


Only = Annotated[list[Part] | None, typer.Option("--only", help="A part of it alone; may be given again.")]
Slots = Annotated[int, typer.Option("--slots", min=1, max=1000, help="How many jobs it runs at a time.")]
Grace = Annotated[
    float,
    typer.Option("--grace", min=0.5, max=86_400, help="Seconds that it may take to end when it is told to."),
]
Health = Annotated[
    str | None,
    typer.Option("--health", metavar="HOST:PORT", help="Where GET /healthz is to say whether it is well."),
]


@app.command("worker", cls=Verb)
def worker(
    ctx: typer.Context, only: Only = None, slots: Slots = 10, grace: Grace = 25.0, health: Health = None
) -> None:
    """
    Work in the background, until Ctrl-C or SIGTERM: run jobs, tell of what happens, do what is due at its time.

    Any number of workers share the work. A service does all of it by itself, but for jobs and timers where the setting
    jobs is not inline://, and for webhooks and brokers where relay is worker. At the end jobs have the grace time to
    come to theirs, and are given back then to whoever runs next. A second signal ends at once.
    """
    from taskcore_cli.working import Work, work  # noqa: PLC0415  loaded for this verb alone

    session: Session = ctx.obj
    settings = session.resolved.settings
    if settings.store.startswith("memory://"):
        raise Invalid("there is nothing to do in memory://, which each process has for itself")
    parts = frozenset(part.value for part in only or Part)
    wanted = Work(parts, slots, grace, _address(health) if health is not None else None)
    session.resolved.make_data_folder(os.environ)

    def ready(port: int | None) -> None:
        where = f", /healthz on port {port}" if port is not None else ""
        _say(f"at work on {shown(settings.store)}{where}")

    with logged(settings.log_level, settings.log_format):
        asyncio.run(work(settings, wanted, ready))


def _address(text: str) -> tuple[str, int]:
    """Raises: Invalid."""
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise invalid("--health", f"must be a host and a port such as 0.0.0.0:8080, not {text!r:.80}")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _say(what: str) -> None:
    sys.stderr.write(f"taskcore: {what}\n")
    sys.stderr.flush()
