"""Ports on the loopback interface, reserved for one stack: free ones, or those that Firebase documents.

After binding to port 0 and closing the socket, the kernel can give the port to another process before
the part listens on it. On Linux the bound socket therefore stays open for the life of the stack: the
kernel gives the port to no other process, and the part can still listen on it, because both sides set
SO_REUSEADDR and ours never listens. For the same reason two stacks could reserve one documented port:
a lock on the machine gives these ports to one stack at a time.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO

HOST = "127.0.0.1"
GATEWAY_PORT = 8787
"""Where the API document says that a local stack is."""

PARTS_OF_FIREBASE: Mapping[str, str] = {
    "auth": "auth",
    "firestore": "firestore",
    "functions": "callables",
    "hosting": "hosting",
    "pubsub": "pubsub",
    "storage": "storage",
}
"""Our part for each emulator that `firebase.json` gives a port."""


def standard_ports(firebase_json: Path) -> dict[str, int]:
    """Return by part the ports that every sample of Firebase uses, as `firebase.json` lists them."""
    emulators = json.loads(firebase_json.read_text())["emulators"]
    ports = {part: int(emulators[name]["port"]) for name, part in PARTS_OF_FIREBASE.items()}
    return {**ports, "gateway": GATEWAY_PORT}


class PortLease:
    """Distinct ports by name, held until the lease is closed.

    A name has its `wanted` port if that is free, unless another stack on this machine holds wanted ports.
    """

    def __init__(self, names: Iterable[str], wanted: Mapping[str, int] | None = None) -> None:
        self._lock = _only_holder() if wanted else None
        granted = wanted if wanted and self._lock else {}
        self._sockets = {name: _bound(granted.get(name, 0)) for name in names}
        self.ports: dict[str, int] = {name: held.getsockname()[1] for name, held in self._sockets.items()}
        if sys.platform != "linux":  # BSD refuses a second bind to a bound port
            self._release()

    def close(self) -> None:
        """Release the ports; idempotent."""
        self._release()
        if self._lock:
            self._lock.close()

    def _release(self) -> None:
        for held in self._sockets.values():
            held.close()

    def __enter__(self) -> PortLease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _only_holder() -> IO[str] | None:
    """Return the lock on documented ports, which ends with the process; None while another stack has it."""
    lock = (Path(tempfile.gettempdir()) / f"waybill-ports-{os.getuid()}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _bound(port: int) -> socket.socket:
    """Return a socket that is bound to the port or, where another process listens on it, to a free one."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((HOST, port))
    except OSError:
        if not port:
            raise
        held.bind((HOST, 0))
    return held
