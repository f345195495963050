"""Programs from Debian's packages for the tests: unpacked, not installed, so that nobody need be root; and kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.servers.npm import keep, not_run

MOST_SECONDS = 300
NEEDED = ("--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces")


def unpacked(package: str, *, with_names: Sequence[str]) -> Path:
    """
    A folder that holds a package and what it needs, as far as names begin with one of `with_names`.

    Skips, where it cannot be had.
    """
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return Path(not_run(f"{package} is not here, and there is no apt-get to get it"))
    with tempfile.TemporaryDirectory(prefix="taskcore-apt-") as work:
        try:
            return _unpacked(package, with_names, Path(work))
        except subprocess.CalledProcessError as error:
            return Path(not_run(f"apt-get gets no {package} here: {error.stderr.strip()[-300:]}"))


def _unpacked(package: str, with_names: Sequence[str], work: Path) -> Path:
    """With the package lists that are here, else with fresh ones, kept in a folder of ours."""
    try:
        return _kept(package, with_names, work, options=())
    except subprocess.CalledProcessError:
        for each in ("state/lists/partial", "cache/archives/partial"):
            (work / each).mkdir(parents=True)
        ours = (
            f"Dir::State={work}/state",
            f"Dir::Cache={work}/cache",
            "Dir::State::status=/var/lib/dpkg/status",
        )
        options = tuple(word for each in ours for word in ("-o", each))
        _run(["apt-get", *options, "update"], work)
        return _kept(package, with_names, work, options)


def _kept(package: str, with_names: Sequence[str], work: Path, options: Sequence[str]) -> Path:
    depends = _run(["apt-cache", *options, "depends", *NEEDED, package], work).splitlines()
    names = sorted({package, *(each for each in depends if each.startswith(tuple(with_names)))})
    wanted = [line.split("'")[1] for line in _uris(names, work, options)]
    digest = hashlib.sha256("\n".join(wanted).encode()).hexdigest()[:16]
    kept = Path(tempfile.gettempdir(), f"taskcore-{package}-{os.getuid()}-{digest}")
    if not kept.exists():
        _run(["apt-get", *options, "download", *names], work)
        new = work / "new"
        for archive in work.glob("*.deb"):
            _run(["dpkg-deb", "-x", str(archive), str(new)], work)
        keep(new, kept)
    return kept


def _uris(names: Sequence[str], work: Path, options: Sequence[str]) -> list[str]:
    """Where each version is: what a cache is kept by."""
    return _run(["apt-get", *options, "download", "--print-uris", *names], work).splitlines()


def _run(command: Sequence[str], folder: Path) -> str:
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True, timeout=MOST_SECONDS
    ).stdout
