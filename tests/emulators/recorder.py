"""A function under the test's control: records each call and answers as configured."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from emulators.serving import AppServer


@dataclass(frozen=True)
class Call:
    """One request that arrived."""

    method: str
    target: str
    headers: Headers
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


class Recorder:
    """Answers 200, or the statuses in `answers` in turn; waits for `gate` before it answers."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.running = 0
        self._arrivals: asyncio.Queue[Call] = asyncio.Queue()
        self._server = AppServer(self._answer, port=0)

    @property
    def url(self) -> str:
        return self._server.url

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()

    async def next_call(self) -> Call:
        """Return the next call, waiting for it."""
        return await self._arrivals.get()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        query = scope["query_string"]
        target = (scope["raw_path"] + (b"?" + query if query else b"")).decode()
        call = Call(request.method, target, request.headers, await request.body())
        status = self.answers.pop(0) if self.answers else 200
        self.calls.append(call)
        self.running += 1
        self._arrivals.put_nowait(call)
        await self.gate.wait()
        self.running -= 1
        await Response(b"", status_code=status)(scope, receive, send)
