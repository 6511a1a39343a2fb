"""An asyncio event loop whose time is virtual: nothing waits, and the same seed runs the same way."""

from __future__ import annotations

import asyncio
from typing import Any


class Stalled(Exception):
    """Nothing is left to do, and somebody still waits."""


class _Sleepless:
    """Stands where the loop's selector would: waiting is moving the clock on."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise Stalled
        self._loop.seconds += timeout
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs callbacks in the order of their virtual times; ties in the order in which they were set.

    The scheduler's choice lies in the delays: every port call waits for a drawn time before and after
    its effect, so that any two callers may meet in any order. No sockets, no threads, no signals.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self._selector = _Sleepless(self)

    def time(self) -> float:
        """Return virtual seconds since the run began."""
        return self.seconds

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Say nothing of the tasks that dead processes leave behind; `Process` reports what failed."""
