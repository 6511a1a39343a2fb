"""What has arrived on the phones. Synchronous; holds the last 10,000 messages and no more."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

KEPT_MESSAGES = 10_000


@dataclass(frozen=True, slots=True)
class Address:
    """One device or one topic."""

    token: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it arrived; `sequence` only ever grows, over all addresses."""

    sequence: int
    name: str
    address: Address
    content: dict[str, Any]
    received_at: float

    def view(self) -> dict[str, Any]:
        """The message as JSON."""
        return {
            "sequence": self.sequence,
            "name": self.name,
            "received_at": self.received_at,
            "message": self.content,
        }


@dataclass(slots=True)
class Counters:
    """How much was asked of FCM, and what it answered."""

    accepted: int = 0
    validated: int = 0
    lost: int = 0
    rejected: Counter[str] = field(default_factory=Counter)

    def view(self) -> dict[str, Any]:
        """The numbers as JSON."""
        return {
            "accepted": self.accepted,
            "validated": self.validated,
            "lost": self.lost,
            "rejected": dict(self.rejected),
        }


class Inboxes:
    """Messages by address, in the order of their arrival."""

    def __init__(self) -> None:
        self._all: deque[Message] = deque()
        self._by_address: dict[Address, deque[Message]] = {}
        self._sequence = 0
        self._unregistered: set[str] = set()

    def put(self, address: Address, name: str, content: dict[str, Any], now: float) -> Message:
        """A message arrives; the oldest of all makes room for it."""
        self._sequence += 1
        message = Message(self._sequence, name, address, content, now)
        self._all.append(message)
        self._by_address.setdefault(address, deque()).append(message)
        if len(self._all) > KEPT_MESSAGES:
            self._forget_oldest()
        return message

    def after(self, address: Address, sequence: int) -> list[Message]:
        """What arrived at an address later than `sequence`, oldest first."""
        return [message for message in self._by_address.get(address, ()) if message.sequence > sequence]

    def all(self) -> list[Message]:
        """Every message still held, oldest first."""
        return list(self._all)

    def unregister(self, token: str) -> None:
        """The app is gone from the device: its token takes no message any more."""
        self._unregistered.add(token)

    def register(self, token: str) -> None:
        """The token is good again."""
        self._unregistered.discard(token)

    def is_unregistered(self, token: str | None) -> bool:
        """Whether a token is known to be dead. Any token that was never unregistered is good."""
        return token in self._unregistered

    def unregistered(self) -> list[str]:
        """Every dead token."""
        return sorted(self._unregistered)

    def _forget_oldest(self) -> None:
        oldest = self._all.popleft()
        inbox = self._by_address[oldest.address]
        inbox.popleft()  # the oldest of all is the oldest at its address
        if not inbox:
            del self._by_address[oldest.address]
