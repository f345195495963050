"""Where a person's programs keep their data and their settings, by the custom of each system."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def data_folder(environ: Mapping[str, str], platform: str) -> Path:
    """The folder of taskcore there; it need not exist yet. `platform` as in `sys.platform`."""
    home = Path(environ.get("USERPROFILE" if platform == "win32" else "HOME") or Path.home())
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "taskcore"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "taskcore"
    asked = environ.get("XDG_DATA_HOME", "")
    # The XDG specification: a path that is not absolute is to be ignored.
    return (Path(asked) if asked.startswith("/") else home / ".local" / "share") / "taskcore"


def config_folder(environ: Mapping[str, str], platform: str) -> Path:
    """The folder of taskcore's settings there; it need not exist yet."""
    home = Path(environ.get("USERPROFILE" if platform == "win32" else "HOME") or Path.home())
    if platform == "win32":
        return Path(environ.get("APPDATA") or home / "AppData" / "Roaming") / "taskcore"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "taskcore"
    asked = environ.get("XDG_CONFIG_HOME", "")
    return (Path(asked) if asked.startswith("/") else home / ".config") / "taskcore"
