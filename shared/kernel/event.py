"""What happened: the base of every event that a context tells the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from shared.kernel.ids import derived_id
from shared.kernel.subject import ChargeKind, SubjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact about `subject`, stated once, in the past tense.

    `TYPE` is `waybill.<context>.<name>.v<n>`; the context is also the topic. An event that is not
    `PUBLISHED` stands in the order's timeline only. Fields are plain values, so that the event can
    be read years later; a reader ignores fields that it does not know.
    """

    TYPE: ClassVar[str]
    PUBLISHED: ClassVar[bool] = True

    id: str
    at: datetime
    actor: str

    @property
    def subject(self) -> str:
        """The id of what the event is about; contexts override it."""
        return self.id

    @classmethod
    def topic(cls) -> str:
        """The Pub/Sub topic: the context's name."""
        return cls.TYPE.split(".")[1]

    @classmethod
    def name(cls) -> str:
        """The short name that timelines show, such as `order_placed`."""
        return cls.TYPE.split(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent(Event):
    """An event about one order; it also becomes an entry of the order's timeline."""

    order_id: str

    @property
    def timeline(self) -> SubjectRef:
        """What the event is about, and whose timeline records it: the order."""
        return SubjectRef(ChargeKind.ORDER, self.order_id)

    @property
    def subject(self) -> str:
        """The id of what the event is about."""
        return self.timeline.id


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerEvent(OrderEvent):
    """An event about an order that its customer may be told of."""

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantEvent(CustomerEvent):
    """An event about an order that its customer and the merchant's staff may be told of."""

    merchant_staff: tuple[str, ...]


def event_id(subject: str, name: str, *parts: str) -> str:
    """Return the id of the one event `name` of `subject` (and `parts`, where it can recur).

    Derived, not random: deciding the same change twice names the same event.
    """
    return derived_id("evt", subject, name, *parts)


@dataclass(frozen=True, slots=True)
class Message:
    """An event, encoded: what stands in the outbox and goes over the bus."""

    id: str
    topic: str
    type: str
    subject: str
    time: datetime
    data: str
    """The event's fields as a JSON object."""
    traceparent: str = ""
    request_id: str = ""


class Publisher(Protocol):
    """The bus between contexts."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Hand all messages over and return once the bus has stored them.

        Raises `Unavailable` when it does not answer; then any of them may have been stored.
        """
        ...

    async def ping(self) -> None:
        """Return when the bus answers. Raises `Unavailable`."""
        ...
