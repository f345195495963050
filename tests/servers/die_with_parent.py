"""Become a command that dies with the process that started it.

    python die_with_parent.py PARENT_PID USER COMMAND [ARGUMENT...]

`subprocess` could do this in `preexec_fn`, but that runs Python between fork and exec, which is unsafe (and
warned about) once the parent has threads; pytest-xdist has. An empty USER keeps the present one.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent_pid: int, user: str, command: list[str]) -> None:
    if user:
        become(user)
    if sys.platform == "linux":
        # After the change of user, which would clear it. PostgreSQL takes SIGQUIT as "stop at once".
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)
        signal.signal(
            signal.SIGQUIT, signal.SIG_DFL
        )  # a shell's background jobs ignore it, and what they start
        if os.getppid() != parent_pid:  # it died before we asked to be told
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def become(user: str) -> None:
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
