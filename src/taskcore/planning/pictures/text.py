"""Texts of strangers in markup: what may stand there, how wide it is, and where it is cut."""

from __future__ import annotations

import re
from unicodedata import category, east_asian_width

_UNFIT = re.compile(
    r"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""What XML 1.0 has no place for, controls, and marks that turn the direction of what stands beside them."""
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})
ELLIPSIS = "…"

_THOUSANDTHS = {
    191: "'", 222: "ijl", 260: "|", 278: " !,./:;I[\\]ft", 333: "()-`r", 334: "{}", 355: '"', 389: "*", 469: "^",
    500: "Jckszvxy", 556: "#$?0123456789Labdeghnopqu_", 584: "<=>+~", 611: "FTZ", 667: "&ABEKPSVXY",
    722: "CDHNRUw", 778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1015: "@",
}  # fmt: skip
"""Of an em, in Helvetica."""
_WIDEST_FACE = 1.13
"""Other faces that a system has for its own texts are wider, DejaVu Sans the widest in use."""
_BOLD = 1.12


class _Widths(dict[str, float]):
    """Of characters, in ems; those not met before are looked up."""

    def __missing__(self, character: str) -> float:
        if category(character) in ("Mn", "Me", "Cf"):
            em = 0.0
        else:
            em = 1.1 if east_asian_width(character) in "WF" else 0.7
        self[character] = em
        return em


_widths = _Widths({each: em / 1000 * _WIDEST_FACE for em, all_ in _THOUSANDTHS.items() for each in all_})


def clean(text: str) -> str:
    """A text on lines, of characters that XML can hold; nothing in it works on the rest of the line."""
    return _UNFIT.sub("", text)


def line(text: str) -> str:
    """As `clean`, on one line, without a space too many."""
    return " ".join(clean(text).split())


def escaped(text: str) -> str:
    """A clean text as content or in an attribute."""
    return text.translate(_ESCAPES)


def width(text: str, size: float, *, bold: bool = False) -> float:
    """An upper estimate in pixels, of a text set in `size`: there is no font here to ask."""
    return sum(map(_widths.__getitem__, text)) * size * (_BOLD if bold else 1)


def cut(text: str, most: float, size: float, *, bold: bool = False) -> str:
    """As much of a text as goes into `most` pixels, with an ellipsis where that is not all.

    An accent takes no room, and so stays with its letter.
    """
    text = text[: 4 * int(most) + 4]
    if width(text, size, bold=bold) <= most:
        return text
    room = most / size / (_BOLD if bold else 1) - _widths[ELLIPSIS]
    end = 0
    for end, character in enumerate(text):  # noqa: B007  # where it stopped is the answer
        room -= _widths[character]
        if room < 0:
            break
    return f"{text[:end].rstrip()}{ELLIPSIS}" if end else ""
