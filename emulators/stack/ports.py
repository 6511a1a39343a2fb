"""Free ports on the loopback interface, reserved for one stack.

After binding to port 0 and closing the socket, the kernel can give the port to another process before
the part listens on it. On Linux the bound socket therefore stays open for the life of the stack: the
kernel gives the port to no other process, and the part can still listen on it, because both sides set
SO_REUSEADDR and ours never listens.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable
from types import TracebackType

HOST = "127.0.0.1"


class PortLease:
    """Distinct free ports by name, held until the lease is closed."""

    def __init__(self, names: Iterable[str]) -> None:
        self._sockets = {name: _bound() for name in names}
        self.ports: dict[str, int] = {name: held.getsockname()[1] for name, held in self._sockets.items()}
        if sys.platform != "linux":  # BSD refuses a second bind to a bound port
            self.close()

    def close(self) -> None:
        """Release the ports; idempotent."""
        for held in self._sockets.values():
            held.close()

    def __enter__(self) -> PortLease:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _bound() -> socket.socket:
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((HOST, 0))
    return held
