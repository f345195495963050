"""Running the HTTP door, which is found by its name: no door imports another."""

from __future__ import annotations

import gc
import os
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from taskcore.errors import TaskCoreError, Unavailable

if TYPE_CHECKING:
    from taskcore_app.settings import Settings

APP = "taskcore_http:create_app"
JSON_LINES = "taskcore_app.log_lines.JsonLines"
SECONDS_TO_FINISH = 25
"""What running requests have after SIGTERM: less than the 30 s that Kubernetes gives before it kills."""
NEEDED = ("uvicorn", "websockets", "litestar", "msgspec", "joserfc", "dependency_injector")


def require_http() -> None:
    """Raise, naming the extra to install, unless the service can be imported."""
    missing = next((name for name in NEEDED if find_spec(name) is None), None)
    if missing is not None:
        raise TaskCoreError(
            f"serving needs {missing}, which is not installed: pip install 'taskcore[http]'",
            code="missing_extra",
        )


def listening(host: str, port: int) -> socket.socket:
    """A socket on that address; port 0 takes any free one. Raises: Unavailable."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise Unavailable(f"cannot listen on {host}:{port}: {error.strerror}") from error
    bound.set_inheritable(True)
    return bound


def url_of(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def hand_on(flags: Mapping[str, str]) -> None:
    """Flags as environment: the service resolves its settings by itself, in each of its processes."""
    os.environ |= {f"TASKCORE_{name.upper()}": value for name, value in flags.items()}


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM, with which supervisors and containers end a service, ends it as Ctrl-C does.

    uvicorn shuts down in order at either, and then raises the signal anew for whoever handled it before: by
    default that would end the process as if killed, with 143.
    """

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _logging(level: str, form: str) -> dict[str, Any]:
    """uvicorn's own, beside which it tells what taskcore logs, mail to `log://` among it, and others' warnings."""
    from uvicorn.config import LOGGING_CONFIG  # noqa: PLC0415  an extra of its own

    ours = {"handlers": ["default"], "level": level.upper(), "propagate": False}
    formatters = {name: {"()": JSON_LINES} for name in ("default", "access")}
    return {
        **LOGGING_CONFIG,
        **({"formatters": formatters} if form == "json" else {}),
        "root": {"handlers": ["default"], "level": "WARNING"},
        "loggers": {**LOGGING_CONFIG["loggers"], "taskcore": ours},
    }


def _as_the_service_wants() -> dict[str, Any]:
    """What the HTTP door, found by name, wants a server to do."""
    options: dict[str, Any] = import_module("taskcore_http.server").options()
    return options


def serve(settings: Settings, bound: socket.socket, *, reload: bool = False) -> None:
    """Answer until told to stop; Ctrl-C is a good end, and so is SIGTERM within `ended_by_sigterm`."""
    import uvicorn  # noqa: PLC0415  an extra of its own

    gc.enable()
    options: dict[str, Any] = {
        "factory": True,
        "log_config": _logging(settings.log_level, settings.log_format),
        "log_level": settings.log_level,
        "access_log": settings.log_level == "debug",
        "timeout_graceful_shutdown": SECONDS_TO_FINISH,
        **_as_the_service_wants(),
    }
    try:
        if reload or settings.workers > 1:
            uvicorn.run(APP, fd=bound.fileno(), workers=settings.workers, reload=reload, **options)
            return
        server = uvicorn.Server(uvicorn.Config(APP, **options))
        server.run(sockets=[bound])
    except KeyboardInterrupt:
        return
    finally:
        bound.close()
    if not server.started:
        raise Unavailable("the service did not start")
