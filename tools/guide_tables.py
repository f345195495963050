"""
Writes the tables of `docs/guides` from the code: `python -m tools.guide_tables`.

A table stands between `<!-- table: NAME -->` and `<!-- end of table -->`; a test fails when one is stale.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from inspect import isfunction
from pathlib import Path
from typing import Any
from uuid import UUID

from taskcore.caller import UseCases
from taskcore.core import TaskCore
from taskcore.errors import Conflict, Invalid, TaskCoreError
from taskcore.permissions import COLUMNS, TABLE
from taskcore_cli.failures import exit_code
from taskcore_http.errors import FAMILIES
from taskcore_http.problems import KINDS

GUIDES = Path(__file__).parents[1] / "docs" / "guides"
PAGES = tuple(GUIDES / name for name in ("errors.md", "library.md", "permissions.md"))
_TABLE = re.compile(r"(?<=<!-- table: )(\w+)( -->\n).*?(?=<!-- end of table -->)", re.DOTALL)
_FAMILIES = {
    family: status
    for family, status in FAMILIES.items()
    if family.__module__ == TaskCoreError.__module__ and family is not TaskCoreError
}
_NEVER_OVER_HTTP = [
    ("missing_extra", Invalid, "", "An adapter or a door is not installed; the message names the extra"),
    ("log_gap", Conflict, "", "Events are missing between what reports know and what comes next"),
]
_INSIDE = {"take_chunk", "tie_chunk"}
"""Steps of an import that `run` takes."""


def rows(heading: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    cells = [heading, ["---"] * len(heading), *lines]
    return "\n" + "".join(f"| {' | '.join(map(str, line))} |\n" for line in cells) + "\n"


def permissions() -> str:
    """The table of rights, a section a noun."""
    parts = [line.split(None, len(COLUMNS) + 1) for line in TABLE.strip().splitlines()]
    heading = ["action", *(name.replace("_", " ") for name in COLUMNS), "condition"]
    lines = [
        [f"`{action}`", *rest[: len(COLUMNS)], " ".join(rest[len(COLUMNS) :])] for action, *rest in parts
    ]
    return rows(heading, lines)


def families() -> str:
    lines = []
    for family, status in _FAMILIES.items():
        kin = family.__mro__[1]
        of = f" (an `{kin.__name__}`)" if kin is not TaskCoreError else ""
        lines.append([f"`{family.__name__}`{of}", status, exit_code(family("")), f"`{family.default_code}`"])
    return rows(["family", "HTTP status", "exit code", "its own code"], lines)


def codes() -> str:
    of_status = {status: family for family, status in _FAMILIES.items()}
    known = [(code, of_status.get(kind.status), kind.status, kind.title) for code, kind in KINDS.items()]
    lines = []
    for code, family, status, title in [*known, *_NEVER_OVER_HTTP]:
        name = f"`{family.__name__}`" if family else ""
        lines.append([f"`{code}`", name, status, exit_code(family("", code=code)) if family else "", title])
    return rows(["code", "family", "HTTP status", "exit code", "what it says"], lines)


def nouns() -> str:
    nothing: Any = None
    acting = TaskCore(
        store=nothing, hasher=nothing, clock=nothing, ids=nothing, new_token=nothing, mail=nothing
    ).acting_as(UUID(int=0))
    lines = []
    for noun, use_cases in vars(acting).items():
        if isinstance(use_cases, UseCases):
            verbs = [
                name for name, value in vars(type(use_cases)).items() if isfunction(value) and name[0] != "_"
            ]
            lines.append([f"`{noun}`", " ".join(f"`{verb}`" for verb in verbs if verb not in _INSIDE)])
    return rows(["noun", "verbs"], lines)


TABLES: dict[str, Callable[[], str]] = {
    "permissions": permissions,
    "families": families,
    "codes": codes,
    "nouns": nouns,
}


def rendered(page: Path) -> str:
    """The page with its tables as the code has them now."""
    return _TABLE.sub(
        lambda match: match[1] + match[2] + TABLES[match[1]](), page.read_text(encoding="utf-8")
    )


if __name__ == "__main__":
    for each in PAGES:
        each.write_text(rendered(each), encoding="utf-8")
