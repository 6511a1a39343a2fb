"""A load generator: as many keep-alive connections as wanted, one request on each at a time.

Raw sockets, since a client library costs more than the functions that it is to measure.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.errors import NotMeasured

CONNECTIONS = 16
PATIENCE_S = 30.0
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """How many requests were answered in how much time."""

    requests: int
    seconds: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._got = b""

    def answered(self) -> bool:
        """Take what has arrived; say whether the answer is whole. Raises `NotMeasured` for a refusal."""
        arrived = self.socket.recv(65_536)
        if not arrived:
            raise NotMeasured("the server hung up")
        self._got += arrived
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = _LENGTH.search(self._got, 0, end + 2)
        if length is None or not self._got.startswith(b"HTTP/1.1 2"):
            raise NotMeasured(f"the server refused: {self._got[:500]!r}")
        if len(self._got) < end + 4 + int(length[1]):
            return False
        self._got = b""
        return True


def drive(port: int, requests: Iterator[bytes], seconds: float, connections: int = CONNECTIONS) -> Load:
    """Send requests for so long, wait for the last answers, return what came of it.

    Raises `NotMeasured` when an answer is no success or does not come.
    """
    opened: list[_Connection] = []
    try:
        opened += (_Connection(port) for _ in range(connections))
        with selectors.DefaultSelector() as selector:
            for connection in opened:
                selector.register(connection.socket, selectors.EVENT_READ, connection)
            return _drive(selector, opened, requests, seconds)
    except OSError as error:
        raise NotMeasured(f"the server cannot be reached: {error}") from error
    finally:
        for connection in opened:
            connection.socket.close()


def _drive(
    selector: selectors.BaseSelector, opened: list[_Connection], requests: Iterator[bytes], seconds: float
) -> Load:
    started = time.perf_counter()
    until = started + seconds
    for connection in opened:
        connection.socket.sendall(next(requests))
    answered, waiting = 0, len(opened)
    while waiting:
        ready = selector.select(PATIENCE_S)
        if not ready:
            raise NotMeasured(f"no answer for {PATIENCE_S:.0f} s")
        sending = time.perf_counter() < until
        for key, _ in ready:
            if not key.data.answered():
                continue
            answered += 1
            if sending:
                key.data.socket.sendall(next(requests))
            else:
                waiting -= 1
    return Load(answered, time.perf_counter() - started)


def request(method: str, path: str, token: str = "", body: bytes | None = None) -> bytes:
    """Return the bytes of one request, with the headers that a phone would send."""
    lines = [f"{method} {path} HTTP/1.1", "Host: api.example.com", "User-Agent: waybill/1", "Accept: */*"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")
