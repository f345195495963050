"""Where scenes are played: a store with the library on it, and one with a service in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import httpx

from taskcore.connect import HASHERS, STORES, resolve
from taskcore.core import TaskCore
from taskcore.errors import Forbidden, NotFound, TaskCoreError, Unauthenticated
from taskcore.identity.model import AuditEntry
from taskcore.mirror import Run, run_unsuspended, runner
from taskcore.permissions import Actor
from taskcore.system import new_token, system_clock
from taskcore.testing.receiving import Receiver
from taskcore.testing.world import Mailbox
from taskcore.values import AuditId
from taskcore_app.container import Container
from taskcore_app.settings import Settings
from taskcore_app.tokens import AccessTokens
from taskcore_http import from_settings
from tests.entry.http.conftest import CHEAP, serving
from tests.security.scene import PASSWORD, Scene, State, audited, new_id, now, scene, state_of, write
from tests.security.ways import DONE, FORBIDDEN, HIDDEN, SIGNED_OUT, Http, Outcome, Way

STATUSES = {401: SIGNED_OUT, 403: FORBIDDEN, 404: HIDDEN}


@attrs.frozen
class Attempt:
    """What came of one."""

    outcome: Outcome
    code: str = ""
    action: str = ""
    """The right that was missing."""
    answer: Any = None


@attrs.frozen
class Stage:
    """A store, and the library on it."""

    core: TaskCore
    run: Run
    password_hash: str

    def set(
        self,
        caller: str,
        way: Way | None = None,
        *,
        suspended: bool = False,
        scopes: tuple[str, ...] | None = None,
        only: str | None = None,
    ) -> Scene:
        """A scene of its own for `caller`, as `way` wants it; with an API token for `scopes`, perhaps good in
        the team `only`."""
        told = scene(
            caller,
            self.password_hash,
            suspended=suspended or (way is not None and way.suspended),
            ownerless=way is not None and way.ownerless,
        )
        told.core = self.core
        if scopes is not None:
            told.give_token(scopes, only)
        written: Scene = self.run(write(self.core.store, told))
        return written

    def state(self, told: Scene) -> State:
        state: State = self.run(state_of(self.core.store.rows(), told))
        return state

    def audited(self, told: Scene) -> dict[AuditId, AuditEntry]:
        entries: dict[AuditId, AuditEntry] = self.run(audited(self.core.store.rows(), told))
        return entries

    def attempt(self, told: Scene, way: Way, actor: Actor | None = None) -> Attempt:
        """What comes of it through the library."""
        assert way.library is not None
        try:
            answer = self.run(_awaited(way.library(self.core.acting_as(actor or told.actor), told)))
        except (Unauthenticated, Forbidden, NotFound) as refused:
            return Attempt(_outcome(refused), refused.code, str(refused.data.get("action", "")), refused)
        return Attempt(DONE, answer=answer)


def said(value: Any, names: dict[str, str]) -> Any:
    """`value` with each `{name}` in its texts replaced."""
    if isinstance(value, str):
        return value.format_map(names)
    if isinstance(value, dict):
        return {name: said(each, names) for name, each in value.items()}
    return [said(each, names) for each in value] if isinstance(value, list | tuple) else value


async def _awaited(attempt: Any) -> Any:
    return await attempt


def _outcome(refused: TaskCoreError) -> Outcome:
    families = {Unauthenticated: SIGNED_OUT, Forbidden: FORBIDDEN, NotFound: HIDDEN}
    return families[type(refused)]


@attrs.frozen
class Service(Stage):
    """A stage with a service in front of the store, over a real socket."""

    http: httpx.Client
    tokens: AccessTokens

    def bearer(self, told: Scene) -> str:
        """The access token of the caller's session."""
        return self.tokens.issue(told.me.id, told.things["session"].id, now())

    def send(self, told: Scene, wanted: Http, bearer: str | None = None, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {bearer or self.bearer(told)}", **more.pop("headers", {})}
        if wanted.form is not None:
            file, *fields = ((name, said(text, told.names)) for name, text in wanted.form.items())
            more |= {"files": {"file": ("file", file[1])}, "data": dict(fields)}
        if wanted.body is not None:
            more.setdefault("json", said(wanted.body, told.names))
        path = said(wanted.path, told.names)
        if wanted.stream:
            return self._begun(wanted.method, path, headers | {"accept": "text/event-stream"})
        return self.http.request(wanted.method, path, headers=headers, **more)

    def _begun(self, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
        """An answer that goes on, once it has begun."""
        with self.http.stream(method, path, headers=headers) as answer:
            if method != "HEAD" and answer.is_success:
                next(answer.iter_lines())
            else:
                answer.read()
            return answer

    def ask(self, told: Scene, wanted: Http, bearer: str | None = None) -> Attempt:
        """What comes of it through the service."""
        answer = self.send(told, wanted, bearer)
        if answer.is_success:
            return Attempt(DONE, answer=answer)
        assert answer.status_code in STATUSES, answer.text
        problem = answer.json()
        return Attempt(STATUSES[answer.status_code], problem["code"], problem.get("action", ""), answer)


@contextmanager
def library_stage(url: str) -> Iterator[Stage]:
    core = TaskCore(
        store=adapter(STORES, url)(url, blocking=True),
        hasher=adapter(HASHERS, CHEAP)(CHEAP, blocking=True),
        clock=system_clock,
        ids=new_id,
        new_token=new_token,
        mail=Mailbox(),
        poster=Receiver,
    )
    with runner(suspends=core.store.suspends) as run:
        run(core.store.check())
        yield Stage(core, run, password_hash())
        run(core.close())


@cache
def adapter(group: str, url: str) -> Callable[..., Any]:
    """Looked up once: a lookup takes longer than a scene."""
    return resolve(group, url)


@cache
def password_hash() -> str:
    """What is kept of everybody's password."""
    return str(run_unsuspended(adapter(HASHERS, CHEAP)(CHEAP, blocking=True).hash(PASSWORD)))


@contextmanager
def service_stage(settings: Settings) -> Iterator[Service]:
    with (
        serving(from_settings(settings)) as address,
        library_stage(settings.store) as stage,
        httpx.Client(base_url=address, timeout=30) as http,
    ):
        tokens = Container(settings=settings).tokens()
        yield Service(stage.core, stage.run, stage.password_hash, http, tokens)


def sqlite_in(folder: Path) -> str:
    return f"sqlite:///{folder}/tasks.db"
