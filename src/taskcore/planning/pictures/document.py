"""What every picture begins and ends with."""

from __future__ import annotations

from taskcore.planning.pictures.style import Theme, stylesheet
from taskcore.planning.pictures.text import cut, escaped, line, width

MARGIN = 20
TOP = 72
"""Where the content begins, below the titles."""
_NARROWEST, _WIDEST = 320, 8000
_SIZE = 12


def bounded(wide: int) -> int:
    """A picture's width within what can be drawn."""
    return min(max(wide, _NARROWEST), _WIDEST)


def document(
    wide: int, high: int, theme: Theme, title: str, told: str, content: str, *, name: str = "plan"
) -> str:
    """An SVG document; `told` is what stands for it where it is not seen. No two on one page have the same `name`."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" '
        f'role="img" aria-labelledby="{name}-title {name}-told"><title id="{name}-title">{escaped(line(title))}</title>'
        f'<desc id="{name}-told">{escaped(line(told))}</desc><style>{stylesheet(theme)}</style>'
        f'<rect class="page" width="{wide}" height="{high}" rx="10"/>{content}</svg>\n'
    )


def titles(title: str, below: str, inner: float) -> str:
    return (
        f'<text class="heading" x="{MARGIN}" y="36">{escaped(cut(line(title), inner, 18, bold=True))}</text>'
        f'<text class="soft" x="{MARGIN}" y="57">{escaped(cut(line(below), inner, _SIZE))}</text>'
    )


def wrapped(text: str, wide: float, *, bold: bool = False) -> list[str]:
    """A text on lines of that width; a word that is too long for one is cut."""
    found = [""]
    for word in line(text).split():
        longer = f"{found[-1]} {word}".strip()
        if width(longer, _SIZE, bold=bold) <= wide:
            found[-1] = longer
        else:
            found.append(cut(word, wide, _SIZE, bold=bold))
    return [each for each in found if each]


def nothing(inner: int, said: str) -> tuple[str, int]:
    """A blank sheet with a few words on it, and its height."""
    middle = inner / 2
    drawn = (
        f'<rect class="head" width="{inner}" height="168" rx="6"/>'
        f'<rect class="frame" x=".5" y=".5" width="{inner - 1}" height="167" rx="6"/>'
        f'<g transform="translate({middle - 46:.0f},34)"><rect class="body" width="40" height="13" rx="4"/>'
        '<rect class="body" x="24" y="21" width="44" height="13" rx="4"/>'
        '<path class="milestone" d="M78,48l7,-7l7,7l-7,7z"/></g>'
        f'<text class="strong mid" x="{middle:.0f}" y="118">Nothing to plan</text>'
        f'<text class="soft mid" x="{middle:.0f}" y="139">{escaped(cut(line(said), inner - 20, _SIZE))}</text>'
    )
    return drawn, 168
