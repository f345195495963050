"""What a client accepts, and which of it rather (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re

_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")
"""RFC 9110, section 12.4.2."""


def qualities(accept: str) -> dict[str, float]:
    """The weight of each media range of the field `Accept`: 1 where none is given, 0 where it is none."""
    return dict(_weighed(each) for each in accept.lower().split(",") if each.strip())


def _weighed(media_range: str) -> tuple[str, float]:
    name, *parameters = (each.strip() for each in media_range.split(";"))
    for each in parameters:
        if each.startswith("q="):
            weight = _WEIGHT.fullmatch(each)
            return name, float(weight[1]) if weight else 0.0
    return name, 1.0
