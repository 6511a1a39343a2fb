"""Long-poll signals: wake the requests that wait for a message, by address."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from emulators.providers.fcm.inboxes import Address


class LongPollSignals:
    """One signal per waiting request, by address. After `close`, no request waits."""

    def __init__(self) -> None:
        self._waiters: dict[Address, set[asyncio.Event]] = {}
        self._closed = False

    @contextmanager
    def waiting(self, address: Address) -> Iterator[asyncio.Event]:
        """Yield an event that the next message for `address` sets."""
        arrived = asyncio.Event()
        if self._closed:
            arrived.set()
        self._waiters.setdefault(address, set()).add(arrived)
        try:
            yield arrived
        finally:
            self._waiters[address].discard(arrived)
            if not self._waiters[address]:
                del self._waiters[address]

    def signal(self, address: Address) -> None:
        """Wake the requests that wait for a message to `address`."""
        for arrived in self._waiters.get(address, ()):
            arrived.set()

    def close(self) -> None:
        """Wake all requests; later ones do not wait."""
        self._closed = True
        for address in self._waiters:
            self.signal(address)

    def open(self) -> None:
        """Let requests wait again."""
        self._closed = False
