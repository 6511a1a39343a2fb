"""Structured logs: one JSON object a line, in the fields that Cloud Logging reads.

Only the fields of `ALLOWED` are logged, so that no address, name, token or body gets into a log through
`extra`.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from shared.edge.request_log import RequestRecord
from shared.kernel.trace import current_trace

current_function: ContextVar[str] = ContextVar("current_function", default="")

ALLOWED = frozenset(
    {
        "accepted",
        "attempt",
        "code",
        "count",
        "dependency",
        "document_id",
        "error",
        "event_id",
        "event_type",
        "flagged",
        "gateway_status",
        "latency_ms",
        "method",
        "offer_id",
        "order_id",
        "path",
        "payment_id",
        "queue",
        "recurrence_id",
        "refund_id",
        "round",
        "status",
        "task",
    }
)
"""The `extra` fields that may be logged: ids of entities, counts and codes, no personal data."""


class JsonFormatter(logging.Formatter):
    """Formats a record for Cloud Logging: severity, message, time, trace, request id."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        trace = current_trace.get()
        if isinstance(record, RequestRecord) and trace.traceparent:
            return record.line(current_function.get(), trace)
        entry: dict[str, Any] = {
            "severity": record.levelname,
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "message": record.getMessage(),
            "logger": record.name,
        }
        if function := current_function.get():
            entry["function"] = function
        if trace.traceparent:
            parts = trace.traceparent.split("-")
            entry["logging.googleapis.com/trace"] = parts[1]
            entry["logging.googleapis.com/spanId"] = parts[2]
            entry["request_id"] = trace.request_id
        entry |= {key: value for key, value in vars(record).items() if key in ALLOWED}
        if record.exc_info and (error := record.exc_info[1]):
            entry["exception"] = _frames(error)
        return json.dumps(entry, default=str)


def _frames(error: BaseException) -> str:
    """Return the type and the stack of an error, without its message, which may contain user input."""
    places = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]
    return f"{type(error).__module__}.{type(error).__qualname__} at " + " < ".join(reversed(places))


def configure(level: str = "INFO") -> None:
    """Send all logs of the process to standard output as JSON; a second call changes nothing."""
    root = logging.getLogger()
    if any(isinstance(handler.formatter, JsonFormatter) for handler in root.handlers):
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "google", "grpc", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
