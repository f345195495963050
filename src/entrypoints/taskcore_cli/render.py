"""
Printing: JSON for programs, rows for people.

JSON is that of HTTP, field for field. Rows go through rich on a terminal only; what is not a
terminal gets the same columns, aligned by spaces, uncut.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TextIO

import attrs

from taskcore.events import plain
from taskcore_cli.session import Mode, Session
from taskcore_cli.terminal import printable

Columns = Mapping[str, Callable[[Any], object]]
"""What people see of a thing: heading → value."""

_IN_JSON = re.compile(r"[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def show_page(session: Session, page: Any, columns: Columns) -> None:
    """A page of things: `{items, next_cursor}`, or a row each."""
    if session.mode is Mode.JSON:
        _write_json({"items": plain(page.items), "next_cursor": page.next_cursor})
        return
    _show_rows(session, page.items, columns)
    if page.next_cursor is not None:
        sys.stderr.write(f"taskcore: there is more: --cursor {page.next_cursor}\n")


def show_all(session: Session, things: Sequence[Any], columns: Columns) -> None:
    """Things that come without pages, in the shape of one."""
    if session.mode is Mode.JSON:
        _write_json({"items": plain(things), "next_cursor": None})
        return
    _show_rows(session, things, columns)


def show_one(session: Session, thing: Any, columns: Columns, *, heading: bool = True) -> None:
    """One thing: its JSON object, or a row; `heading` names the columns."""
    if session.mode is Mode.JSON:
        _write_json(plain(thing))
    else:
        _show_rows(session, [thing], columns, heading=heading)


def show_fields(session: Session, thing: Any, columns: Columns, *, below: str = "") -> None:
    """One thing at length: its JSON object, or a line a field and then text `below`."""
    if session.mode is not None:
        show_one(session, thing, columns)
        return
    rows = [(name, value) for name, value in _row(thing, columns).items() if value]
    width = max((len(name) for name, _ in rows), default=0)
    sys.stdout.writelines(f"{name.ljust(width)}  {value}\n" for name, value in rows)
    if below:
        sys.stdout.write("\n" + "\n".join(map(printable, below.splitlines())) + "\n")


def show_more(
    session: Session, things: Sequence[Any], columns: Columns, widths: Mapping[str, int], *, first: bool
) -> None:
    """Some things of a list that has no end yet: rows of `widths` on a terminal, else lines of JSON, unless something
    else was asked for. The `first` come with headings."""
    if session.mode is Mode.QUIET:
        _show_rows(session, things, columns)
    elif session.mode is Mode.CSV:
        _write_csv([plain(thing) for thing in things], heading=first)
    elif session.mode is None and sys.stdout.isatty():
        rows = [_row(thing, columns) for thing in things]
        for row in [{name: name.upper() for name in columns}, *rows] if first else rows:
            cells = [row[name].ljust(widths.get(name, 0)) for name in columns]
            sys.stdout.write("  ".join(cells).rstrip() + "\n")
    else:
        for thing in things:
            write_line(plain(thing))


def without_hash(thing: Any) -> dict[str, Any]:
    """A thing without the hash of its token, which is nobody's business."""
    names = (field.name for field in attrs.fields(type(thing)) if field.name != "token_hash")
    return {name: getattr(thing, name) for name in names}


def write_line(value: object) -> None:
    """A JSON object on a line of its own."""
    sys.stdout.write(
        _safe(json.dumps(value, ensure_ascii=not _utf8(sys.stdout), separators=(",", ":"))) + "\n"
    )


def _show_rows(session: Session, things: Sequence[Any], columns: Columns, *, heading: bool = True) -> None:
    if session.mode is Mode.QUIET:
        sys.stdout.writelines(f"{_id_of(thing)}\n" for thing in things)
    elif session.mode is Mode.NDJSON:
        for thing in things:
            write_line(plain(thing))
    elif session.mode is Mode.CSV:
        _write_csv([plain(thing) for thing in things])
    else:
        _write_table([_row(thing, columns) for thing in things], list(columns), heading=heading)


