"""A picture as its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    """Fails where it is no well-formed XML."""
    return ET.fromstring(svg)  # noqa: S314  # of our own making, which is what is tested


def tags(svg: str) -> list[str]:
    return [each.tag for each in parsed(svg).iter()]


def styled(svg: str, *names: str) -> list[ET.Element]:
    """The elements with all of these classes."""
    return [each for each in parsed(svg).iter() if set(names) <= set(each.get("class", "").split())]


def texts(svg: str) -> list[str]:
    """What is written in the picture."""
    return ["".join(each.itertext()) for each in parsed(svg).iter(f"{SVG}text")]


def tooltips(svg: str) -> list[str]:
    return ["".join(each.itertext()) for each in parsed(svg).iter(f"{SVG}title")][1:]


def numbers(path: str) -> Iterator[float]:
    return map(float, re.findall(r"-?\d+(?:\.\d+)?", path))
