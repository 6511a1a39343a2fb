"""The device side: read what arrived at a device or a topic, by long polling on request."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.clock import Clock, pause_unless
from emulators.providers.fcm.errors import invalid
from emulators.providers.fcm.inboxes import Address, Inboxes
from emulators.providers.fcm.long_poll import LongPollSignals

MAX_WAIT_SECONDS = 60.0


class DeviceApi:
    """The routes of devices and topics. Reading removes no message; `after` is the last one that was read."""

    def __init__(self, inboxes: Inboxes, signals: LongPollSignals, clock: Clock) -> None:
        self._inboxes = inboxes
        self._signals = signals
        self._clock = clock

    def routes(self) -> list[Route]:
        """Return the routes of devices and topics."""
        return [
            Route("/devices/{token:path}/messages", self._device, methods=["GET"]),
            Route("/topics/{topic}/messages", self._topic, methods=["GET"]),
        ]

    async def _device(self, request: Request) -> Response:
        return await self._read(request, Address(token=request.path_params["token"]))

    async def _topic(self, request: Request) -> Response:
        return await self._read(request, Address(topic=request.path_params["topic"]))

    async def _read(self, request: Request, address: Address) -> Response:
        after = int(_number(request, "after"))
        wait = min(_number(request, "wait"), MAX_WAIT_SECONDS)
        with self._signals.waiting(address) as arrived:
            messages = self._inboxes.after(address, after)
            if not messages and wait > 0:
                await pause_unless(self._clock, wait, arrived)
                messages = self._inboxes.after(address, after)
        return JSONResponse({"messages": [message.view() for message in messages]})


def _number(request: Request, name: str) -> float:
    text = request.query_params.get(name, "0")
    try:
        number = float(text)
    except ValueError as error:
        raise invalid(f"{name} must be a number") from error
    if not 0 <= number < float("inf"):
        raise invalid(f"{name} must be zero or more")
    return number
