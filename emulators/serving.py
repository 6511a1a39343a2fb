"""Serves an ASGI application inside the running event loop, and opens the clients that call functions."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import httpx
import uvicorn
from starlette.types import ASGIApp

# uvicorn closes an idle connection after five seconds. A pool that lets go earlier never sends a
# request into a connection that is just being closed.
KEEPALIVE_SECONDS = 2.0
POOL_LIMITS = httpx.Limits(
    max_connections=None, max_keepalive_connections=100, keepalive_expiry=KEEPALIVE_SECONDS
)


class _HostedServer(uvicorn.Server):
    """A uvicorn server that leaves the signals to its host and tells when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self.finish = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def main_loop(self) -> None:
        # The original wakes ten times a second to look at flags; nothing here needs that.
        await self.finish.wait()


class AppServer:
    """An ASGI application on 127.0.0.1; port 0 takes a free one, `port` tells which."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.port = port
        self._config = uvicorn.Config(
            app,
            interface="asgi3",
            lifespan="off",
            ws="none",
            access_log=False,
            log_level="warning",
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server: _HostedServer | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Base URL without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Answer requests when this returns; raises `OSError` when the port is taken."""
        if self._server is not None:
            return
        # Bound here, because uvicorn ends the whole process when it cannot bind.
        listener = socket.create_server(("127.0.0.1", self.port), backlog=512)
        self.port = listener.getsockname()[1]
        self._server = _HostedServer(self._config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        await self._server.up.wait()

    async def stop(self) -> None:
        """Stop taking requests; those that run have one second to end."""
        if self._server is None or self._serving is None:
            return
        self._server.finish.set()
        await self._serving
        self._server = self._serving = None


def open_client(timeout_seconds: float) -> httpx.AsyncClient:
    """Return a pooled client for calls to functions; it ignores the machine's proxy settings."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(timeout_seconds, connect=2.0),
        limits=POOL_LIMITS,
        trust_env=False,
        follow_redirects=False,
    )
