"""A lean client of Redis: one connection, on which the commands of a turn of the event loop travel together.

With 16 commands at once, one takes about a twelfth of the processor time that it takes through redis-py's
pool (docs/performance.md). So it serves what drivers do many times a second, and redis-py all the rest.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Mapping
from typing import Any, Protocol, cast

import hiredis
from redis.asyncio.connection import parse_url
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import NoScriptError, ResponseError
from redis.exceptions import TimeoutError as TimedOut

from shared.adapters.redis_client import TIMEOUT_S

Argument = str | int | float | bytes


class RedisCommands(Protocol):
    """What the adapters need of a client: this one or redis-py's."""

    def execute_command(self, *args: Argument) -> Awaitable[Any]:
        """Return the reply, with text decoded. Raises an error of `redis.exceptions`, or `OSError`."""
        ...


class RedisPipeline:
    """Implement `RedisCommands`, with short timeouts and one immediate retry; commands can be repeated."""

    def __init__(self, url: str) -> None:
        self._options: Mapping[str, Any] = parse_url(url)
        self._connection: asyncio.Task[_Connection] | None = None

    async def execute_command(self, *args: Argument) -> Any:
        """See `RedisCommands.execute_command`."""
        packed = _packed(*args)
        try:
            return await (await self._connected()).ask(packed)
        except (ConnectionLost, TimedOut, OSError):
            return await (await self._connected()).ask(packed)

    async def aclose(self) -> None:
        """Close the connection; the next command opens another."""
        opening, self._connection = self._connection, None
        if opening and opening.done() and not opening.exception():
            opening.result().close(ConnectionLost("The client was closed."))
            await asyncio.sleep(0)  # the loop closes the socket in its next turn

    async def _connected(self) -> _Connection:
        """Return the connection of this event loop; all who wait for a new one wait for the same."""
        opening = self._connection
        if opening is None or not _is_usable(opening):
            self._connection = opening = asyncio.create_task(_open(self._options))
        return opening.result() if opening.done() else await asyncio.shield(opening)


def _is_usable(opening: asyncio.Task[_Connection]) -> bool:
    if opening.get_loop() is not asyncio.get_running_loop():
        return False
    if not opening.done():
        return True
    return not (opening.cancelled() or opening.exception() or opening.result().closed)


class _Connection(asyncio.Protocol):
    """One connection: replies come in the order of the commands."""

    def __init__(self) -> None:
        self.closed = False
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(replyError=_error, encoding="utf-8", errors="replace")
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._unsent: list[bytes] = []
        self._watch: asyncio.TimerHandle | None = None

    def ask(self, packed: bytes) -> asyncio.Future[Any]:
        """Send a command with all others of this turn of the loop; return the reply to come."""
        reply = self._loop.create_future()
        if self.closed:
            reply.set_exception(ConnectionLost("The connection was lost."))
            return reply
        deadline = self._loop.time() + TIMEOUT_S
        self._waiting.append((reply, deadline))
        if not self._unsent:
            self._loop.call_soon(self._send)
        self._unsent.append(packed)
        if self._watch is None:
            self._watch = self._loop.call_at(deadline, self._look)
        return reply

    def close(self, error: Exception) -> None:
        """End the connection; all who wait get the error."""
        self.closed = True
        self._transport.abort()
        if self._watch:
            self._watch.cancel()
        for reply, _ in self._waiting:
            if not reply.done():
                reply.set_exception(error)
        self._waiting.clear()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End all waiting commands."""
        self.close(ConnectionLost(str(exc or "Redis closed the connection.")))

    def data_received(self, data: bytes) -> None:
        """Hand each reply to its command, which may have timed out."""
        self._reader.feed(data)
        try:
            while (answer := self._reader.gets()) is not False:
                reply, _ = self._waiting.popleft()
                if reply.done():
                    continue
                if isinstance(answer, Exception):
                    reply.set_exception(answer)
                else:
                    reply.set_result(answer)
        except (hiredis.ProtocolError, IndexError) as error:
            self.close(ConnectionLost(f"Redis answers what cannot be read: {error}"))

    def _send(self) -> None:
        if not self.closed:
            self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def _look(self) -> None:
        """End the connection if the oldest command waits for too long, or look again when it would."""
        self._watch = None
        if not self._waiting:
            return
        deadline = self._waiting[0][1]
        if deadline <= self._loop.time():
            self.close(TimedOut("Redis does not answer in time."))
        else:
            self._watch = self._loop.call_at(deadline, self._look)


async def _open(options: Mapping[str, Any]) -> _Connection:
    """Return a new connection, signed in and with its database chosen."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            connection = await _connect(options)
            try:
                await _greet(connection, options)
            except BaseException:
                connection.close(ConnectionLost("The connection could not be used."))
                raise
    except TimeoutError as error:
        raise TimedOut("Redis does not answer in time.") from error
    return connection


async def _connect(options: Mapping[str, Any]) -> _Connection:
    loop = asyncio.get_running_loop()
    if "path" in options:
        return (await loop.create_unix_connection(_Connection, options["path"]))[1]
    host, port = options.get("host", "localhost"), options.get("port", 6379)
    return (await loop.create_connection(_Connection, host, port, ssl=_tls(options)))[1]


async def _greet(connection: _Connection, options: Mapping[str, Any]) -> None:
    if "password" in options:
        who = [options["username"]] if "username" in options else []
        await connection.ask(_packed("AUTH", *who, options["password"]))
    if options.get("db"):
        await connection.ask(_packed("SELECT", options["db"]))


def _packed(*args: Argument) -> bytes:
    return cast(bytes, hiredis.pack_command(cast(Any, args)))  # its stub knows commands of one word alone


def _tls(options: Mapping[str, Any]) -> ssl.SSLContext | None:
    """Return the context of a `rediss:` address; `ssl_ca_certs` in its query names a file."""
    if "connection_class" not in options:
        return None
    return ssl.create_default_context(cafile=options.get("ssl_ca_certs"))


def _error(message: str) -> Exception:
    """Return the error of a reply."""
    if message.startswith("NOSCRIPT"):
        return NoScriptError(message)
    return ResponseError(message)
