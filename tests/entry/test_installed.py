"""What the installed distribution promises, from an editable install and from the built wheel alike."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from importlib.metadata import EntryPoint, distribution
from importlib.resources import files

import pytest

import taskcore

DISTRIBUTION = distribution("taskcore")
PACKAGES = sorted({point.module.partition(".")[0] for point in DISTRIBUTION.entry_points} | {"taskcore"})


@pytest.mark.parametrize("point", DISTRIBUTION.entry_points, ids=lambda point: f"{point.group}:{point.name}")
def test_an_entry_point_leads_to_something_callable(point: EntryPoint) -> None:
    assert callable(point.load())


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_ships_its_types(package: str) -> None:
    assert files(package).joinpath("py.typed").is_file()


@pytest.mark.parametrize("package", [*PACKAGES, "taskcore_app", "taskcore_http"])
def test_each_module_finds_what_it_needs(package: str) -> None:
    modules = pkgutil.walk_packages(import_module(package).__path__, f"{package}.")
    # A migration's environment is Alembic's to run; a command would run.
    wanted = [each.name for each in modules if not each.name.endswith((".env", ".__main__"))]

    assert all(import_module(name) for name in wanted)


def test_the_version_is_the_distributions() -> None:
    assert taskcore.__version__ == DISTRIBUTION.version
