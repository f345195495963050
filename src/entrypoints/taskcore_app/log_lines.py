"""Log lines for programs: a JSON object each (`log_format = "json"`)."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from taskcore.events import instant_text


class JsonLines(logging.Formatter):
    """`at`, `level`, `logger` and `message`; of a request its `request_id`; of an error its `traceback`."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": instant_text(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := getattr(record, "request_id", None):
            told["request_id"] = request_id
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told)
