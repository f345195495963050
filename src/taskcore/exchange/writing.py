"""Records, and rows of a table, as the text of a file: part by part, so that none is held whole."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from taskcore.exchange.records import FORMAT, SECTIONS, VERSION, Record
from taskcore.exchange.table import COLUMNS, Row, guarded

T_contra = TypeVar("T_contra", contravariant=True)
_SECTION_OF = {kind: section for section, kind in SECTIONS.items()}
_json = json.JSONEncoder(ensure_ascii=False).encode


class Writer(Protocol[T_contra]):
    """What makes the text of a file of pages."""

    def write(self, items: Sequence[T_contra]) -> str:
        """The text of some more."""

    def end(self) -> str:
        """What closes it."""


class _Once:
    """Lets each person pass once."""

    def __init__(self) -> None:
        self._met: set[Any] = set()

    def __call__(self, each: Record) -> bool:
        if each.type != "person":
            return True
        known = each.data["id"] in self._met
        self._met.add(each.data["id"])
        return not known


class Lines:
    """NDJSON: a record a line."""

    def __init__(self) -> None:
        self._once = _Once()

    def write(self, items: Sequence[Record]) -> str:
        return "".join(
            f'{{"type": "{each.type}", "data": {_json(each.data)}}}\n' for each in filter(self._once, items)
        )

    def end(self) -> str:
        return ""


class Document:
    """One JSON document: the team, and a list for each type; each thing on a line of its own."""

    def __init__(self) -> None:
        self._once = _Once()
        self._left = list(SECTIONS)
        self._open: str | None = None

    def write(self, items: Sequence[Record]) -> str:
        return "".join(map(self._written, filter(self._once, items)))

    def _written(self, each: Record) -> str:
        if each.type == FORMAT:
            return f'{{"{FORMAT}": {VERSION}, "with": {_json(each.data["with"])}'
        if each.type == "team":
            return f', "team": {_json(each.data)}'
        section = _SECTION_OF[each.type]
        if section == self._open:
            return f",\n{_json(each.data)}"
        return f"{self._begun(section)}\n{_json(each.data)}"

    def _begun(self, section: str | None) -> str:
        """The end of the list that is open, those that are empty, and the beginning of `section`."""
        text = "" if self._open is None else "\n]"
        while self._left:
            self._open = self._left.pop(0)
            text += f', "{self._open}": ['
            if self._open == section:
                return text
            text += "]"
        return text

    def end(self) -> str:
        return f"{self._begun(None)}}}\n"


class Table:
    """CSV: a task a row, behind a row of names."""

    def __init__(self) -> None:
        self._named = False

    def write(self, items: Sequence[Row]) -> str:
        out = io.StringIO()
        rows = csv.writer(out, lineterminator="\r\n")
        if not self._named:
            rows.writerow(COLUMNS)
            self._named = True
        rows.writerows([guarded(row[name]) for name in COLUMNS] for row in items)
        return out.getvalue()

    def end(self) -> str:
        return self.write([])


WRITERS: dict[str, Callable[[], Writer[Any]]] = {"json": Document, "ndjson": Lines, "csv": Table}
"""By format."""