def _id_of(thing: Any) -> object:
    if isinstance(thing, Mapping):
        return thing.get("id", "")
    for name in ("id", "task_id", "user_id", "predecessor_id", "name", "team_id", "day", "unread", "marked"):
        if hasattr(thing, name):
            return getattr(thing, name)
    return ""


def _row(thing: Any, columns: Columns) -> dict[str, str]:
    values = {name: read(thing) for name, read in columns.items()}
    return {name: "" if value is None else printable(_word(value)) for name, value in values.items()}


def _word(value: object) -> str:
    value = plain(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else ""
    return str(value)


def _write_json(value: object) -> None:
    indent = 2 if sys.stdout.isatty() else None
    sys.stdout.write(_safe(json.dumps(value, ensure_ascii=not _utf8(sys.stdout), indent=indent)) + "\n")


def _safe(text: str) -> str:
    """JSON may hold these characters as they are; a terminal that shows it may not."""
    return (
        text
        if text.isascii() and "\x7f" not in text
        else _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    )


def _utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "") == "utf8"


def _write_csv(objects: Sequence[Mapping[str, Any]], *, heading: bool = True) -> None:
    """The values as they are, for a program to read; a terminal alone gets them without power over it."""
    if not objects:
        return
    import csv  # noqa: PLC0415  one mode of five

    writer = csv.writer(sys.stdout, lineterminator="\n")
    if heading:
        writer.writerow(objects[0])
    steers = sys.stdout.isatty()
    for each in objects:
        cells = [_cell(value) for value in each.values()]
        writer.writerow([printable(cell) if steers and isinstance(cell, str) else cell for cell in cells])


def _cell(value: object) -> object:
    if isinstance(value, list):
        return (
            ",".join(map(str, value))
            if not any(isinstance(item, dict | list) for item in value)
            else json.dumps(value)
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict) else value


def _write_table(rows: Sequence[Mapping[str, str]], names: Iterable[str], *, heading: bool) -> None:
    shown = [name for name in names if any(row[name] for row in rows)]
    if not rows:
        return
    if sys.stdout.isatty():
        _write_rich(rows, shown, heading=heading)
        return
    widths = {name: max(len(name) if heading else 0, *(len(row[name]) for row in rows)) for name in shown}
    lines = [{name: name.upper() for name in shown}, *rows] if heading else rows
    for line in lines:
        sys.stdout.write("  ".join(line[name].ljust(widths[name]) for name in shown).rstrip() + "\n")


def _write_rich(rows: Sequence[Mapping[str, str]], names: Sequence[str], *, heading: bool) -> None:
    from rich.cells import cell_len  # noqa: PLC0415  only a terminal pays for it
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console()
    table = Table(box=None, pad_edge=False, show_header=heading, header_style="bold")
    widest = {name: max(cell_len(name), *(cell_len(row[name]) for row in rows)) for name in names}
    widths = _fitting(widest, console.width)
    for name, width in widths.items():
        overflow: Literal["fold", "ellipsis"] = "fold" if name == "title" else "ellipsis"
        table.add_column(name.upper(), overflow=overflow, no_wrap=name != "title", width=width)
    for row in rows:
        table.add_row(*(Text(row[name], style=_STYLES.get(row[name], "")) for name in names))
    console.width = max(console.width, _abreast(widths))
    console.print(table)


def _fitting(widths: Mapping[str, int], room: int) -> dict[str, int]:
    """Widths with which columns stand side by side in `room`: the widest gives way first. An id never does,
    for one that is cut names nothing; so the terminal may have to wrap."""
    fitting = {name: min(width, room) if name != "id" else width for name, width in widths.items()}
    yielding = [name for name in fitting if name != "id"]
    while _abreast(fitting) > room and any(fitting[name] > _LEAST for name in yielding):
        fitting[max(yielding, key=fitting.__getitem__)] -= 1
    return fitting


def _abreast(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + _GAP * (len(widths) - 1)


_GAP, _LEAST = 2, 6
"""Between two columns, and of one that gives way."""
_STYLES = {
    "urgent": "bold red",
    "high": "red",
    "in_progress": "cyan",
    "done": "green",
    "cancelled": "dim",
    "overdue": "red",
    "blocked": "yellow",
    "ok": "green",
    "warning": "yellow",
    "fault": "bold red",
}
