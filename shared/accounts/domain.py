"""The rules about people: accounts, the phones that are notified, and reviews."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.accounts.events import ReviewPosted
from shared.kernel.actor import Role
from shared.kernel.errors import Invalid, NotFound, WrongState
from shared.kernel.event import event_id
from shared.kernel.order import Fulfilment

MAX_DEVICES = 10
MAX_STARS = 5
GRANTABLE = frozenset(Role) - {Role.SYSTEM}


@dataclass(frozen=True, slots=True)
class Principal:
    """The signed-in person, as a verified ID token states it.

    `phone` is there only when Firebase has verified it (E.164); `email` may be unverified.
    """

    uid: str
    email: str = ""
    email_verified: bool = False
    phone: str = ""
    name: str = ""


class Language(StrEnum):
    """A language that Waybill writes to people in."""

    ENGLISH = "en"
    HINDI = "hi"


class Platform(StrEnum):
    """What a device runs."""

    ANDROID = "android"
    IOS = "ios"
    WEB = "web"


class Side(StrEnum):
    """Who judges whom."""

    CUSTOMER_OF_DRIVER = "customer_of_driver"


class DeviceNotFound(NotFound):
    """You have no such device."""


class OrderNotFound(NotFound):
    """There is no such order, or it is not yours."""


class OrderNotDelivered(WrongState):
    """An order can be reviewed once it has been delivered."""


class AlreadyReviewed(WrongState):
    """You have reviewed this order before."""


class StarsOutOfRange(Invalid):
    """A review has one to five stars."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person's own document; it may hold nothing but `roles` that an operator granted."""

    uid: str
    name: str = ""
    email: str = ""
    phone: str = ""
    roles: tuple[str, ...] = ()
    language: str = Language.ENGLISH.value
    push_tokens: tuple[str, ...] = field(default=(), repr=False)
    """The tokens of the person's devices, the one seen last at the end: all that a push needs in one read."""


@dataclass(frozen=True, slots=True)
class Device:
    """A phone or browser that can be pushed to."""

    id: str
    token: str = field(repr=False)
    platform: Platform
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """An account after one of its devices came or went: whom to store and which device ids to forget."""

    account: Account
    added: Device | None = None
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One notification as its reader finds it again."""

    id: str
    event_id: str
    template: str
    title: str
    body: str
    order_id: str
    at: datetime
    read: bool = False


@dataclass(frozen=True, slots=True)
class Carrier:
    """The part of an order's assignment that a review needs."""

    driver_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewableOrder:
    """What a review must know of an order; the order belongs to other contexts and is only read."""

    id: str
    customer_id: str
    fulfilment: Fulfilment
    assignment: Carrier


@dataclass(frozen=True, slots=True)
class Review:
    """One side's judgement of the other about one order."""

    id: str
    order_id: str
    author_id: str
    subject_id: str
    side: Side
    stars: int
    comment: str
    at: datetime


def device_id(token: str) -> str:
    """Return the id of the device that a push token belongs to: the token cannot be read from it."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def known_roles(granted: Iterable[object]) -> frozenset[Role]:
    """Return the roles that are meant by a document's values; unknown ones and `system` grant nothing."""
    return frozenset(role for role in GRANTABLE if role.value in granted)


def account_of(principal: Principal, stored: Account | None) -> Account:
    """Return the person's account, made from the token where there is none.

    E-mail and phone are always the token's: Firebase verified them, the document only repeats them.
    """
    account = stored or Account(principal.uid)
    return replace(account, name=account.name or principal.name, email=principal.email, phone=principal.phone)


def edited(account: Account, name: str, language: Language) -> Account:
    """Return the account under a new name and language."""
    return replace(account, name=name, language=language.value)


def with_device(account: Account, device: Device) -> DevicesChanged:
    """Return the account with the device as the one seen last; beyond ten, those seen longest ago go."""
    tokens = (*(token for token in account.push_tokens if token != device.token), device.token)
    dropped = tuple(device_id(token) for token in tokens[:-MAX_DEVICES])
    return DevicesChanged(replace(account, push_tokens=tokens[-MAX_DEVICES:]), device, dropped)


def without_device(account: Account | None, gone: str) -> DevicesChanged:
    """Return the account without the device of id `gone`. Raises `DeviceNotFound`."""
    if account is None or gone not in map(device_id, account.push_tokens):
        raise DeviceNotFound
    left = tuple(token for token in account.push_tokens if device_id(token) != gone)
    return DevicesChanged(replace(account, push_tokens=left), dropped=(gone,))


def review_id(order_id: str) -> str:
    """Return the id of the customer's one review of an order."""
    return f"{order_id}_customer"


def review_driver(
    order: ReviewableOrder | None,
    existing: Review | None,
    author: str,
    stars: int,
    comment: str,
    at: datetime,
) -> tuple[Review, tuple[ReviewPosted, ...]]:
    """Return the customer's review of the driver who brought the order, and the news of it.

    Raises `OrderNotFound` for a foreign order, `OrderNotDelivered`, `AlreadyReviewed`, `StarsOutOfRange`.
    """
    if not 1 <= stars <= MAX_STARS:
        raise StarsOutOfRange
    if order is None or order.customer_id != author:
        raise OrderNotFound
    driver = order.assignment.driver_id
    if order.fulfilment is not Fulfilment.DELIVERED or driver is None:
        raise OrderNotDelivered
    if existing:
        raise AlreadyReviewed
    review = Review(
        review_id(order.id), order.id, author, driver, Side.CUSTOMER_OF_DRIVER, stars, comment, at
    )
    return review, (_posted(review),)


def _posted(review: Review) -> ReviewPosted:
    return ReviewPosted(
        id=event_id(review.id, "review_posted"),
        at=review.at,
        actor=review.author_id,
        review_id=review.id,
        order_id=review.order_id,
        author_id=review.author_id,
        subject_id=review.subject_id,
        side=review.side.value,
        stars=review.stars,
    )
