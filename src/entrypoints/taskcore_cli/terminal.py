"""What may reach a terminal: text without power over it, and lines on stderr."""

from __future__ import annotations

import re
import sys

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Characters that steer a terminal, or turn the direction of what follows."""


def printable(text: str) -> str:
    """`text` without power over the terminal that shows it."""
    return _UNPRINTABLE.sub(lambda found: " " if found[0] in "\n\t" else f"\\u{ord(found[0]):04x}", text)


def tell(message: str) -> None:
    """One line on stderr, whatever is in it."""
    sys.stderr.write(f"taskcore: {printable(' '.join(message.split()))}\n")
