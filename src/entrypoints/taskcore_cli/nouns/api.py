"""`taskcore api`: a request as it is, to the server that commands work through."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from taskcore.errors import invalid
from taskcore_cli import names
from taskcore_cli.failures import exit_code
from taskcore_cli.grammar import single
from taskcore_cli.session import Session
from taskcore_cli.terminal import tell

app = single()
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@app.command()
def api(
    ctx: typer.Context,
    method: Annotated[str, typer.Argument(metavar="METHOD", help=", ".join(METHODS) + ".")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="As /v1/tasks?team=PLAT.")],
    data: Annotated[str | None, typer.Option(metavar="JSON", help="The body; - reads it from stdin.")] = None,
    header: Annotated[
        list[str] | None, typer.Option(metavar="NAME:VALUE", help="A header field; may be repeated.")
    ] = None,
) -> int:
    """
    Send a request as it is, signed in as every command is, and print the body that comes back.

    The exit code is that of a command with such an error. A change is sent with an Idempotency-Key,
    unless you give one.
    """
    from taskcore_cli.remote.problems import error_of  # noqa: PLC0415  `--help` needs no core

    session: Session = ctx.obj
    method = method.upper()
    if method not in METHODS:
        raise invalid("method", f"must be one of {', '.join(METHODS)}, not {method!r}")
    if not path.startswith("/") or path.startswith("//"):
        raise invalid("path", "must begin with one /, such as /v1/tasks")
    headers = dict(_field(each) for each in header or ())
    content = _content(data)
    if content is not None and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = "application/json"
    reply = session.door.send(method, path, None, content, headers)
    _print(reply.body)
    if reply.status < 400:
        return 0
    error = error_of(reply.status, reply.body)
    tell(f"{reply.status}: {error.message}")
    return exit_code(error)


def _field(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip().isascii() or not value.isprintable():
        raise invalid("header", f"must be NAME:VALUE, not {text!r}")
    return name.strip(), value.strip()


def _content(data: str | None) -> bytes | None:
    if data is None:
        return None
    return sys.stdin.buffer.read() if data == names.STDIN else data.encode()


def _print(body: bytes) -> None:
    """As it came; on a terminal JSON is indented, and has no power over it."""
    if not body:
        return
    if sys.stdout.isatty():
        try:
            text = json.dumps(json.loads(body), indent=2)
        except ValueError:
            text = ascii(body.decode(errors="replace"))
        sys.stdout.write(text + "\n")
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(body if body.endswith(b"\n") else body + b"\n")
    sys.stdout.buffer.flush()
