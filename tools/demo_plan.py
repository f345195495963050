"""
Writes `docs/plan.svg`, the plan of the demo's team on a day that stands still: `python -m tools.demo_plan`.

A test fails when it is stale.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from taskcore import blocking
from taskcore.planning.pictures.gantt import gantt_svg
from taskcore_cli.demo_story import Story

PICTURE = Path(__file__).parents[1] / "docs" / "plan.svg"
TODAY = datetime(2026, 6, 10, 14, tzinfo=UTC)
"""A Wednesday."""


def rendered() -> str:
    story = Story(TODAY)
    with blocking.open("memory://", clock=story.clock) as core:
        story.tell(core)
        me: Any = core.acting_as(core.users.find("ada@example.org").id)
        return gantt_svg(me.schedule.plan(story.team.id, schedules=0))


if __name__ == "__main__":
    PICTURE.write_text(rendered(), encoding="utf-8")
