"""The FCM provider, which starts and stops as one object."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.clock import Clock, SystemClock
from emulators.providers.fcm.control import Control
from emulators.providers.fcm.device_api import DeviceApi
from emulators.providers.fcm.errors import FcmRefusal, not_found
from emulators.providers.fcm.inboxes import Counters, Inboxes
from emulators.providers.fcm.long_poll import LongPollSignals
from emulators.providers.fcm.sending import FAULTS, Sending
from emulators.providers.hang_up import CuttableProtocol
from emulators.providers.script import Script
from emulators.serving import AppServer


class FcmProvider:
    """FCM's HTTP v1 API on 127.0.0.1; port 0 selects a free port, see `url`."""

    def __init__(self, port: int, *, clock: Clock | None = None) -> None:
        time = clock or SystemClock()
        inboxes, counters, script = Inboxes(), Counters(), Script(FAULTS)
        self._signals = LongPollSignals()
        self._sending = Sending(inboxes, counters, script, self._signals, time)
        devices = DeviceApi(inboxes, self._signals, time)
        control = Control(inboxes, counters, script)
        app = Starlette(
            routes=[*self._sending.routes(), *devices.routes(), *control.routes()],
            exception_handlers={FcmRefusal: _refuse, HTTPException: _no_such_route},
        )
        self._server = AppServer(app, port, CuttableProtocol)

    @property
    def url(self) -> str:
        """The base URL while running."""
        return self._server.url

    async def start(self) -> None:
        """Start to accept messages. Idempotent. Raises OSError when the port is taken."""
        self._signals.open()
        self._sending.open()
        await self._server.start()

    async def stop(self) -> None:
        """Stop, and return when nothing runs any more. Idempotent."""
        self._signals.close()
        self._sending.release()
        await self._server.stop()


async def _refuse(_: Request, error: Exception) -> Response:
    if not isinstance(error, FcmRefusal):
        raise error
    retry = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else None
    return JSONResponse(error.body, error.http_status, retry)


async def _no_such_route(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    refusal = not_found(f"Method not found: {error.detail}")
    return JSONResponse(refusal.body, error.status_code, error.headers)
