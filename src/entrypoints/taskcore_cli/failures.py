"""From an error to one line and an exit code, in one place."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import attrs
import click

from taskcore.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    RateLimited,
    TaskCoreError,
    Unauthenticated,
    Unavailable,
)
from taskcore_cli.session import Session
from taskcore_cli.terminal import tell

ERROR, USAGE, PARTLY, INTERRUPTED = 1, 2, 6, 130
FAMILIES: tuple[tuple[type[TaskCoreError], int], ...] = (
    (Invalid, USAGE),
    (NotFound, 3),
    (Forbidden, 4),
    (Unauthenticated, 4),
    (Conflict, 5),
    (PreconditionFailed, 5),
    (RateLimited, 7),
    (Unavailable, 7),
)
_UNWRITABLE = (errno.ENOSPC, errno.EIO, errno.EFBIG)


@attrs.define
class Outcome:
    """The exit code, once it is known."""

    code: int = ERROR


def exit_code(error: TaskCoreError) -> int:
    if error.code == "missing_extra":
        return ERROR
    return next((code for family, code in FAMILIES if isinstance(error, family)), ERROR)


@contextmanager
def guarded(session: Session) -> Iterator[Outcome]:
    """Whatever goes wrong within is told in one line, and made an exit code; `--debug` shows where from."""
    outcome = Outcome()
    try:
        yield outcome
        sys.stdout.flush()  # here, where it can be told, and not by the interpreter as it ends
    except click.exceptions.Exit as leaving:
        outcome.code = leaving.exit_code
    except click.ClickException as error:
        _show_trace(session)
        outcome.code = _usage(error)
    except (KeyboardInterrupt, click.Abort):
        tell("interrupted")
        outcome.code = INTERRUPTED
    except TaskCoreError as error:
        _show_trace(session)
        tell(error.message)
        outcome.code = exit_code(error)
    except BrokenPipeError:
        close_quietly()
        outcome.code = ERROR
    except OSError as error:
        _show_trace(session)
        if error.errno in _UNWRITABLE and error.filename is None:
            tell(f"cannot write: {error.strerror}")
            close_quietly()
        else:
            tell(str(error))
        outcome.code = ERROR
    except Exception as error:  # noqa: BLE001  the last to catch it; --debug tells the rest
        _show_trace(session)
        more = "" if session.debug else " (--debug shows where)"
        tell(f"{type(error).__name__}: {error}{more}")
        outcome.code = ERROR


def _show_trace(session: Session) -> None:
    if session.debug:
        import traceback  # noqa: PLC0415

        traceback.print_exc()


def _usage(error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.ctx.get_help(), err=True)
        return USAGE
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    tell(error.format_message() + ("" if ctx is None else f" See {ctx.command_path} --help."))
    return error.exit_code


def close_quietly() -> None:
    """Nobody takes our output: Python would complain of it once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
