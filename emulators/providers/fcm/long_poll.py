"""Wakes those who wait for a message, and only those whose message it is."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from emulators.providers.fcm.inboxes import Address


class Doorbell:
    """One bell per address that somebody waits at. Once closed, nobody waits any longer."""

    def __init__(self) -> None:
        self._waiting: dict[Address, set[asyncio.Event]] = {}
        self._closed = False

    @contextmanager
    def listening(self, address: Address) -> Iterator[asyncio.Event]:
        """An event that the next message for `address` sets."""
        rung = asyncio.Event()
        if self._closed:
            rung.set()
        self._waiting.setdefault(address, set()).add(rung)
        try:
            yield rung
        finally:
            self._waiting[address].discard(rung)
            if not self._waiting[address]:
                del self._waiting[address]

    def ring(self, address: Address) -> None:
        """A message for `address` is there."""
        for rung in self._waiting.get(address, ()):
            rung.set()

    def close(self) -> None:
        """Wake everybody, for good."""
        self._closed = True
        for address in self._waiting:
            self.ring(address)

    def open(self) -> None:
        """Let people wait again."""
        self._closed = False
