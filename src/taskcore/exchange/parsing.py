"""Our own format read record by record, however large: bytes in, records and refusals out."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from taskcore.exchange.records import FORMAT, READABLE, SECTIONS, Record
from taskcore.tasks.incoming import Refusal

MOST_CHARACTERS = 16_000_000
"""Of one thing; the largest there is, a task's description in full, has far fewer."""
PIECE = 1 << 16


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object has a member twice")
    return members


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_constant)


def records_in_lines(lines: Iterable[bytes]) -> Iterator[Record | Refusal]:
    """NDJSON: a line that cannot be read costs that line."""
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            if not text:
                continue
            value = _DECODER.decode(text)
        except UnicodeDecodeError:
            yield Refusal(number, "is not UTF-8")
        except (ValueError, RecursionError) as error:
            yield Refusal(number, f"is not JSON: {why(error)}")
        else:
            yield from _record(number, value)


def _record(line: int, value: Any) -> Iterator[Record | Refusal]:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str) or "data" not in value:
        yield Refusal(line, 'must be an object such as {"type": "task", "data": {…}}')
        return
    unknown = ", ".join(name[:40] for name in value if name not in ("type", "data"))
    if unknown:
        yield Refusal(line, f"beside type and data it has {unknown}, which was left out")
    if value["type"] == FORMAT:
        version = value["data"].get("version") if isinstance(value["data"], dict) else None
        refusal = _unreadable(line, version)
        if refusal is not None:
            yield refusal
            return
    yield Record(value["type"], value["data"], line)


def _unreadable(line: int, version: object) -> Refusal | None:
    if isinstance(version, int) and version in READABLE:
        return None
    return Refusal(
        line,
        f"is of version {version!r:.20}; read are {', '.join(map(str, READABLE))}: take a newer taskcore",
    )


def why(error: Exception) -> str:
    """Beyond faults of grammar there are numbers too long and objects too deep for Python."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, column {error.colno}"
    return "nested too deep" if isinstance(error, RecursionError) else str(error)


def records_in_document(lines: Iterable[bytes]) -> Iterator[Record | Refusal]:
    """One JSON document, an element of a list at a time. Behind a fault nothing can be told apart."""
    source = _Source(lines)
    try:
        yield from _members_of(source)
    except UnicodeDecodeError:
        yield Refusal(source.line, "is not UTF-8, and nothing behind it was read")
    except (ValueError, RecursionError) as error:
        yield Refusal(source.line, f"is not JSON, and nothing behind it was read: {why(error)}")


def _members_of(source: _Source) -> Iterator[Record | Refusal]:
    source.expect("{")
    seen: set[str] = set()
    while source.next() != "}":
        if seen:
            source.expect(",")
        name = source.value()
        source.expect(":")
        if not isinstance(name, str) or name in seen:
            raise ValueError("an object has a member twice" if name in seen else "a name must be a text")
        seen.add(name)
        line = source.line
        if name in SECTIONS and source.next() == "[":
            yield from _elements(source, SECTIONS[name])
        elif name == FORMAT:
            version = source.value()
            refusal = _unreadable(line, version)
            if refusal is not None:
                yield refusal
                return
            yield Record(FORMAT, {"version": version}, line)
        elif name == "with":
            yield Record("with", source.value(), line)
        elif name == "team":
            yield Record("team", source.value(), line)
        else:
            source.value()
            yield Refusal(line, f"{name[:40]!r} is no part of an export; it was left out")
    source.expect("}")
    if source.next():
        raise ValueError("something follows the document")
    if FORMAT not in seen:
        yield Refusal(1, f"is no export of taskcore: it has no {FORMAT}")


def _elements(source: _Source, kind: str) -> Iterator[Record]:
    source.expect("[")
    first = True
    while source.next() != "]":
        if not first:
            source.expect(",")
            source.next()
        first, line = False, source.line
        yield Record(kind, source.value(), line)
    source.expect("]")


_BLANK = re.compile(r"[ \t\r\n]*")


class _Source:
    """JSON text that is read piece by piece; holds no more than a value at a time."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._place = 0
        self._more = True
        self.line = 1

    def _read(self) -> bool:
        """Take in more, at least as much as there is: a long value is tried again a few times only."""
        wanted = max(PIECE, len(self._text) - self._place)
        taken, parts = 0, [self._text[self._place :]]
        while self._more and taken < wanted:
            piece = next(self._pieces, None)
            self._more = piece is not None
            parts.append(self._decoder.decode(piece or b"", final=piece is None))
            taken += len(parts[-1])
        self._text, self._place = "".join(parts), 0
        if len(self._text) > MOST_CHARACTERS:
            raise ValueError("one value is too long")
        return taken > 0

    def next(self) -> str:
        """The next character that is not blank; "" at the end."""
        while True:
            found = _BLANK.match(self._text, self._place)
            end = found.end() if found else self._place
            self.line += self._text.count("\n", self._place, end)
            self._place = end
            if end < len(self._text):
                return self._text[end]
            if not self._read():
                return ""

    def expect(self, character: str) -> None:
        found = self.next()
        if found != character:
            raise ValueError(f"{character!r} was expected, not {found or 'the end'!r}")
        self._place += 1

    def value(self) -> Any:
        """The next value whole."""
        self.next()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._place)
            except json.JSONDecodeError:
                if not self._read():
                    raise
                continue
            if end == len(self._text) and self._read():  # a number may go on
                continue
            self.line += self._text.count("\n", self._place, end)
            self._place = end
            return value
