"""
Writes `docs/flow.svg`, how work flowed in the demo's team up to a day that stands still: `python -m tools.demo_flow`.

A test fails when it is stale.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from taskcore import blocking
from taskcore.events import Event
from taskcore.reporting.measures import TeamReport, days
from taskcore.reporting.picture import flow_svg
from taskcore.reporting.projection import projected
from taskcore_cli.demo_story import LONG_AGO, Story
from tools.demo_plan import TODAY

PICTURE = Path(__file__).parents[1] / "docs" / "flow.svg"


def rendered() -> str:
    story = Story(TODAY)
    with blocking.open("memory://", clock=story.clock) as core:
        story.tell(core)
        me: Any = core.acting_as(core.users.find("ada@example.org").id)
        events: list[Event] = []
        while page := me.events.list(story.team.id, after=len(events), limit=200).items:
            events += page
    figures: dict[date, Counter[str]] = defaultdict(Counter)
    for (_, day), names in projected({}, events).figures.items():
        figures[day].update(names)
    report = TeamReport(story.team.id, story.team.key, figures, [])
    return flow_svg(days(report, (TODAY - timedelta(days=LONG_AGO)).date(), TODAY.date()))


if __name__ == "__main__":
    PICTURE.write_text(rendered(), encoding="utf-8")
