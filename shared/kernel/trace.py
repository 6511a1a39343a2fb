"""The trace that a request belongs to, carried through events and tasks to everything it causes."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trace:
    """W3C `traceparent` and the request id that people quote."""

    traceparent: str = ""
    request_id: str = ""


NO_TRACE = Trace()
current_trace: ContextVar[Trace] = ContextVar("current_trace", default=NO_TRACE)
