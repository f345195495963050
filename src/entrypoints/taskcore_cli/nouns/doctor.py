"""`taskcore doctor`: looks at what usually is the matter, each with a verdict."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import attrs
import typer

from taskcore import __version__
from taskcore.connect import BLOBS, MAILERS, build, resolve
from taskcore.delivery.model import Delivery
from taskcore.errors import NotFound, TaskCoreError
from taskcore.files.ports import Blobs
from taskcore.jobs.model import Job, JobState
from taskcore.mirror import runner
from taskcore_app.masking import shown
from taskcore_cli.grammar import Verb, single
from taskcore_cli.render import show_all
from taskcore_cli.session import Session

app = single()


class Verdict(StrEnum):
    """What came of looking."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@attrs.frozen
class Finding:
    """One thing that was looked at."""

    name: str
    verdict: Verdict
    detail: str


COLUMNS = {
    "what": lambda finding: finding.name,
    "verdict": lambda finding: finding.verdict,
    "detail": lambda finding: finding.detail,
}
OLDEST_PYTHON = (3, 11)
BUILT_AFTER = datetime(2026, 11, 1, tzinfo=UTC)
LEAST_FREE_BYTES = 100 * 2**20
LATE = timedelta(minutes=5)
"""After which what is due is taken for left lying."""
MOST_DEAD = 1_000
"""Dead jobs that are counted."""
EXTRAS = {
    "sqlite": "aiosqlite",
    "postgres": "asyncpg",
    "http": "litestar",
    "cli": "typer",
    "redis": "redis",
}


@app.command(cls=Verb)
def doctor(ctx: typer.Context) -> int:
    """Look whether everything is in order: settings, store, mail, Python, clock, disk and so on."""
    session: Session = ctx.obj
    findings = [_looked(name, look, session) for name, look in LOOKS.items()]
    show_all(session, findings, COLUMNS)
    return 1 if any(finding.verdict is Verdict.FAULT for finding in findings) else 0


Look = Callable[[Session], tuple[Verdict, str]]


def _looked(name: str, look: Look, session: Session) -> Finding:
    try:
        return Finding(name, *look(session))
    except (TaskCoreError, OSError) as error:
        return Finding(name, Verdict.FAULT, str(error))


def _python(_: Session) -> tuple[Verdict, str]:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        return Verdict.FAULT, f"{found}; 3.11 is the oldest that works"
    return Verdict.OK, f"{found}, taskcore {__version__}"


def _extras(_: Session) -> tuple[Verdict, str]:
    there = [name for name, module in EXTRAS.items() if find_spec(module) is not None]
    missing = [name for name in EXTRAS if name not in there]
    return Verdict.OK, f"installed: {', '.join(there)}" + (f"; not: {', '.join(missing)}" if missing else "")


def _dependencies(_: Session) -> tuple[Verdict, str]:
    """What pip's metadata promises of the core: broken by hand-made environments."""
    missing = list(_absent(requires("taskcore") or []))
    if missing:
        return Verdict.FAULT, f"missing: {', '.join(missing)}"
    return Verdict.OK, "complete"


def _absent(requirements: list[str]) -> Iterator[str]:
    for line in requirements:
        if "extra ==" in line:
            continue
        name = line.split(";")[0].split(">")[0].split("=")[0].split("[")[0].strip()
        try:
            version(name)
        except PackageNotFoundError:
            yield name


def _settings(session: Session) -> tuple[Verdict, str]:
    given = sum(source != "default" for source in session.resolved.sources.values())
    told = f"{given} given, the rest are defaults"
    if session.resolved.lacks_secret:
        return Verdict.WARNING, f"{told}; no secret: this store cannot be served from here"
    return Verdict.OK, told


def _store(session: Session) -> tuple[Verdict, str]:
    core, run = session.open(check=False)
    run(core.store.secret())
    return Verdict.OK, shown(session.resolved.settings.store)


def _schema(session: Session) -> tuple[Verdict, str]:
    core, run = session.open(check=False)
    run(core.store.check())
    return Verdict.OK, "up to date"


