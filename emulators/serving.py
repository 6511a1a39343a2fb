"""Serves an ASGI application inside the running event loop, and opens the clients that call functions."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import httpx
import uvicorn
from starlette.types import ASGIApp

# A client must let go of an idle connection before its server does, or it sends a request into a
# connection that is just being closed. Our servers wait longer than any client of theirs, our pools
# less than a function, whose uvicorn closes after five seconds.
IDLE_SERVER_SECONDS = 75
IDLE_POOL_SECONDS = 2.0
POOL_LIMITS = httpx.Limits(
    max_connections=None, max_keepalive_connections=100, keepalive_expiry=IDLE_POOL_SECONDS
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
    """An ASGI application on 127.0.0.1; port 0 takes a free one, `port` tells which.

    `protocol` speaks HTTP in place of uvicorn's own choice.
    """

    def __init__(self, app: ASGIApp, port: int, protocol: type[asyncio.Protocol] | None = None) -> None:
        self.port = port
        self._config = uvicorn.Config(
            app,
            http=protocol or "auto",
            interface="asgi3",
            lifespan="off",
            ws="none",
            access_log=False,
            log_level="warning",
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_keep_alive=IDLE_SERVER_SECONDS,
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
        # asyncio does it for sockets of its own only. Without it the body of each answer, written after
        # its head, waits 40 ms for the client's delayed acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
