"""Tables in the guides are written from the code, and every error's code is in one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import demo_flow
from tools.demo_plan import PICTURE
from tools.demo_plan import rendered as picture
from tools.guide_tables import GUIDES, PAGES, rendered

ROOT = Path(__file__).parents[2]
DECISION = ["## Context", "## Decision", "## Rejected", "## Consequences"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_guides_tables_are_the_codes(page: Path) -> None:
    assert page.read_text() == rendered(page), "run `python -m tools.guide_tables`"


def test_every_code_of_an_error_is_explained() -> None:
    told = set(re.findall(r"^\| `(\w+)` \|", (GUIDES / "errors.md").read_text(), re.MULTILINE))
    raised = {code for path in (ROOT / "src").rglob("*.py") for code in codes(path)}

    assert raised - told == set()


def codes(path: Path) -> Iterator[str]:
    """What a module gives as `code=…`, and as `default_code`."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.keyword(arg="code", value=ast.Constant(value=str(code))):
                yield code
            case ast.Assign(targets=[ast.Name(id="default_code")], value=ast.Constant(value=str(code))):
                yield code
            case ast.AnnAssign(target=ast.Name(id="default_code"), value=ast.Constant(value=str(code))):
                if code != "error":  # of the base, which is never raised
                    yield code


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "adr").glob("0*.md")), ids=lambda page: page.stem)
def test_a_decision_is_one_page_and_in_the_list(page: Path) -> None:
    lines = page.read_text().splitlines()

    assert page.name in (page.parent / "README.md").read_text()
    assert [line for line in lines if line.startswith("## ")] == DECISION
    assert len(lines) <= 60


def test_the_map_of_the_code_names_what_is_there() -> None:
    """A bare name in the table stands in the folder of the path before it."""
    table = (ROOT / "docs" / "why.md").read_text().partition("## Where is what")[2]
    cells = [line.split("|")[2] for line in table.splitlines() if line.startswith("| ") and "---" not in line]
    named = [path for cell in cells for path in paths(cell)]

    assert len(named) > len(cells)
    assert [path for path in named if not path.exists()] == []


def paths(cell: str) -> Iterator[Path]:
    folder = ROOT
    for name in re.findall(r"`([\w./]+)`", cell):
        path = ROOT / name if (ROOT / name).exists() or name.startswith(("src/", "tests/")) else folder / name
        yield path
        folder = path if path.is_dir() else path.parent


def test_the_picture_of_a_plan_is_what_the_demo_comes_to() -> None:
    assert PICTURE.read_text(encoding="utf-8") == picture(), "run `python -m tools.demo_plan`"


def test_the_picture_of_flow_is_what_the_demo_comes_to() -> None:
    kept = demo_flow.PICTURE.read_text(encoding="utf-8")

    assert kept == demo_flow.rendered(), "run `python -m tools.demo_flow`"
