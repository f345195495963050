"""The texts of credentials: what they look like, how they are kept, and what follows from one."""

from __future__ import annotations

import hashlib
import hmac
import zlib

REFRESH, API, MAILED = "tcr_", "tca_", "tcm_"
"""Prefixes by which people and secret scanners know a token that was left lying about."""
_CHECKSUM = 8


def hashed(text: str) -> str:
    """How a token is kept. Tokens are random, so a plain SHA-256 cannot be guessed back."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def written(prefix: str, random: str) -> str:
    """A token's text: prefix, random part and checksum, so that a mistyped one need not be looked up."""
    return f"{prefix}{random}{_checksum(prefix + random)}"


def well_formed(text: str, prefix: str) -> bool:
    """Whether a text can be a token of that kind at all."""
    body, checksum = text[:-_CHECKSUM], text[-_CHECKSUM:]
    return text.startswith(prefix) and text.isascii() and checksum == _checksum(body)


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):0{_CHECKSUM}x}"


def successor(text: str, key: bytes) -> str:
    """
    The refresh token that follows a spent one: the same, whoever asks and how often.

    It is computed (HMAC-SHA-256, RFC 2104), not kept: a client whose answer got lost can be given it
    again, and the store has no token that it could lose.
    """
    return written(
        REFRESH, hmac.digest(key, b"refresh " + text.encode("utf-8", "surrogatepass"), "sha256").hex()
    )


def hint(text: str) -> str:
    """By which people tell their tokens apart."""
    return f"{text[:4]}…{text[-4:]}"
