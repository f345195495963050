"""
A report as a document: what stands in it and in which order, and nothing of how it looks.

Every text is a text, whoever wrote it, and whatever stands in it; a renderer makes it harmless where it puts it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import attrs

from taskcore.planning.pictures.style import Theme


@attrs.frozen(slots=True)
class Fact:
    """A figure, and what it is of."""

    value: str
    about: str
    alarming: bool = False


@attrs.frozen(slots=True)
class Facts:
    items: tuple[Fact, ...]


@attrs.frozen(slots=True)
class Paragraph:
    text: str


@attrs.frozen(slots=True)
class Table:
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widest: int = 1
    """The place of the column that takes what room is left."""


@attrs.frozen(slots=True)
class Picture:
    """An SVG document, and the same in words."""

    draw: Callable[[Theme], str]
    told: str


Block = Facts | Paragraph | Table | Picture


@attrs.frozen(slots=True)
class Section:
    title: str
    blocks: tuple[Block, ...]


@attrs.frozen(slots=True)
class Document:
    title: str
    subtitle: str
    made_at: datetime
    sections: tuple[Section, ...]
