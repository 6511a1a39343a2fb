"""Who is told what: pure functions from what happened to notifications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.notifications.templates import FALLBACK, TEXTS, Audience, Occasion

KEPT = timedelta(days=1)
"""How long a push waits for a phone that is switched off, unless what it tells ends earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What happened to one order, and everybody whom it concerns in some role."""

    event_id: str
    occasion: Occasion
    at: datetime
    order_id: str
    customer_id: str | None = None
    merchant_staff: tuple[str, ...] = ()
    driver_id: str | None = None
    owner_id: str | None = None
    amount: Money | None = None
    merchant_name: str = ""
    offer_id: str = ""
    ends_at: datetime | None = None
    """When it is of no use any more to be told."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person, and the role in which they are told."""

    uid: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class Notification:
    """What one person is told of one event, as their inbox keeps it."""

    id: str
    event_id: str
    template: str
    title: str
    body: str
    order_id: str
    at: datetime
    read: bool = False
    pushed_at: datetime | None = None
    """When the push service had it for every device; until then a delivery of the event pushes it,
    unless its reader wants no push of its kind."""


@dataclass(frozen=True, slots=True)
class PushMessage:
    """A notification on its way to a phone. The same `id` twice shows as one."""

    id: str
    title: str
    body: str
    data: Mapping[str, str]
    """What the app needs to open the right screen: ids and times, nothing about people."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """How a person is reached; `muted` are the `topic.channel` that shall not disturb them."""

    language: str = FALLBACK
    tokens: tuple[str, ...] = field(default=(), repr=False)
    muted: tuple[str, ...] = ()


def recipients(happening: Happening) -> tuple[Recipient, ...]:
    """Return whom to tell, each person once, in the first of the roles for which there is a text."""
    found: dict[str, Recipient] = {}
    for uid, audience in _concerned(happening):
        if (happening.occasion, audience) in TEXTS:
            found.setdefault(uid, Recipient(uid, audience))
    return tuple(found.values())


def notification_id(event_id: str, uid: str) -> str:
    """Return the one id of what `uid` is told of an event by push: the lock against telling it twice."""
    return derived_id("ntf", event_id, uid, "push")


def compose(happening: Happening, recipient: Recipient, language: str) -> Notification:
    """Return the notification in the person's language, or in English where that has no texts."""
    texts = TEXTS[happening.occasion, recipient.audience]
    title, body = texts.get(language, texts[FALLBACK])
    words = {"amount": str(happening.amount or ""), "merchant_name": happening.merchant_name}
    return Notification(
        id=notification_id(happening.event_id, recipient.uid),
        event_id=happening.event_id,
        template=f"{happening.occasion.value}.{recipient.audience.value}",
        title=title.format_map(words),
        body=body.format_map(words),
        order_id=happening.order_id,
        at=happening.at,
    )


def push_of(happening: Happening, note: Notification) -> PushMessage:
    """Return the push that carries the notification."""
    data = {"notification_id": note.id, "template": note.template, "order_id": note.order_id}
    if happening.offer_id:
        data["offer_id"] = happening.offer_id
    if happening.ends_at:
        data["expires_at"] = happening.ends_at.isoformat()
    expires_at = happening.ends_at or happening.at + KEPT
    return PushMessage(note.id, note.title, note.body, data, expires_at)


def worth_pushing(message: PushMessage, now: datetime) -> bool:
    """Say whether a phone should still ring: not for an offer that has ended, nor for old news."""
    return now < message.expires_at


def _concerned(happening: Happening) -> Iterator[tuple[str, Audience]]:
    if happening.customer_id:
        yield happening.customer_id, Audience.CUSTOMER
    if happening.driver_id:
        yield happening.driver_id, Audience.DRIVER
    if happening.owner_id:
        yield happening.owner_id, Audience.OWNER
    for uid in happening.merchant_staff:
        yield uid, Audience.MERCHANT
