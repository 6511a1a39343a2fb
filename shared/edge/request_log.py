"""The log line of a request: it is made and formatted in one pass, because every request has one."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime
from functools import lru_cache

from shared.kernel.trace import Trace

LOGGER = "waybill.request"
log = logging.getLogger(LOGGER)


_SAME = vars(logging.LogRecord(LOGGER, logging.INFO, __file__, 0, "request", None, None))
"""What all records have in common: the place in our code, the process."""


class RequestRecord(logging.LogRecord):
    """A record of a request: `line` is what the log shows, and the fields are there for other handlers."""

    method: str
    path: str
    status: int
    latency_ms: float
    code: str

    def __init__(self, level: int, method: str, path: str, status: int, seconds: float, code: str) -> None:
        vars(self).update(_SAME)
        self.levelno, self.levelname = level, logging.getLevelName(level)
        self.created = time.time()
        self.method, self.path, self.status = method, path, status
        self.latency_ms = round(seconds * 1000, 1)
        if code:
            self.code = code

    def line(self, function: str, trace: Trace) -> str:
        """Return the record as one line of JSON, as `shared.edge.logging` formats others."""
        moment = datetime.fromtimestamp(self.created, UTC).isoformat()
        _, trace_id, span_id, _ = trace.traceparent.split("-")
        code = f', "code": {_quoted(self.code)}' if hasattr(self, "code") else ""
        return (
            f'{{"severity": "{self.levelname}", "time": "{moment}", "message": "request"'
            f', "logger": "{LOGGER}", "function": {_quoted(function)}'
            f', "logging.googleapis.com/trace": "{trace_id}", "logging.googleapis.com/spanId": "{span_id}"'
            f', "request_id": "{trace.request_id}", "method": {_quoted(self.method)}'
            f', "path": {_quoted(self.path)}, "status": {self.status}'
            f', "latency_ms": {self.latency_ms}{code}}}'
        )


def note(method: str, path: str, status: int, seconds: float, code: str) -> None:
    """Log a request, by the template of its path."""
    level = logging.WARNING if status >= 500 else logging.INFO
    if log.isEnabledFor(level):
        log.handle(RequestRecord(level, method, path, status, seconds, code))


@lru_cache(1_000)
def _quoted(text: str) -> str:
    return json.dumps(text)
