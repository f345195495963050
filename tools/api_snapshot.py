"""
Writes `docs/api/v1.json`, the description of the API's first version, by which a test sees what may no
longer be taken away: `python -m tools.api_snapshot`, when something was added.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from taskcore_http.app import OPERATIONS
from taskcore_http.description import document

SNAPSHOT = Path(__file__).parents[1] / "docs" / "api" / "v1.json"


def described() -> dict[str, Any]:
    """Version 1 as it is served, without the release's own number."""
    whole: dict[str, Any] = json.loads(json.dumps(document(OPERATIONS)))
    whole["info"].pop("version")
    return whole


if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps(described(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
