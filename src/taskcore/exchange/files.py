"""The formats of files that are read here, by name: what reads one, and which use case takes it in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import IO, Any, Literal

import attrs

from taskcore.errors import invalid
from taskcore.exchange.foreign import jira, todoist, trello
from taskcore.exchange.parsing import PIECE, records_in_document, records_in_lines
from taskcore.exchange.table import tasks_in
from taskcore.tasks import taskwarrior


@attrs.frozen(slots=True)
class Format:
    """How a kind of file is taken in."""

    takes: Literal["restores", "imports"]
    """The noun whose `run` takes what was read."""
    parse: Callable[[Iterable[bytes]], Iterator[Any]]
    lines: bool = True
    """Whether it is read line by line; else piece by piece, since it may be one line only."""

    def read(self, file: IO[bytes]) -> Iterator[Any]:
        """What is in a file, as far as it is asked for."""
        return self.parse(file if self.lines else iter(partial(file.read, PIECE), b""))


FORMATS: dict[str, Format] = {
    "json": Format("restores", records_in_document, lines=False),
    "ndjson": Format("restores", records_in_lines),
    "csv": Format("imports", tasks_in),
    "todoist": Format("imports", todoist.parse),
    "trello": Format("imports", trello.parse, lines=False),
    "jira": Format("imports", jira.parse),
    "taskwarrior": Format("imports", taskwarrior.parse),
}
EXPORTS = ("json", "ndjson", "csv")


def format_called(name: str) -> Format:
    """Raises: Invalid, for one that is not read here."""
    if name not in FORMATS:
        raise invalid("format", f"must be one of {', '.join(FORMATS)}, not {name!r:.60}")
    return FORMATS[name]
