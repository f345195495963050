"""
Texts to be found, whatever their case, and the words in them.

A text is *marked* to be looked in: folded, and each run of letters and digits between two marks. What is
looked for is marked alike, and then is in the one exactly where it is in the other; and whether it is a whole
word there, the start of one or a part, is told by its outer marks. So no store needs an alphabet of its own.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

import attrs

MAX_TERMS = 32
"""How many words and phrases a `text` may have."""
STARTS, ENDS, APART = "\x02", "\x03", "\x04"
"""Before and behind a word; and between two texts that are kept as one."""
_NO_MARKS = str.maketrans(dict.fromkeys((STARTS, ENDS, APART), " "))
_ASCII_WORD = re.compile("[a-z0-9]+")
_ASKED = re.compile(r'(?<!\S)"([^"]*[^"\s][^"]*)"(?!\S)|\S+')


def asked_for(text: str) -> tuple[str, ...]:
    """The words that a `text` asks for, folded, each once; words in double quotes are one."""
    found = (match[1] or match[0] for match in _ASKED.finditer(text))
    return tuple(dict.fromkeys(each.casefold() for each in found))


@lru_cache(maxsize=4096)
def _of_word(character: str) -> bool:
    """Whether it is a letter, a digit or an accent on one."""
    return character.isalnum() or unicodedata.category(character).startswith("M")


def marked(text: str) -> str:
    """The text to be looked in."""
    folded = text.casefold().translate(_NO_MARKS)
    if folded.isascii():
        return _ASCII_WORD.sub(rf"{STARTS}\g<0>{ENDS}", folded)
    runs = ((is_word, "".join(run)) for is_word, run in groupby(folded, _of_word))
    return "".join(f"{STARTS}{run}{ENDS}" if is_word else run for is_word, run in runs)


@attrs.frozen(slots=True)
class Sought:
    """A text to be found in marked ones: as whole words, from a word's start on, or anywhere. Whatever
    holds the first holds the second, and what holds that the third."""

    whole: str
    start: str
    part: str

    @property
    def plain(self) -> str:
        """Without marks."""
        return self.part.replace(STARTS, "").replace(ENDS, "")

    def quality(self, text: str) -> int:
        """How it is in a marked text: 3 as whole words, 2 from a word's start on, 1 otherwise; 0, if it is not."""
        if self.part not in text:
            return 0
        return 3 if self.whole in text else 2 if self.start in text else 1


@lru_cache(maxsize=1024)
def sought(text: str) -> Sought:
    """What to look for to find a text."""
    whole = marked(text)
    start = whole.removesuffix(ENDS)
    return Sought(whole, start, start.removeprefix(STARTS))
