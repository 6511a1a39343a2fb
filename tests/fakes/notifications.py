"""`Push` in memory: phones that show what they got. Passes the contract suite."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta

from shared.kernel.errors import Unavailable
from shared.notifications.domain import PushMessage
from shared.notifications.ports import Receipt


class FakePush:
    """See `Push`. `dead` tokens belong to no device; each token in `failing` fails as often as it says."""

    def __init__(self) -> None:
        self.screens: defaultdict[str, dict[str, PushMessage]] = defaultdict(dict)
        """What each device shows, by message id: the same id again replaces the first."""
        self.sent: Counter[tuple[str, str]] = Counter()
        """How often a message was delivered, by token and message id."""
        self.dead: set[str] = set()
        self.failing: Counter[str] = Counter()
        self.broken: set[str] = set()
        self.dying: Exception | None = None
        """What the process dies of before anything is sent."""

    async def send(self, token: str, message: PushMessage) -> Receipt:
        if self.dying:
            raise self.dying
        if self.failing[token] > 0:
            self.failing[token] -= 1
            raise Unavailable("The push service does not answer.", retry_after=timedelta(seconds=7))
        if token in self.broken:
            raise ValueError("nobody foresaw this")
        if token in self.dead:
            return Receipt.DEAD_TOKEN
        self.sent[token, message.id] += 1
        self.screens[token][message.id] = message
        return Receipt.DELIVERED

    def titles(self, token: str) -> list[str]:
        """Return what a device shows."""
        return [message.title for message in self.screens[token].values()]
