"""Compact JWS, read strictly: nothing that another reader might take for a second spelling, or a second meaning."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NoReturn

import attrs

from taskcore.errors import Unauthenticated


@attrs.frozen(slots=True)
class Compact:
    """A token taken apart. Nobody has yet seen whether the signature is genuine."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    """What the signature is over."""
    signature: bytes


def read(token: str, most_characters: int) -> Compact:
    """A token taken apart, or `Unauthenticated`."""
    if len(token) > most_characters:
        raise refused()
    try:
        header, payload, signature = token.split(".")
        return Compact(
            json_object(_decoded(header)),
            json_object(_decoded(payload)),
            f"{header}.{payload}".encode("ascii"),
            _decoded(signature),
        )
    except ValueError as error:
        raise refused() from error


def refused() -> Unauthenticated:
    """One answer for every fault: a forger learns nothing from it."""
    return Unauthenticated("the access token is not valid")


def json_object(data: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8 that names no member twice, at any depth. Raises: ValueError."""
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_no_number
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004  what is wrong is the text, as with every other fault
    return value


def _decoded(segment: str) -> bytes:
    """Base64 in its only spelling: a lenient decoder would give one signature several."""
    data = urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if urlsafe_b64encode(data).decode("ascii").rstrip("=") != segment:
        raise ValueError("another spelling of the same bytes")
    return data


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is given twice")
    return members


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
