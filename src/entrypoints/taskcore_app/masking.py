"""Showing a setting without giving it away."""

from __future__ import annotations

import re
from collections.abc import Mapping

MASK = "***"
SCHEME_ENDS = r"(?:://|%3A%2F%2F|%3A//)"
USERINFO = re.compile(rf"({SCHEME_ENDS}).*(@|%40)", re.IGNORECASE | re.DOTALL)
SECRET_PARAMETER = re.compile(
    r"((?:[?&;]|%3F|%26)[^=&;%]*(?:password|secret|token|key)[^=&;%]*(?:=|%3D))(?:(?!%26)[^&;#])*",
    re.IGNORECASE,
)


def shown(value: object) -> str:
    """A setting's value as a person reads it, the user and password of every URL in it masked.

    That is all between the first scheme and the last `@`, a URL inside the URL included: too much at times,
    never too little, for people forget to quote what a password holds.
    """
    if isinstance(value, tuple):
        return ",".join(map(shown, value))
    if isinstance(value, Mapping):
        return ",".join(f"{name}={shown(each)}" for name, each in value.items())
    return SECRET_PARAMETER.sub(rf"\1{MASK}", USERINFO.sub(rf"\1{MASK}\2", str(value)))
