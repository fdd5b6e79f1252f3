"""Log: what the server writes to standard error, as lines for people or as JSON."""

from __future__ import annotations

import logging
import sys
import time

import orjson

from .settings import LogFormat


def configure_log(log_format: LogFormat) -> None:
    """Send the records of nertwin and uvicorn to standard error in that format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JSONLines() if log_format == "json" else _TEXT)
    for name in ("nertwin", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(logging.WARNING if name == "uvicorn" else logging.INFO)


def json_line(
    logger: str, message: str, *, level: str = "INFO", moment: float | None = None, **more: str
) -> str:
    """A line of the log as a JSON object; the moment is in seconds since 1970, now by default."""
    line = {
        "time": time.time() if moment is None else moment,
        "level": level,
        "logger": logger,
        "message": message,
    }
    return orjson.dumps({**line, **more}).decode()


_TEXT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")


class _JSONLines(logging.Formatter):
    """One JSON object a line: time (seconds since 1970), level, logger, message, exception."""

    def format(self, record: logging.LogRecord) -> str:
        more = {}
        if record.exc_info:
            more["exception"] = self.formatException(record.exc_info)
        return json_line(
            record.name,
            record.getMessage(),
            level=record.levelname,
            moment=record.created,
            **more,
        )
