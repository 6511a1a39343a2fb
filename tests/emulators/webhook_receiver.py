"""A merchant's webhook endpoint that records deliveries and answers as configured."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulators.serving import AppServer


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST that arrived."""

    raw: bytes
    headers: dict[str, str] = field(repr=False)

    @property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.raw)
        return body

    @property
    def event(self) -> str:
        return str(self.body["event"])

    @property
    def event_id(self) -> str:
        return self.headers["x-razorpay-event-id"]


class WebhookReceiver:
    """Answers 200 unless `answers` holds other statuses or `holds` delays a delivery."""

    def __init__(self, port: int = 0) -> None:
        self.deliveries: list[Delivery] = []
        self.answers: deque[int] = deque()
        self.holds: Callable[[Delivery], bool] = lambda _: False
        self._release = asyncio.Event()
        self._arrived = asyncio.Condition()
        self._server = AppServer(Starlette(routes=[Route("/hook", self._take, methods=["POST"])]), port)

    @property
    def url(self) -> str:
        return f"{self._server.url}/hook"

    @property
    def port(self) -> int:
        return self._server.port

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        self._release.set()
        await self._server.stop()

    async def after(self, count: int) -> list[Delivery]:
        """Return everything received, once it is at least `count` deliveries."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.deliveries) >= count)
        return self.deliveries

    async def first(self, event: str) -> Delivery:
        """Return the first delivery of an event of this name."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: event in [delivery.event for delivery in self.deliveries])
        return next(delivery for delivery in self.deliveries if delivery.event == event)

    async def _take(self, request: Request) -> Response:
        delivery = Delivery(await request.body(), dict(request.headers))
        async with self._arrived:
            self.deliveries.append(delivery)
            self._arrived.notify_all()
        if self.holds(delivery):
            await self._release.wait()
        return Response(status_code=self.answers.popleft() if self.answers else 200)
