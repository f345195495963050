"""The shape of the house: where things stand, how big they are, what they are called."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"
MODULES = sorted(SRC.rglob("*.py"))
MOST_LINES = 400
SAYS_NOTHING = {
    "base",
    "common",
    "helper",
    "helpers",
    "impl",
    "manager",
    "misc",
    "service",
    "shared",
    "util",
    "utils",
}
EMPTY_CLASS_NAME = re.compile(r"^Base[A-Z]|(Manager|Service|Helper|Impl)$")


def test_there_is_something_to_look_at() -> None:
    assert MODULES


@pytest.mark.parametrize("folder", ["adapters", "entrypoints"])
def test_a_folder_of_packages_is_not_a_package(folder: str) -> None:
    assert not (SRC / folder / "__init__.py").exists()


@pytest.mark.parametrize("folder", ["adapters", "entrypoints"])
def test_a_package_that_installs_at_the_top_carries_our_prefix(folder: str) -> None:
    names = {path.name for path in (SRC / folder).iterdir() if any(path.glob("*.py"))}
    strangers = {name for name in names if not name.startswith("taskcore_")}

    assert strangers == set()


def test_a_module_can_be_read_in_one_sitting() -> None:
    written = (path for path in MODULES if not path.read_text().startswith('"""Rendered from'))
    sizes = {where(path): len(path.read_text().splitlines()) for path in written}
    long = {path: lines for path, lines in sizes.items() if lines > MOST_LINES}

    assert long == {}


def test_a_file_is_named_for_what_it_holds() -> None:
    names = {where(path): re.split(r"[/_.]", where(path)) for path in MODULES}
    vague = {path for path, words in names.items() if SAYS_NOTHING.intersection(words)}

    assert vague == set()


def test_a_class_is_named_for_what_it_is() -> None:
    classes = {
        f"{where(path)}: {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and EMPTY_CLASS_NAME.search(node.name)
    }

    assert classes == set()


def where(path: Path) -> str:
    return path.relative_to(SRC).as_posix()
