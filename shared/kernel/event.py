"""The base of all events that contexts publish to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from shared.kernel.actor import MACHINES, Role
from shared.kernel.errors import Invalid
from shared.kernel.ids import derived_id
from shared.kernel.subject import ChargeKind, SubjectRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact about `subject`, named in the past tense.

    `TYPE` is `waybill.<context>.<name>.v<n>`; the context is also the topic. An event that is not
    `PUBLISHED` is only in the timeline of the order. Fields are plain values, so that an event can be read
    years later; a reader ignores unknown fields.
    """

    TYPE: ClassVar[str]
    PUBLISHED: ClassVar[bool] = True

    id: str
    at: datetime
    actor: str

    @property
    def subject(self) -> str:
        """The id of the entity that the event is about; contexts override it."""
        return self.id

    @classmethod
    def topic(cls) -> str:
        """Return the Pub/Sub topic, which is the name of the context."""
        return cls.TYPE.split(".")[1]

    @classmethod
    def name(cls) -> str:
        """Return the short name that timelines show, such as `order_placed`."""
        return cls.TYPE.split(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent(Event):
    """An event about one order; it also becomes an entry of the timeline of the order."""

    order_id: str

    @property
    def timeline(self) -> SubjectRef:
        """The order, whose timeline records the event."""
        return SubjectRef(ChargeKind.ORDER, self.order_id)

    @property
    def subject(self) -> str:
        """The id of the order."""
        return self.timeline.id

    @property
    def actor_role(self) -> str:
        """The role in which the actor acted; empty where the parties of the order tell it."""
        return ""

    def shown_actor(self, customer_id: str, driver_id: str | None) -> str:
        """Return how the timeline of an order with these parties names the actor: by role.

        All parties read the timeline, and who works for the merchant or in support is not theirs to know.
        """
        if self.actor in MACHINES:
            return self.actor
        if self.actor_role:
            return self.actor_role
        if self.actor == customer_id:
            return Role.CUSTOMER.value
        return Role.DRIVER.value if self.actor == driver_id else Role.MERCHANT.value


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerEvent(OrderEvent):
    """An event about an order that also names its customer."""

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantEvent(CustomerEvent):
    """An event about an order that also names its customer and its merchant."""

    merchant_id: str


def event_id(subject: str, name: str, *parts: str) -> str:
    """Return the id of the one event `name` of `subject` (and `parts`, where it can recur).

    The id is derived, so that a repeated decision gives the same event.
    """
    return derived_id("evt", subject, name, *parts)


@dataclass(frozen=True, slots=True)
class Message:
    """An encoded event, as stored in the outbox and sent over the bus."""

    id: str
    topic: str
    type: str
    subject: str
    time: datetime
    data: str
    """The fields of the event as a JSON object."""
    traceparent: str = ""
    request_id: str = ""

    @property
    def name(self) -> str:
        """The short name of the event, such as `order_placed`; empty for a type of another form."""
        return "".join(self.type.split(".")[2:3])


class PublishRefused(Invalid):
    """The bus will never take the message as it is, such as one that is too large."""

    code = "PUBLISH_REFUSED"
    detail = "The event bus refuses this event. An engineer has to look at it."


class Publisher(Protocol):
    """The event bus between contexts."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Publish all messages and return when the bus has stored them.

        Raises `Unavailable` when the bus does not answer; any of the messages may then have been stored.
        Raises `PublishRefused` when the bus will never take one of them.
        """
        ...

    async def ping(self) -> None:
        """Return when the bus answers. Raises `Unavailable`."""
        ...
