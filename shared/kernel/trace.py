"""The trace of a request; events and tasks carry it to all work that the request causes."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trace:
    """W3C `traceparent` and the request id that users quote to support."""

    traceparent: str = ""
    request_id: str = ""


NO_TRACE = Trace()
current_trace: ContextVar[Trace] = ContextVar("current_trace", default=NO_TRACE)
