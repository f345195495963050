"""
Writes `src/taskcore/blocking.pyi`, the types of the blocking door, from the async one's classes:
`python -m tools.blocking_stub`.

Each `async def` becomes a `def` with the same parameters, so that nobody keeps twins in step; a
test fails when the file is stale.
"""

from __future__ import annotations

import ast
import builtins
import subprocess
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache
from inspect import Parameter, Signature, getsource, isasyncgenfunction, isfunction, signature, unwrap
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs

from taskcore import blocking
from taskcore.core import TaskCore
from taskcore.mirror import MIRRORED

STUB = Path(blocking.__file__).with_suffix(".pyi")
HEADER = """# Written by `python -m tools.blocking_stub` from the async classes. Do not edit.

from contextlib import contextmanager
from typing import type_check_only

from taskcore.mirror import Mirror as Mirror, Run as Run, runner as runner
"""


class Code(str):
    """Text that a signature shows as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


@attrs.frozen
class Stub:
    """Lines, and the names they use, each with the module whose text they are from."""

    lines: list[str] = attrs.field(factory=list)
    used: set[tuple[str, str]] = attrs.field(factory=set)

    def add_class(self, mirrored: object) -> None:
        kind = type(mirrored)
        self.lines.append(f"class {kind.__name__}:")
        for name, value in _public(vars(mirrored)):
            self.lines.append(f"    {name}: {self._attribute(kind, name, value)}")
        for name, function in _public(vars(kind)):
            if isfunction(function) and not isasyncgenfunction(unwrap(function)):
                self.lines.append(f"    def {name}{self._signature(function)}: ...")

    def _attribute(self, kind: type, name: str, value: object) -> str:
        if isinstance(value, MIRRORED):
            return type(value).__name__
        return self._code(kind.__annotations__[name], kind.__module__)

    def add_door(self, function: Callable[..., Any]) -> None:
        rest = str(self._signature(function)).removeprefix("(")
        start = f"def {function.__name__}(  # noqa: A001  the library's word"
        self.lines.extend(("@contextmanager", start, f"{rest}: ..."))

    def _signature(self, function: Callable[..., Any]) -> Signature:
        whole, home = signature(function), function.__module__
        parameters = [self._parameter(each, home) for each in whole.parameters.values()]
        result = self._code(whole.return_annotation, home)
        return whole.replace(parameters=parameters, return_annotation=result)

    def _parameter(self, given: Parameter, home: str) -> Parameter:
        if given.annotation is given.empty:  # self
            return given
        default = given.default if given.default is given.empty else _default(given.default)
        return given.replace(annotation=self._code(given.annotation, home), default=default)

    def _code(self, annotation: str, home: str) -> Code:
        names = {node.id for node in ast.walk(ast.parse(annotation)) if isinstance(node, ast.Name)}
        self.used.update((home, name) for name in names if not hasattr(builtins, name))
        return Code(annotation)


def _public(namespace: Any) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in namespace.items() if not name.startswith("_"))


def _default(value: object) -> Code:
    plain = value is None or (isinstance(value, str | int) and not isinstance(value, Enum))
    return Code(repr(value) if plain else "...")


def rendered() -> str:
    """The stub: the nouns, those who offer them, and the door."""
    nothing: Any = None
    core = TaskCore(
        store=nothing, hasher=nothing, clock=nothing, ids=nothing, new_token=nothing, mail=nothing
    )
    acting = core.acting_as(UUID(int=0))
    offered = [*_public(vars(acting)), *_public(vars(core))]
    nouns = [value for _, value in offered if isinstance(value, MIRRORED)]
    stub = Stub()
    for noun in nouns:
        stub.lines.append("@type_check_only")
        stub.add_class(noun)
    stub.add_class(acting)
    stub.add_class(core)
    stub.add_door(blocking.open)
    own = {type(each).__name__ for each in (*nouns, acting, core)}
    imports = {f"from {_home(*use)} import {use[1]}\n" for use in stub.used if use[1] not in own}
    return _tidy(HEADER + "".join(sorted(imports)) + "\n".join(stub.lines) + "\n")


@cache
def _imported(module: str) -> dict[str, str]:
    tree = ast.parse(getsource(sys.modules[module]))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


def _home(module: str, name: str) -> str:
    """Where `name`, as the module uses it, is defined."""
    return _imported(module).get(name, module)


def _tidy(source: str) -> str:
    """The source as the formatter wants it, its imports sorted."""
    for command in (["check", "--quiet", "--fix", "--select=I"], ["format", "--quiet"]):
        ruff = [sys.executable, "-m", "ruff", *command, f"--stdin-filename={STUB}", "-"]
        source = subprocess.run(ruff, input=source, capture_output=True, check=True, text=True).stdout  # noqa: S603
    return source


if __name__ == "__main__":
    STUB.write_text(rendered(), encoding="utf-8")
