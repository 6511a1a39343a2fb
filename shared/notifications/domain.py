"""Pure functions that turn a notification request into the notifications of its recipients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.kernel.ids import derived_id
from shared.kernel.india import INDIA
from shared.kernel.money import Money
from shared.kernel.text import isolated
from shared.kernel.timezones import ZoneUnknown, time_zone
from shared.notifications.kinds import Audience, TemplateKey
from shared.notifications.templates import FALLBACK, TEXTS

PUSH_TTL = timedelta(days=1)
"""How long the push service keeps a push for a phone that is off, unless its content expires earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRequest:
    """A request to notify the parties of one event; each party has a role."""

    event_id: str
    template_key: TemplateKey
    at: datetime
    order_id: str
    customer_id: str | None = None
    merchant_id: str = ""
    """The merchant whose staff is notified."""
    driver_id: str | None = None
    owner_id: str | None = None
    to_operators: bool = False
    """Whether support and administration are notified."""
    amount: Money | None = None
    merchant_name: str = ""
    reason: str = ""
    """A code of ours, such as `driver_silent`."""
    when: datetime | None = None
    """The time for which the order is."""
    until: datetime | None = None
    """Until when the recipient has to act."""
    timezone: str = INDIA
    """The time zone in which the recipients read these times."""
    recurrence_id: str = ""
    offer_id: str = ""
    expires_at: datetime | None = None
    """After this time the notification is of no use."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A user, and the role in which the user is notified."""

    uid: str
    audience: Audience


@dataclass(frozen=True, slots=True)
class Notification:
    """One event for one user, as stored in the inbox of the user."""

    id: str
    event_id: str
    template: str
    title: str
    body: str
    order_id: str
    at: datetime
    read: bool = False
    pushed_at: datetime | None = None
    """When the push service had accepted it for every device. While it is None, each delivery of the event
    pushes it, unless the user has muted its topic."""
    reached: tuple[str, ...] = ()
    """The devices for which the push service accepted it when it failed for others: a retry spares them."""


@dataclass(frozen=True, slots=True)
class PushMessage:
    """A push for one device. A device shows two messages with the same `id` as one."""

    id: str
    title: str
    body: str
    data: Mapping[str, str]
    """What the app needs to open the right screen: ids and times, no personal data."""
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ContactPoints:
    """The language, push tokens and muted topics (`topic.channel`) of a user."""

    language: str = FALLBACK
    tokens: tuple[str, ...] = field(default=(), repr=False)
    muted: tuple[str, ...] = ()


def notifies_staff(request: NotificationRequest) -> bool:
    """Return whether the staff of the merchant is to be notified."""
    return bool(request.merchant_id) and (request.template_key, Audience.MERCHANT) in TEXTS


def recipients(
    request: NotificationRequest, staff: Sequence[str] = (), operators: Sequence[str] = ()
) -> tuple[Recipient, ...]:
    """Return each recipient once, in the first role that has a text for the template key.

    `staff` are the present members of the merchant's staff, and `operators` the present operators, by uid.
    """
    found: dict[str, Recipient] = {}
    others = ((uid, Audience.OPERATOR) for uid in operators)
    for uid, audience in (*_parties(request, staff), *others):
        if (request.template_key, audience) in TEXTS:
            found.setdefault(uid, Recipient(uid, audience))
    return tuple(found.values())


def notification_id(event_id: str, uid: str) -> str:
    """Return the id of the push notification of an event for `uid`; it prevents a duplicate."""
    return derived_id("ntf", event_id, uid, "push")


def compose(request: NotificationRequest, recipient: Recipient, language: str) -> Notification:
    """Return the notification in the language of the user, or in English if that has no texts."""
    texts = TEXTS[request.template_key, recipient.audience]
    title, body = texts.get(language, texts[FALLBACK])
    values = {
        "amount": str(request.amount or ""),
        "merchant_name": isolated(request.merchant_name),
        "reason": request.reason.replace("_", " "),
        "when": _shown(request.when, request.timezone),
        "until": _shown(request.until, request.timezone),
    }
    return Notification(
        id=notification_id(request.event_id, recipient.uid),
        event_id=request.event_id,
        template=f"{request.template_key.value}.{recipient.audience.value}",
        title=title.format_map(values),
        body=body.format_map(values),
        order_id=request.order_id,
        at=request.at,
    )


def push_message(request: NotificationRequest, note: Notification) -> PushMessage:
    """Return the push message of a notification."""
    data = {"notification_id": note.id, "template": note.template, "order_id": note.order_id}
    if request.offer_id:
        data["offer_id"] = request.offer_id
    if request.when:
        data["scheduled_for"] = request.when.isoformat()
    if request.recurrence_id:
        data["recurrence_id"] = request.recurrence_id
    if request.expires_at:
        data["expires_at"] = request.expires_at.isoformat()
    expires_at = request.expires_at or request.at + PUSH_TTL
    return PushMessage(note.id, note.title, note.body, data, expires_at)


def is_current(message: PushMessage, now: datetime) -> bool:
    """Return whether the message has not expired yet."""
    return now < message.expires_at


def _shown(moment: datetime | None, timezone: str) -> str:
    """Return a time as every language can show it, by the clocks of a zone; empty for no time."""
    if moment is None:
        return ""
    try:
        zone = time_zone(timezone)
    except ZoneUnknown:
        zone = time_zone(INDIA)
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _parties(request: NotificationRequest, staff: Sequence[str]) -> Iterator[tuple[str, Audience]]:
    if request.customer_id:
        yield request.customer_id, Audience.CUSTOMER
    if request.driver_id:
        yield request.driver_id, Audience.DRIVER
    if request.owner_id:
        yield request.owner_id, Audience.OWNER
    for uid in staff:
        yield uid, Audience.MERCHANT
