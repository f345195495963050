"""Programs from npm for the tests: installed once for each set of exact versions, and kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

NODE = 20
MOST_SECONDS = 300


def node() -> str:
    """Node itself. Skips, where there is none that is new enough."""
    found = shutil.which("node")
    if found is None:
        return not_run("node is not on PATH")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").partition(".")[0]) < NODE:
        return not_run(f"node is {version.strip()}, and {NODE} is needed")
    return found


def installed(manifest: Path) -> Path:
    """The folder with what a `package.json` of exact versions names. Skips, where it cannot be had."""
    node()
    npm = shutil.which("npm")
    if npm is None:
        return Path(not_run("npm is not on PATH"))
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()[:16]
    kept = Path(tempfile.gettempdir(), f"taskcore-npm-{os.getuid()}-{digest}")
    if not kept.exists():
        with tempfile.TemporaryDirectory(dir=kept.parent) as new:
            shutil.copy(manifest, new)
            install = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
            ran = subprocess.run(
                install, cwd=new, capture_output=True, text=True, check=False, timeout=MOST_SECONDS
            )
            if ran.returncode:
                return Path(not_run(f"npm installs nothing here: {ran.stderr.strip()[-300:]}"))
            keep(Path(new), kept)
    return kept


def keep(new: Path, kept: Path) -> None:
    """Let it be there all at once; whoever comes second has it already."""
    staged = kept.with_name(f"{kept.name}.{os.getpid()}")
    shutil.copytree(new, staged, symlinks=True)
    try:
        staged.rename(kept)
    except OSError:
        shutil.rmtree(staged)


def not_run(why: str) -> str:
    """Say so, and in CI, where it is to be had, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{why}; CI has it")
    pytest.skip(f"NOT RUN: {why}")
