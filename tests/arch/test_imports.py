"""Who may import whom: the contracts in pyproject.toml hold, and name every package there is."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
LINTER: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {each["id"]: each for each in LINTER["contracts"]}


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-logo"], cwd=ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_is_under_contract() -> None:
    homes = (SRC, SRC / "adapters", SRC / "entrypoints")
    packages = {path.parent.name for home in homes for path in home.glob("*/__init__.py")}

    assert set(LINTER["root_packages"]) == packages
    assert named_in_layers("layers") == packages


def test_every_adapter_is_closed_to_import_by_name() -> None:
    adapters = {path.parent.name for path in SRC.glob("adapters/*/__init__.py")}

    assert set(CONTRACTS["adapters-by-url"]["forbidden_modules"]) == adapters


def test_every_use_case_and_model_has_its_layer() -> None:
    core = ast.parse((SRC / "taskcore" / "core.py").read_text())
    imported = {node.module for node in ast.walk(core) if isinstance(node, ast.ImportFrom) and node.module}
    machinery = ("taskcore.live.", "taskcore.jobs.registry", "taskcore.jobs.runner")
    use_cases = {
        name
        for name in imported
        if name.count(".") == 2 and not name.endswith(".ports") and not name.startswith(machinery)
    }
    models = {f"taskcore.{path.parent.name}.model" for path in SRC.glob("taskcore/*/model.py")}
    above_and_between = {"taskcore.core", "taskcore.caller", "taskcore.permissions"}

    assert named_in_layers("inside-the-core") == above_and_between | use_cases | models


def test_importing_the_core_loads_nothing_but_attrs_and_the_standard_library() -> None:
    loaded = modules_after("from taskcore import *") - modules_after("pass")
    top_level = {name.partition(".")[0] for name in loaded}
    from_packages = top_level.intersection(packages_distributions()) - {"taskcore"}

    assert from_packages == {"attr", "attrs"}


def named_in_layers(contract: str) -> set[str]:
    lines: list[str] = CONTRACTS[contract]["layers"]
    return {name for line in lines for name in line.replace("|", " ").replace(":", " ").split()}


def modules_after(program: str) -> set[str]:
    """What a fresh interpreter has loaded when a program ends."""
    command = [sys.executable, "-P", "-c", f"{program}\nimport sys; print(*sys.modules)"]
    return set(subprocess.check_output(command, text=True).split())
