"""A Firestore that only notices whether somebody comes: no connection means no operation."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Watched:
    """Where it listens, and how often it was connected to."""

    address: str
    connections: int = 0


@contextmanager
def watched_firestore() -> Iterator[Watched]:
    """Listen, and hang up on whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        watched = Watched(f"127.0.0.1:{listener.getsockname()[1]}")
        thread = threading.Thread(target=_watch, args=(listener, watched), daemon=True)
        thread.start()
        try:
            yield watched
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _watch(listener: socket.socket, watched: Watched) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # the listener was shut down
            return
        watched.connections += 1
        connection.close()
