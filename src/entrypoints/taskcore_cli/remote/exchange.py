"""A team's content out of a service, as it comes; and a file into one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from taskcore.tasks.imports import ImportReport
from taskcore_cli.remote.acting import understood
from taskcore_cli.remote.door import Door
from taskcore_cli.remote.request import segment

IN_MEMORY = 2**20
"""Bytes of a file on stdin that are not put on disk before it is sent."""


def exported(door: Door, team: str, form: str, *, deleted: bool, events: bool) -> Iterator[str]:
    """What the service writes, piece by piece. Raises: Unavailable, if it ends early."""
    query = {"format": form, "deleted": _word(deleted)}
    query |= {} if form == "csv" else {"events": _word(events)}
    return door.flow(f"/v1/teams/{segment('team', team)}/export", query)


def imported(door: Door, team: str, form: str, file: BinaryIO, *, dry_run: bool) -> Any:
    """The report, once all is in that can be."""
    path, fields = f"/v1/teams/{segment('team', team)}/imports", {"format": form, "dry_run": _word(dry_run)}
    if file.seekable():
        return understood(door.upload(path, fields, file), ImportReport)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as whole:
        while piece := file.read(IN_MEMORY):
            whole.write(piece)
        whole.seek(0)
        return understood(door.upload(path, fields, whole), ImportReport)


def _word(flag: bool) -> str:
    return "true" if flag else "false"
