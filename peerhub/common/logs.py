"""Logs as JSON lines: time, level, logger, message, request id. No personal data:
messages are ours and arguments are ids.
"""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str] = ContextVar("request_id", default="")


# Addresses that carry a key: Django's own messages name the path of a request that failed.
_KEYS_IN_PATHS = re.compile(
    r"(/(?:i|u|calendars|accounts/(?:confirm-email|invitation|password/reset/key)|invitations/[0-9a-f-]{36})/)[^/\s\"']+"
)


def without_keys(message: str) -> str:
    """The message with every link's key taken out of it."""
    return _KEYS_IN_PATHS.sub(r"\1[key]", message)


class JsonFormatter(logging.Formatter):
    """One JSON object a line. Of an exception it keeps type and places, never its text:
    that may quote what people wrote.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_keys(record.getMessage()),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            line["at_code"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
        return json.dumps(line, ensure_ascii=False)
