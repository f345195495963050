"""An adapter from a package of its own is found by its URL, without a change here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).with_name("third_party")
SCRIPT = """
import asyncio, taskcore

async def main():
    async with taskcore.open("counted://") as core:
        await core.users.register("ada@example.org", name="Ada", password="correct horse battery")
        print(core.store.committed)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package built as a wheel and installed, entry points and all."""
    folder = tmp_path_factory.mktemp("third-party")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    wheels, site = folder / "wheels", folder / "site"
    build = ["wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(PACKAGE)]
    subprocess.run([*pip, *build], check=True, cwd=folder)
    wheel = next(wheels.glob("*.whl"))
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "--target", str(site), str(wheel)], check=True
    )
    return site


def run(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(installed), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=installed
    )


def test_a_url_of_its_scheme_opens_it(installed: Path) -> None:
    done = run(installed, "-c", SCRIPT)

    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr


def test_without_the_package_the_error_lists_what_is_installed(tmp_path: Path) -> None:
    done = run(tmp_path, "-c", SCRIPT)

    assert "no adapter for counted://; installed: memory://, postgresql://, sqlite://" in done.stderr


def test_it_keeps_the_contract_by_the_shipped_suite(installed: Path) -> None:
    done = run(
        installed, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto", str(PACKAGE / "contract.py")
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
