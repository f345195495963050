"""What other programs know of a task and nothing here has a place for: kept by name, below its description."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from taskcore.teams.model import Label, label_faults
from taskcore.values import LabelId, TeamId

MOST_TITLE = 500


def with_block(opening: str, left: Mapping[str, Any], language: str) -> str:
    """A description, then a fenced block of the fields that are left."""
    if not left:
        return opening
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in left.items()]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    block = "\n".join([f"{fence}{language}", *lines, fence])
    return f"{opening}\n\n{block}" if opening else block


def titled(text: str, description: str) -> tuple[str, str]:
    """The title, and the description, which opens with all of a title that is too long."""
    if len(text) <= MOST_TITLE:
        return text, description
    return f"{text[: MOST_TITLE - 1]}…", f"{text}\n\n{description}" if description else text


def labels_of(names: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Those that can be labels, and the others."""
    names = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    sound = tuple(name for name in names if can_be_label(name))
    return sound, [name for name in names if name not in sound]


@lru_cache(maxsize=4096)
def can_be_label(name: str) -> bool:
    some_id, some_time = UUID(int=0), None
    return not label_faults(Label(LabelId(some_id), TeamId(some_id), name, some_time))  # type: ignore[arg-type]
