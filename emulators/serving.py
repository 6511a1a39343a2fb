"""Serve an ASGI application in the running event loop, and open clients that call functions."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Protocol, cast

import httpx
import uvicorn
from starlette.types import ASGIApp

# A client must close an idle connection before its server does, or it sends a request into a
# connection that is being closed. Our servers keep idle connections longer than their clients do, our
# pools less long than a function, whose uvicorn closes them after five seconds.
IDLE_SERVER_SECONDS = 75
IDLE_POOL_SECONDS = 2.0
POOL_LIMITS = httpx.Limits(
    max_connections=None, max_keepalive_connections=100, keepalive_expiry=IDLE_POOL_SECONDS
)


class _HostedServer(uvicorn.Server):
    """A uvicorn server without signal handlers that sets `up` when it listens."""

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
        # The original polls flags ten times a second; nothing here needs that.
        await self.finish.wait()


class _Connected(Protocol):
    """A connection of uvicorn, whichever protocol it speaks."""

    transport: asyncio.Transport


class AppServer:
    """An ASGI application on 127.0.0.1; port 0 selects a free port, see `port`.

    `protocol` replaces the HTTP protocol that uvicorn would choose.
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
        """Start to answer requests; raises `OSError` when the port is taken."""
        if self._server is not None:
            return
        # Bound here, because uvicorn ends the whole process when it cannot bind.
        listener = socket.create_server(("127.0.0.1", self.port), backlog=512)
        # asyncio sets it for its own sockets only. Without it the body of each answer, written after its
        # head, waits 40 ms for the client's delayed acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = listener.getsockname()[1]
        self._server = _HostedServer(self._config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        await self._server.up.wait()

    async def stop(self) -> None:
        """Stop accepting requests; running ones have one second to end, then their connections are cut."""
        if self._server is None or self._serving is None:
            return
        self._server.finish.set()
        await self._serving
        # uvicorn leaves open what did not end in time, and what was accepted while it shut down.
        for connection in list(self._server.server_state.connections):
            cast(_Connected, connection).transport.abort()
        await asyncio.sleep(0)  # the turn in which the loop closes their sockets
        self._server = self._serving = None


def open_client(timeout_seconds: float) -> httpx.AsyncClient:
    """Return a pooled client for calls to functions; it ignores the machine's proxy settings."""
    return httpx.AsyncClient(
        timeout=httpx.Timeout(timeout_seconds, connect=2.0),
        limits=POOL_LIMITS,
        trust_env=False,
        follow_redirects=False,
    )
