"""`Push` in memory: devices that show their messages. Passes the contract suite."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

from shared.kernel.errors import Unavailable
from shared.notifications.domain import PushMessage
from shared.notifications.ports import Receipt


class FakePush:
    """See `Push`. `dead` tokens belong to no device; each token in `failing` fails that often."""

    def __init__(self) -> None:
        self.screens: defaultdict[str, dict[str, PushMessage]] = defaultdict(dict)
        """The messages that each device shows, by id; a second message with an id replaces the first."""
        self.sent: Counter[tuple[str, str]] = Counter()
        """The number of deliveries of a message, by token and message id."""
        self.dead: set[str] = set()
        self.failing: Counter[str] = Counter()
        self.broken: set[str] = set()
        self.dying: Exception | None = None
        """The error that ends the process before it sends anything."""

    async def send(self, token: str, message: PushMessage) -> Receipt:
        if self.dying:
            raise self.dying
        if self.failing[token] > 0:
            self.failing[token] -= 1
            raise Unavailable("The push service does not answer.", retry_after=timedelta(seconds=7))
        if token in self.broken:
            raise ValueError("an unexpected error")
        if token in self.dead:
            return Receipt.DEAD_TOKEN
        self.sent[token, message.id] += 1
        self.screens[token][message.id] = message
        return Receipt.DELIVERED

    def titles(self, token: str) -> list[str]:
        """Return the titles that a device shows."""
        return [message.title for message in self.screens[token].values()]
