"""`Publisher` in memory; it can be set to fail. It passes the contract suite."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from shared.kernel.errors import Unavailable
from shared.kernel.event import Message, PublishRefused

TOPIC = re.compile(r"[A-Za-z][\w.~+%-]{2,254}")


def refuse_impossible(messages: Sequence[Message]) -> None:
    """Raise `PublishRefused` for a topic that cannot exist, as Pub/Sub does."""
    if not all(TOPIC.fullmatch(message.topic) for message in messages):
        raise PublishRefused


class MemoryBus:
    """See `shared.kernel.event.Publisher`; the bus has none of the topics in `refused`."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.refused: set[str] = set()
        self.down = False

    async def ping(self) -> None:
        if self.down:
            raise Unavailable("The event bus does not answer.")

    async def publish(self, messages: Sequence[Message]) -> None:
        if self.down:
            raise Unavailable("The event bus does not answer.")
        refuse_impossible(messages)
        taken = [message for message in messages if message.topic not in self.refused]
        self.messages += taken
        if len(taken) < len(messages):
            raise Unavailable("The event bus does not answer.")

    def names(self) -> list[str]:
        """Return the published events' short names, in order."""
        return [message.type.split(".")[2] for message in self.messages]

    def fields(self, name: str) -> list[dict[str, Any]]:
        """Return the fields of the published events of a short name."""
        return [json.loads(m.data) for m in self.messages if m.type.split(".")[2] == name]
