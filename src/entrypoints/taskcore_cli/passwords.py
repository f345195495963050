"""Passwords: typed unseen on a terminal, or a line of stdin each; never an argument, which others on the
machine could read."""

from __future__ import annotations

import getpass
import sys

from taskcore.errors import Invalid


def new_password(*, from_stdin: bool) -> str:
    """A password to be; on a terminal asked for twice. Raises: Invalid."""
    password = _read("Password: ", from_stdin=from_stdin)
    if not from_stdin and getpass.getpass("Again: ") != password:
        raise Invalid("those were two different passwords")
    return password


def current_password(*, from_stdin: bool) -> str:
    """The password that whoever acts has now. Raises: Invalid."""
    return _read("Current password: ", from_stdin=from_stdin)


def _read(prompt: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    if not sys.stdin.isatty():
        raise Invalid("there is no terminal to ask for the password at: say --password-stdin")
    return getpass.getpass(prompt)
