"""The phones' side: what arrived at a device or a topic, waiting for it if asked to."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.clock import Clock, pause_unless
from emulators.providers.fcm.doorbell import Doorbell
from emulators.providers.fcm.errors import invalid
from emulators.providers.fcm.inboxes import Address, Inboxes

LONGEST_WAIT_SECONDS = 60.0


class Phones:
    """Reading never takes a message away: `after` says what the reader has seen."""

    def __init__(self, inboxes: Inboxes, doorbell: Doorbell, clock: Clock) -> None:
        self._inboxes = inboxes
        self._doorbell = doorbell
        self._clock = clock

    def routes(self) -> list[Route]:
        """Devices and topics."""
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
        wait = min(_number(request, "wait"), LONGEST_WAIT_SECONDS)
        with self._doorbell.listening(address) as rung:
            messages = self._inboxes.after(address, after)
            if not messages and wait > 0:
                await pause_unless(self._clock, wait, rung)
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
