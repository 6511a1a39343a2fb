"""FCM as one object that starts and stops."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.clock import Clock, SystemClock
from emulators.providers.fcm.control import Control
from emulators.providers.fcm.doorbell import Doorbell
from emulators.providers.fcm.errors import FcmRefusal, not_found
from emulators.providers.fcm.inboxes import Counters, Inboxes
from emulators.providers.fcm.phones import Phones
from emulators.providers.fcm.sending import FAULTS, Sending
from emulators.providers.hang_up import CuttableProtocol
from emulators.providers.script import Script
from emulators.serving import AppServer


class FcmProvider:
    """FCM's HTTP v1 API on 127.0.0.1; port 0 lets the system choose one, `url` tells which."""

    def __init__(self, port: int, *, clock: Clock | None = None) -> None:
        time = clock or SystemClock()
        inboxes, counters, script = Inboxes(), Counters(), Script(FAULTS)
        self._doorbell = Doorbell()
        self._sending = Sending(inboxes, counters, script, self._doorbell, time)
        phones = Phones(inboxes, self._doorbell, time)
        control = Control(inboxes, counters, script)
        app = Starlette(
            routes=[*self._sending.routes(), *phones.routes(), *control.routes()],
            exception_handlers={FcmRefusal: _refuse, HTTPException: _no_such_route},
        )
        self._server = AppServer(app, port, CuttableProtocol)

    @property
    def url(self) -> str:
        """The base URL while running."""
        return self._server.url

    async def start(self) -> None:
        """Return once messages are taken. Idempotent. Raises OSError when the port is taken."""
        self._doorbell.open()
        self._sending.open()
        await self._server.start()

    async def stop(self) -> None:
        """Return once nothing of it runs any more. Idempotent."""
        self._doorbell.close()
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
