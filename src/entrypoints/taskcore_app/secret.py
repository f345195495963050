"""What a secret must be like to sign with."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import log2

LEAST_BYTES = 32
LEAST_BITS = 90
"""By Shannon's measure over the whole text; sixteen random bytes written in hex have 100 to 125."""
PLACEHOLDERS = (
    "changeme",
    "change-me",
    "change_me",
    "password",
    "secret",
    "example",
    "taskcore",
    "placeholder",
)
ADVICE = 'make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"'


def weakness(secret: str) -> str | None:
    """Why a secret can be guessed, if it looks so. Strength cannot be proved by looking; slips can be seen."""
    if not secret.isprintable():
        return "holds what is no printable text"
    if len(secret.encode()) < LEAST_BYTES:
        return f"is shorter than {LEAST_BYTES} bytes"
    if any(word in secret.lower() for word in PLACEHOLDERS):
        return "reads like a placeholder"
    if _bits(secret) < LEAST_BITS or secret in (secret + secret)[1:-1]:
        return "repeats itself"
    if _steps_of_one(secret) > len(secret) / 3:
        return "counts up or down"
    return None


def _bits(secret: str) -> float:
    return -sum(count * log2(count / len(secret)) for count in Counter(secret).values())


def _steps_of_one(secret: str) -> int:
    return sum(abs(ord(left) - ord(right)) == 1 for left, right in pairwise(secret))
