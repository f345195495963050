"""The HTTP door: `create_app` for servers, `build` for programs that have a core already."""

from __future__ import annotations

from taskcore_http.app import build, create_app, from_settings

__all__ = ["build", "create_app", "from_settings"]
