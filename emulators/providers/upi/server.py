"""The UPI provider, which starts and stops as one object."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.clock import Clock, SystemClock
from emulators.providers.hang_up import CuttableProtocol
from emulators.providers.upi.control import Control
from emulators.providers.upi.errors import GatewayError
from emulators.providers.upi.gateway import Gateway
from emulators.providers.upi.merchant_api import MerchantApi
from emulators.providers.upi.upi_app import UpiApp
from emulators.serving import AppServer

INTENT_SECONDS = 15 * 60.0


class UpiProvider:
    """A stateful payment gateway on 127.0.0.1; port 0 selects a free port, see `url`."""

    def __init__(
        self,
        port: int,
        key_id: str,
        key_secret: str,
        webhook_secret: str,
        webhook_url: str,
        *,
        intent_seconds: float = INTENT_SECONDS,
        clock: Clock | None = None,
    ) -> None:
        self._gateway = Gateway(clock or SystemClock(), webhook_secret, webhook_url, intent_seconds)
        api = MerchantApi(self._gateway, key_id, key_secret)
        app = Starlette(
            routes=[*api.routes(), *UpiApp(self._gateway).routes(), *Control(self._gateway).routes()],
            exception_handlers={GatewayError: _refuse, HTTPException: _no_such_route},
        )
        self._server = AppServer(app, port, CuttableProtocol)

    @property
    def url(self) -> str:
        """The base URL while running."""
        return self._server.url

    async def start(self) -> None:
        """Start to answer requests. Idempotent. Raises OSError when the port is taken."""
        self._gateway.start()
        try:
            await self._server.start()
        except OSError:
            await self._gateway.stop()
            raise

    async def stop(self) -> None:
        """Stop, and return when nothing runs any more. Idempotent."""
        self._gateway.release()
        await self._server.stop()
        await self._gateway.stop()


async def _refuse(_: Request, error: Exception) -> Response:
    if not isinstance(error, GatewayError):
        raise error
    answer = error.answer()
    return JSONResponse(answer.body, answer.status)


async def _no_such_route(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    refusal = GatewayError(
        "The requested URL was not found on the server.", reason="no_such_route", status=error.status_code
    )
    return JSONResponse(refusal.answer().body, error.status_code, error.headers)