def _mail(session: Session) -> tuple[Verdict, str]:
    url = session.resolved.settings.mail
    mailer = build(resolve(MAILERS, url), url, "mail", blocking=True)
    return Verdict.OK, shown(url) + ("" if mailer.reaches_people else ": it reaches nobody but the log")


def _blobs(session: Session) -> tuple[Verdict, str]:
    """Looked for what is not there: whether it could be read, not whether it could be written."""
    url = session.resolved.settings.blobs
    blobs: Blobs = build(resolve(BLOBS, url), url, "blobs", blocking=True)
    with runner(suspends=True) as run, suppress(NotFound):
        run(blobs.get("doctor"))
    return Verdict.OK, shown(url)


def _users(session: Session) -> tuple[Verdict, str]:
    active = [user for user in session.core.users.list() if user.active]
    if not active:
        return Verdict.WARNING, "nobody yet: taskcore user add EMAIL --name NAME --admin"
    if not any(user.is_admin for user in active):
        return Verdict.WARNING, f"{len(active)} active, none of them instance admin"
    return Verdict.OK, f"{len(active)} active"


def _jobs(session: Session) -> tuple[Verdict, str]:
    """What failed for good, and what nobody takes though its time has come."""
    rows = session.core.store.rows()
    now = session.read(session.core.store.now()) or datetime.now(UTC)
    dead = session.read(rows.find(Job, state=JobState.DEAD, limit=MOST_DEAD + 1))
    found = [
        *([f"{_at_most(dead)} dead: taskcore job dead"] if dead else []),
        *(
            f"{each.kind} waits {_since(each.due_at, now)}: is there a taskcore worker?"
            for each in session.read(rows.find(Job, due=now - LATE, limit=1))
        ),
        *(
            f"a webhook's post waits {_since(each.next_attempt_at, now)}: is there a taskcore worker?"
            for each in session.read(rows.find(Delivery, due=now - LATE, limit=1))
        ),
    ]
    return (Verdict.WARNING, "; ".join(found)) if found else (Verdict.OK, "none is dead, none waits too long")


def _at_most(dead: Sequence[object]) -> str:
    return str(len(dead)) if len(dead) <= MOST_DEAD else f"more than {MOST_DEAD}"


def _since(instant: datetime, now: datetime) -> str:
    minutes = int((now - instant).total_seconds() // 60)
    hours = minutes // 60
    return f"for {hours // 24} d" if hours >= 48 else f"for {hours} h" if hours >= 2 else f"for {minutes} min"


def _clock(session: Session) -> tuple[Verdict, str]:
    now = datetime.now(UTC)
    latest = max((user.created_at for user in session.core.users.list()), default=BUILT_AFTER)
    if now < max(latest, BUILT_AFTER) - timedelta(minutes=5):
        return Verdict.FAULT, f"{now:%Y-%m-%d %H:%M} UTC lies before what is in the store: the clock is slow"
    return Verdict.OK, f"{now:%Y-%m-%d %H:%M} UTC"


def _disk(session: Session) -> tuple[Verdict, str]:
    store = urlsplit(session.resolved.settings.store)
    if store.scheme != "sqlite":
        return Verdict.OK, "kept elsewhere"
    folder = Path(store.path.removeprefix("/") if not store.path.startswith("//") else store.path[1:])
    place = next((each for each in (folder, *folder.absolute().parents) if each.exists()), Path())
    free = shutil.disk_usage(place).free
    told = f"{free / 2**30:.1f} GiB free"
    return (Verdict.OK if free >= LEAST_FREE_BYTES else Verdict.WARNING), told


LOOKS: dict[str, Look] = {
    "python": _python,
    "dependencies": _dependencies,
    "extras": _extras,
    "settings": _settings,
    "store": _store,
    "schema": _schema,
    "mail": _mail,
    "blobs": _blobs,
    "users": _users,
    "jobs": _jobs,
    "clock": _clock,
    "disk": _disk,
}
