"""CSV files read row by row, whatever a spreadsheet or another program made of them."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence

from taskcore.tasks.incoming import Refusal

MOST_IN_CELL = 1_000_000
Sheet = dict[str, str]
"""A row by the names of its columns."""
Cells = list[tuple[str, str]]
"""A row as pairs, where a name can stand for several columns."""


def sheet(lines: Iterable[bytes], *, needs: Sequence[str]) -> Iterator[tuple[int, Sheet | Refusal]]:
    """As `cells`; of columns with one name the last that is not empty counts."""
    for place, row in cells(lines, needs=needs):
        if isinstance(row, Refusal):
            yield place, row
        else:
            found: Sheet = {}
            for name, value in row:
                found[name] = value or found.get(name, "")
            yield place, found


def cells(lines: Iterable[bytes], *, needs: Sequence[str]) -> Iterator[tuple[int, Cells | Refusal]]:
    """Each row with the line that it ends in; a row that cannot be read is refused, and the rest goes on
    where it can be told. `needs` are columns without which it is another kind of file."""
    csv.field_size_limit(MOST_IN_CELL)
    reader = csv.reader(_texts(lines), strict=True)
    names: list[str] | None = None
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError:
            yield (
                reader.line_num + 1,
                Refusal(reader.line_num + 1, "is not UTF-8; nothing behind it was read"),
            )
            return
        except csv.Error as error:
            yield reader.line_num, Refusal(reader.line_num, f"is not CSV: {error}")
            continue
        if names is None:
            names = [name.strip() for name in row]
            missing = [name for name in needs if name not in names]
            if missing:
                yield 1, Refusal(1, f"has no column {', '.join(missing)}: it is another kind of file")
                return
        elif any(cell.strip() for cell in row):
            yield reader.line_num, _row(names, row, reader.line_num)


def _row(names: list[str], row: list[str], line: int) -> Cells | Refusal:
    if len(row) > len(names) and any(row[len(names) :]):
        return Refusal(line, f"has {len(row)} cells, for {len(names)} columns")
    return list(zip(names, row, strict=False))


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    for line in lines:
        yield decoder.decode(line)
