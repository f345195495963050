"""What the installed distribution promises, from an editable install and from the built wheel alike."""

from __future__ import annotations

from importlib.metadata import EntryPoint, distribution
from importlib.resources import files

import pytest

import taskcore

DISTRIBUTION = distribution("taskcore")


@pytest.mark.parametrize("point", DISTRIBUTION.entry_points, ids=lambda point: f"{point.group}:{point.name}")
def test_an_entry_point_leads_to_something_callable(point: EntryPoint) -> None:
    assert callable(point.load())


@pytest.mark.parametrize(
    "package", sorted({point.module.partition(".")[0] for point in DISTRIBUTION.entry_points} | {"taskcore"})
)
def test_a_package_ships_its_types(package: str) -> None:
    assert files(package).joinpath("py.typed").is_file()


def test_the_version_is_the_distributions() -> None:
    assert taskcore.__version__ == DISTRIBUTION.version
