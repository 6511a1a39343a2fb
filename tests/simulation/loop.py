"""An asyncio event loop whose time is virtual: nothing waits, and the same seed runs the same way."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from heapq import heappop, heappush
from typing import Any, TypeVarTuple

_Ts = TypeVarTuple("_Ts")


class Stalled(Exception):
    """Nothing is left to do, and somebody still waits."""


class _Call(asyncio.TimerHandle):
    """A callback that waits for its turn. It knows no more than the loop below asks it."""

    __slots__ = ()
    _callback: Callable[..., object]
    _args: tuple[Any, ...]
    _context: Context

    def __init__(
        self, callback: Callable[..., object], args: tuple[Any, ...], context: Context | None
    ) -> None:
        self._callback, self._args = callback, args
        self._context = copy_context() if context is None else context
        self._cancelled = False

    def cancel(self) -> None:
        self._cancelled = True


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs callbacks in the order of their virtual times; ties in the order in which they were set.

    The scheduler's choice lies in the delays: every port call waits for a drawn time before and after
    its effect, so that any two callers may meet in any order. No sockets, no threads, no signals: what
    `BaseEventLoop` does for those, and in debug mode, is left out here, which is most of its time.
    """

    _stopping: bool
    get_debug = staticmethod(bool)  # False, at no cost: it is asked for each future

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self._ready: deque[_Call] = deque()
        self._timers: list[tuple[float, int, _Call]] = []
        self._numbers = itertools.count()

    def time(self) -> float:
        """Return virtual seconds since the run began."""
        return self.seconds

    def call_soon(
        self, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Run the callback after all that is ready already."""
        call = _Call(callback, args, context)
        self._ready.append(call)
        return call

    def call_at(
        self, when: float, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run the callback when that time has come."""
        call = _Call(callback, args, context)
        heappush(self._timers, (when, next(self._numbers), call))
        return call

    def call_later(
        self, delay: float, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run the callback so many seconds from now."""
        return self.call_at(self.seconds + delay, callback, *args, context=context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Say nothing of the tasks that dead processes leave behind; `Process` reports what failed."""

    def _run_once(self) -> None:
        """Run what is ready, or else move the clock on to what comes next."""
        ready = self._ready
        if not ready:
            self._move_on()
        while ready and not self._stopping:
            call = ready.popleft()
            if not call._cancelled:
                try:
                    call._context.run(call._callback, *call._args)
                except Exception as error:
                    self.call_exception_handler({"exception": error})

    def _move_on(self) -> None:
        while self._timers:
            when, _, call = heappop(self._timers)
            if not call._cancelled:
                self.seconds = max(self.seconds, when)
                self._ready.append(call)
                return
        raise Stalled


def pause(seconds: float) -> asyncio.Future[None]:
    """Return what is done after so many seconds: `asyncio.sleep` without what a port call can do without."""
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_later(seconds, _wake, future)
    return future


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
