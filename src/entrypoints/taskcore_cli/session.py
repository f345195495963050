"""One run of the command: what was asked for before the noun, and what is opened for it, when it is needed."""

from __future__ import annotations

import os
import sys
from collections import Counter
from contextlib import ExitStack
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from taskcore.errors import Invalid, Unauthenticated

if TYPE_CHECKING:
    from taskcore.values import Clock
    from taskcore_app.settings import Resolved, Settings
    from taskcore_cli.contexts import Contexts
    from taskcore_cli.directory import Directory
    from taskcore_cli.place import Place
    from taskcore_cli.rehearsal import Rehearsal
    from taskcore_cli.remote.door import Door


NOBODY = "log://"
"""Where mail goes that is only tried."""
WITHIN = "memory://"
"""The bus that tells no other process."""
MOST_TOLD = 50
"""Things of which a dry run tells what would become of them."""


class Mode(StrEnum):
    """What is printed, unless it is for people."""

    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    QUIET = "quiet"


class Session:
    """Handed to every command as `ctx.obj`; a context manager that closes what was opened."""

    origin = "command line"
    """From where it acts, as the audit has it."""

    def __init__(self) -> None:
        self.flags: dict[str, str] = {}
        self.acting: str | None = None
        self.context: str | None = None
        self.key: str | None = None
        """Under which this run may be the repetition of another."""
        self.here = False
        """Whether the noun is about this machine, whatever server is set."""
        self.mode: Mode | None = None
        self.debug = False
        self.dry_run = False
        self.yes = False
        self.rehearsal: Rehearsal | None = None
        self.would: Counter[str] = Counter()
        """What a dry run would write, besides what the rehearsal saw: as words, and how often."""
        self._opened = ExitStack()

    @cached_property
    def resolved(self) -> Resolved:
        """The settings, and where each came from. Raises: Invalid, with every fault."""
        from taskcore_app.settings import load_settings  # noqa: PLC0415  `--help` needs no settings

        return load_settings(self.flags, os.environ, Path.cwd())

    def settings_to_serve(self) -> Settings:
        """The settings, complete for signing tokens. Raises: Invalid; of a store that nothing here can open
        that is told first."""
        from taskcore.connect import STORES, resolve  # noqa: PLC0415  only serving signs
        from taskcore_app.settings import load_settings  # noqa: PLC0415

        resolve(STORES, self.resolved.settings.store)
        return load_settings(self.flags, os.environ, Path.cwd(), signs=True).settings

    @cached_property
    def contexts(self) -> Contexts:
        """The servers that are known by name."""
        from taskcore_cli.contexts import Contexts  # noqa: PLC0415  a store needs none
        from taskcore_cli.place import contexts_file  # noqa: PLC0415

        return Contexts(contexts_file())

    @cached_property
    def place(self) -> Place | None:
        """The service to work through; None for a store. Raises: Invalid, NotFound."""
        from taskcore_cli.place import chosen  # noqa: PLC0415  `--help` asks for no place

        return None if self.here else chosen(self.resolved, self.context, self.contexts)

    @cached_property
    def door(self) -> Door:
        """What is at the place. Raises: Invalid, where that is a store."""
        if self.place is None:
            raise Invalid("say which server, with --server URL, or choose one with taskcore context use")
        from taskcore_cli.remote.opening import opened  # noqa: PLC0415  a store needs no client

        return self._opened.enter_context(opened(self.place, self.contexts))

    @cached_property
    def _open(self) -> tuple[Any, Any]:
        return self.open(check=True)

    @property
    def core(self) -> Any:
        """The task engine on the store, without `await`; opened when it is first asked for."""
        return self._open[0]

    def read(self, coroutine: Any) -> Any:
        """The result of a coroutine of the store's."""
        return self._open[1](coroutine)

    def open(self, *, check: bool, clock: Clock | None = None) -> tuple[Any, Any]:
        """The engine on the store, and what runs coroutines there; `check` that its schema is ours."""
        from taskcore.connect import assemble  # noqa: PLC0415  `--help` needs no core
        from taskcore.mirror import Mirror, runner  # noqa: PLC0415
        from taskcore.system import system_clock  # noqa: PLC0415
        from taskcore_cli.logs import told  # noqa: PLC0415

        if self.place is not None:
            raise Invalid(
                f"this works on a local store only, and {self.place.said} says {self.place.server}: "
                "name a store with --store URL"
            )
        settings = self.resolved.settings
        self.resolved.make_data_folder(os.environ)
        self._opened.enter_context(told(self._least_told))
        core = assemble(
            settings.store,
            hasher_url=settings.hasher,
            mail_url=NOBODY if self.dry_run else settings.mail,
            solver_url=settings.solver,
            # Without an event loop, as on SQLite, nothing gets through a bus: its library need not be loaded.
            bus_url=WITHIN if settings.is_embedded else settings.bus,
            queue_url=None if settings.is_embedded else settings.jobs,
            blobs_url=settings.blobs,
            webhook_networks=settings.webhook_networks,
            signup=settings.signup,
            public_url=settings.public_url,
            blocking=True,
            clock=clock or system_clock,
            wrap=self._wrapped,
        )
        run = self._opened.enter_context(runner(suspends=core.store.suspends))
        self._opened.callback(lambda: run(core.close()))
        self._opened.callback(lambda: run(core.deliver_mail()))
        if check:
            run(core.store.check())
        return Mirror(core, run), run

    @property
    def _least_told(self) -> str:
        """What went wrong, unless a level was asked for: mail that goes to the log would tell again what a
        command has printed, and to whoever reads its stderr."""
        asked = self.resolved.sources["log_level"] != "default"
        return self.resolved.settings.log_level if asked else "warning"

    def rehearse(self, *, elsewhere: bool) -> None:
        """Undo whatever is done from now on; `elsewhere` says that a service can. Raises: Invalid, where
        that cannot be."""
        if self.place is not None and not elsewhere:
            raise Invalid("--dry-run works on a local store only: a server undoes nothing that it did")
        self.dry_run = True

    def _wrapped(self, store: Any) -> Any:
        if not self.dry_run:
            return store
        from taskcore_cli.rehearsal import Rehearsal  # noqa: PLC0415

        self.rehearsal = Rehearsal(store)
        return self.rehearsal

    @cached_property
    def me(self) -> Any:
        """The use cases with the rights of whoever acts. Raises: Unauthenticated."""
        acting = (
            self._remote if self.place is not None else self.core.acting_as(self._actor(), origin=self.origin)
        )
        if self.key is None:
            return acting
        from taskcore_cli.keyed import Keyed  # noqa: PLC0415  few runs are repeated

        return Keyed(acting, self.key)

    @cached_property
    def _remote(self) -> Any:
        from taskcore_cli.remote.acting import RemoteActing  # noqa: PLC0415  as above

        if self.acting is not None:
            raise Invalid("--as says who acts on a local store; on a server the token does")
        return RemoteActing(self.door)

    @property
    def auth(self) -> Any:
        """What proves who one is."""
        return self.core.auth if self.place is None else self._remote.auth

    @cached_property
    def directory(self) -> Directory:
        """Who and what is behind a name or an id."""
        if self.place is not None:
            from taskcore_cli.remote.directory import ServiceDirectory  # noqa: PLC0415  as above

            return ServiceDirectory(self.me)
        from taskcore_cli.directory import StoreDirectory  # noqa: PLC0415  few commands look up

        return StoreDirectory(self.core, self.read)

    def _actor(self) -> Any:
        from taskcore.identity.model import User, folded_email  # noqa: PLC0415

        rows = self.core.store.rows()
        if self.acting is not None:
            users = self.read(rows.find(User, email=folded_email(self.acting)))
            if not users:
                raise Unauthenticated(f"--as {self.acting}: this store has no such user")
            return users[0].id
        active = self.read(rows.find(User, disabled_at=None, limit=2))
        if len(active) == 1:
            return active[0].id
        if active:
            raise Unauthenticated(
                "say who acts, with --as EMAIL before the noun: this store has several users"
            )
        raise Unauthenticated("nobody can act on this store yet: taskcore user add EMAIL --name NAME --admin")

    def confirm(self, question: str) -> None:
        """Return if whoever types means it. Raises: Invalid, where nobody can be asked."""
        if self.yes or self.dry_run:
            return
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise Invalid(f"{question} There is no terminal to ask at: say --yes")
        sys.stderr.write(f"{question} [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise Invalid("nothing was done")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()
        if self.dry_run and error is None:
            seen = self.rehearsal.would if self.rehearsal is not None else Counter[str]()
            would = ", ".join(f"{count} {what}" for what, count in (seen + self.would).items()) or "nothing"
            lines = [line for line in self.rehearsal.lines if line] if self.rehearsal is not None else []
            more = len(lines) - MOST_TOLD
            told = [*lines[:MOST_TOLD], f"… and {more} more"] if more > 0 else lines
            sys.stderr.write(f"taskcore: dry run, nothing was changed; it would be: {would}\n")
            sys.stderr.writelines(f"  {line}\n" for line in told)
