"""Events: committed with their state, published only then, removed only after, each told once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.adapters.firestore.database import Write
from shared.kernel.event import Message
from shared.notifications.domain import PushMessage
from tests.simulation.invariants.orders import Document, Fault, new_entries
from tests.simulation.ports.database import Touched

UNPUBLISHED = {
    "order_preparing",
    "order_in_transit",
    "order_arrived",
    "payment_started",
    "payment_failed",
    "offer_expired",
}


class Messages:
    """Remembers every event from its commit on."""

    def __init__(self) -> None:
        self.committed: dict[str, float] = {}
        """When each event was committed."""
        self.published: dict[str, float] = {}
        self.contents: dict[str, Message] = {}
        self._told: set[str] = set()
        self._pushed: dict[str, float] = {}
        """When the inbox of each notification first said that it was pushed."""

    def publish(self, message: Message, now: float) -> Iterator[Fault]:
        """Take note of what reached the bus."""
        if message.id not in self.committed:
            yield "13", f"{message.type} was published before it was committed"
        self.published.setdefault(message.id, now)
        self.contents.setdefault(message.id, message)

    def push(self, message: PushMessage, asked: float) -> Iterator[Fault]:
        """Take note of a push by a process that was started at a time."""
        if asked > self._pushed.get(message.id, asked):
            yield "14", f"{message.data['template']} rang again although the inbox said that it had rung"

    def commit(self, touched: Touched, writes: Sequence[Write], now: float) -> Iterator[Fault]:
        """Take note of what was committed."""
        fresh = set()
        for path, (before, after) in touched.items():
            collection, _, name = path.rpartition("/")
            if collection == "outbox" and after is not None:
                fresh.add(name)
                self.committed.setdefault(name, now)
            elif collection == "outbox" and before is not None and name not in self.published:
                yield "13", f"{before['type']} left the outbox and never reached the bus"
            elif collection == "idempotency":
                yield from self._record(name, before)
            elif collection.endswith("/inbox"):
                yield from self._kept(path, before, after, now)
        for path, (before, after) in touched.items():
            if path.startswith(("orders/", "tips/")) and path.count("/") == 1 and after is not None:
                yield from self._announced(before, after, fresh)

    def _kept(
        self, path: str, before: Document | None, after: Document | None, now: float
    ) -> Iterator[Fault]:
        if before is not None and not _marked(before, after):
            yield "14", f"{path} was told twice"
        if (after or {}).get("pushed_at"):
            self._pushed.setdefault(path.rpartition("/")[2], now)

    def _record(self, name: str, before: Document | None) -> Iterator[Fault]:
        if before is not None or name in self._told:
            yield "2", f"idempotency key {name[-6:]} had two effects"
        self._told.add(name)

    def _announced(self, before: Document | None, after: Document, fresh: set[str]) -> Iterator[Fault]:
        for entry in new_entries(before, after):
            if entry["type"] not in UNPUBLISHED and entry["event_id"] not in fresh:
                yield "13", f"{entry['type']} of {after['id'][-6:]} was committed without its outbox entry"


def _marked(before: Document, after: Document | None) -> bool:
    """Say whether an entry of an inbox got no more than marks: pushed, reached devices, read."""
    if after is None or before["read"] > after["read"] or (before["pushed_at"] and not after["pushed_at"]):
        return False
    marks = {"pushed_at": None, "reached": (), "read": True}
    return {**after, **marks} == {**before, **marks}
