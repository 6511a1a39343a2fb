"""The messages that arrived on the devices: the last 10,000, in memory."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

MAX_MESSAGES = 10_000


@dataclass(frozen=True, slots=True)
class Address:
    """One device or one topic."""

    token: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message that arrived; `sequence` increases over all addresses."""

    sequence: int
    name: str
    address: Address
    content: dict[str, Any]
    received_at: float

    def view(self) -> dict[str, Any]:
        """Return the message as JSON."""
        return {
            "sequence": self.sequence,
            "name": self.name,
            "received_at": self.received_at,
            "message": self.content,
        }


@dataclass(slots=True)
class Counters:
    """The number of requests to FCM, by outcome."""

    accepted: int = 0
    validated: int = 0
    lost: int = 0
    rejected: Counter[str] = field(default_factory=Counter)

    def view(self) -> dict[str, Any]:
        """Return the numbers as JSON."""
        return {
            "accepted": self.accepted,
            "validated": self.validated,
            "lost": self.lost,
            "rejected": dict(self.rejected),
        }


class Inboxes:
    """Messages by address, in order of arrival."""

    def __init__(self) -> None:
        self._all: deque[Message] = deque()
        self._by_address: dict[Address, deque[Message]] = {}
        self._sequence = 0
        self._unregistered: set[str] = set()

    def put(self, address: Address, name: str, content: dict[str, Any], now: float) -> Message:
        """Add a message and return it; beyond the limit, drop the oldest of all."""
        self._sequence += 1
        message = Message(self._sequence, name, address, content, now)
        self._all.append(message)
        self._by_address.setdefault(address, deque()).append(message)
        if len(self._all) > MAX_MESSAGES:
            self._drop_oldest()
        return message

    def after(self, address: Address, sequence: int) -> list[Message]:
        """Return the messages of an address after `sequence`, oldest first."""
        return [message for message in self._by_address.get(address, ()) if message.sequence > sequence]

    def all(self) -> list[Message]:
        """Return all stored messages, oldest first."""
        return list(self._all)

    def unregister(self, token: str) -> None:
        """Unregister a token, as after the app was uninstalled."""
        self._unregistered.add(token)

    def register(self, token: str) -> None:
        """Register a token again."""
        self._unregistered.discard(token)

    def is_unregistered(self, token: str | None) -> bool:
        """Return whether a token was unregistered; any other token is valid."""
        return token in self._unregistered

    def unregistered(self) -> list[str]:
        """Return all unregistered tokens."""
        return sorted(self._unregistered)

    def _drop_oldest(self) -> None:
        oldest = self._all.popleft()
        inbox = self._by_address[oldest.address]
        inbox.popleft()  # the oldest of all is the oldest at its address
        if not inbox:
            del self._by_address[oldest.address]
