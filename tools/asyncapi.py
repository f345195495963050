"""
Writes `docs/api/asyncapi.json`, the description of what is told without being asked for, as it is served:
`python -m tools.asyncapi`, when something was changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from taskcore_http.description import asyncapi

SNAPSHOT = Path(__file__).parents[1] / "docs" / "api" / "asyncapi.json"


def described() -> dict[str, Any]:
    """As it is served, without the release's own number."""
    whole: dict[str, Any] = json.loads(json.dumps(asyncapi()))
    whole["info"]["version"] = "1"
    return whole


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(described(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
