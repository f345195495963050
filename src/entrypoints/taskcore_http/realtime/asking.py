"""What of a team's log is asked for, in the words of a query string."""

from __future__ import annotations

from typing import Any

from taskcore_http.wire import Call

FILTERS = ("kinds", "project", "task")
NAMES = ("after", *FILTERS)


def asked(call: Call) -> dict[str, Any]:
    """The arguments of `me.events.follow`; a fault of the query itself is kept for its answer."""
    return selected(call.query(*NAMES))


def selected(found: dict[str, str]) -> dict[str, Any]:
    """Parameters as arguments."""
    kinds = found.get("kinds")
    return {**found, **({"kinds": tuple(kinds.split(","))} if kinds is not None else {})}
