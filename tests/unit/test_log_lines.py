"""Log lines for programs."""

from __future__ import annotations

import json
import logging
from typing import Any

from taskcore_app.log_lines import JsonLines


def line(message: str, *args: object, error: BaseException | None = None, **more: Any) -> dict[str, Any]:
    told = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("taskcore.http", logging.WARNING, __file__, 1, message, args, told)
    vars(record).update(created=1_764_147_600.25, **more)
    written = JsonLines().format(record)

    assert "\n" not in written
    whole: dict[str, Any] = json.loads(written)
    return whole


def test_a_line_is_an_object_whatever_is_in_it() -> None:
    assert line('a "mail"\nof %s\u2028', "Ada", request_id="r1") == {
        "at": "2025-11-26T09:00:00.250000Z",
        "level": "warning",
        "logger": "taskcore.http",
        "message": 'a "mail"\nof Ada\u2028',
        "request_id": "r1",
    }


def test_an_error_comes_with_where_it_was_raised() -> None:
    try:
        int("broken")
    except ValueError as error:
        told = line("failed", error=error)

    assert told["traceback"].endswith("ValueError: invalid literal for int() with base 10: 'broken'")
