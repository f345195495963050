"""A file that comes with a form: taken off the wire piece by piece, and kept on disk once it is large."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import IO

import attrs
from litestar.exceptions import HTTPException
from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from taskcore.errors import Fault, Invalid, Malformed
from taskcore_http.strict import Unsupported
from taskcore_http.wire import Call

FILE = "file"
IN_MEMORY = 1 << 20
MOST_IN_FIELD = 1000
"""Bytes of a field that is no file."""
MOST_FIELDS = 20


@attrs.define
class Form:
    """What came: a file, and fields by name."""

    file: IO[bytes] = attrs.field(factory=lambda: SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115  closed by its user
    fields: dict[str, str] = attrs.field(factory=dict)
    has_file: bool = False


async def form(request: Call, *names: str) -> Form:
    """
    The multipart form with a file and perhaps fields of these names.

    Raises: Malformed, TooSlow, Unsupported; Invalid, with every fault; 413 beyond the limit of files.
    """
    parser = _parser(request)
    found, faults = Form(), []
    try:
        current = _Part(found)
        async for piece in request.pieces():
            for event in parser.parse(piece):
                if isinstance(event, MultipartSegment):
                    current = _Part(found, event.name or "")
                    faults += current.begin(names, is_file=event.filename is not None)
                elif event is not None:
                    current.take(bytes(event))
                else:
                    current.end()
        parser.close()
    except ParserLimitReached as error:
        found.file.close()
        raise HTTPException(status_code=413) from error
    except (MultipartError, UnicodeDecodeError) as error:
        found.file.close()
        raise Malformed(f"the body is no multipart form: {error}") from error
    except BaseException:
        found.file.close()
        raise
    if not found.has_file:
        faults.append(Fault(FILE, "is missing: the file to import"))
    if faults:
        found.file.close()
        raise Invalid(faults=faults)
    found.file.seek(0)
    return found


def _parser(request: Call) -> PushMultipartParser:
    kind, options = parse_options_header(request.field(b"content-type"))
    if kind.lower() != "multipart/form-data":
        raise Unsupported("the body must be multipart/form-data")
    if request.field(b"content-encoding").strip().lower() not in ("", "identity"):
        raise Unsupported("the body must come without a Content-Encoding")
    boundary = options.get("boundary", "")
    if not boundary or len(boundary) > 70 or not boundary.isascii():
        raise Malformed("the body is no multipart form: its Content-Type names no boundary")
    return PushMultipartParser(
        boundary,
        max_segment_size=request.instance.settings.import_limit,
        max_segment_count=MOST_FIELDS,
        strict=True,
    )


@attrs.define
class _Part:
    """One part of a form as it comes."""

    found: Form
    name: str = ""
    is_file: bool = False
    ignored: bool = True
    value: bytes = b""

    def begin(self, names: tuple[str, ...], *, is_file: bool) -> list[Fault]:
        """What is wrong with its being there."""
        self.is_file = self.name == FILE
        if self.name not in (FILE, *names):
            return [Fault(self.name[:80], f"is no field here; there are {', '.join((FILE, *names))}")]
        if self.name in self.found.fields or (self.is_file and self.found.has_file):
            return [Fault(self.name, "is given twice")]
        if is_file and not self.is_file:
            return [Fault(self.name, "must be a text, not a file")]
        self.ignored = False
        self.found.has_file |= self.is_file
        return []

    def take(self, piece: bytes) -> None:
        if self.ignored:
            return
        if self.is_file:
            self.found.file.write(piece)
        else:
            self.value += piece
            if len(self.value) > MOST_IN_FIELD:
                raise Malformed(f"the field {self.name} is too long")

    def end(self) -> None:
        if not self.ignored and not self.is_file:
            self.found.fields[self.name] = self.value.decode()
