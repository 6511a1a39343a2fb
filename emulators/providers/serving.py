"""Serves one provider's app on the loopback interface, inside the running event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Generator

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

HOST = "127.0.0.1"
KEEP_ALIVE_SECONDS = 75  # longer than any client keeps an idle connection, so none meets a closing one
GRACE_SECONDS = 1


class LoopbackServer:
    """One app on one port of 127.0.0.1; port 0 lets the system choose. Start and stop are idempotent."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._asked_port = port
        self._server: _EmbeddedServer | None = None
        self._serving: asyncio.Task[None] | None = None
        self._socket: socket.socket | None = None

    @property
    def url(self) -> str:
        """The base URL while serving. Raises RuntimeError before the start."""
        if self._socket is None:
            raise RuntimeError("the server has not been started")
        return f"http://{HOST}:{self._socket.getsockname()[1]}"

    async def start(self) -> None:
        """Return once requests are answered. Raises OSError when the port is taken."""
        if self._server is not None:
            return
        self._socket = _listen(self._asked_port)
        self._server = _EmbeddedServer(_config(self._app))
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        await self._server.ready.wait()

    async def stop(self) -> None:
        """Return once the port is free again and no request is left."""
        if self._server is None or self._serving is None:
            return
        self._server.finish.set()
        await self._serving
        self._server = self._serving = self._socket = None


async def hang_up(request: Request) -> Response:
    """Cut the connection without a byte of an answer; the returned response goes nowhere."""
    request.state.cut_connection()
    while (await request.receive())["type"] != "http.disconnect":
        continue
    return Response(status_code=204)


class _CuttableProtocol(H11Protocol):
    """HTTP/1.1 whose requests carry `state.cut_connection`: ASGI has no word for hanging up."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "cut_connection": transport.abort}


class _EmbeddedServer(uvicorn.Server):
    """uvicorn as one part of a process: it says when it is up and leaves the signals to its host."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self.finish = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        await self.finish.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()  # here, so that a taken port is an error of the start and not of the server's task
    except OSError:
        listener.close()
        raise
    return listener


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_CuttableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        date_header=False,  # only uvicorn's own main loop would keep it true
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
