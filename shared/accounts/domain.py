"""The rules about people: accounts, and the phones that are notified."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from shared.kernel.actor import Role
from shared.kernel.errors import NotFound
from shared.kernel.ids import derived_id

MAX_DEVICES = 10
GRANTABLE = frozenset(Role) - {Role.SYSTEM}


@dataclass(frozen=True, slots=True)
class Principal:
    """The signed-in person, as a verified ID token states it.

    `phone` is there only when Firebase has verified it (E.164); `email` may be unverified. `auth_time`
    is the second in which they signed in (Unix time): all tokens of one sign-in have the same.
    `provider` is how they signed in this time, `providers` all ways that the account knows.
    """

    uid: str
    email: str = ""
    email_verified: bool = False
    phone: str = ""
    name: str = ""
    auth_time: int = 0
    provider: str = ""
    providers: tuple[str, ...] = ()

    @property
    def session_id(self) -> str:
        """The id of this sign-in: one session is one sign-in, whichever of its tokens is shown."""
        return derived_id("ses", self.uid, str(self.auth_time))


class Language(StrEnum):
    """A language that Waybill writes to people in."""

    ENGLISH = "en"
    HINDI = "hi"


class Diet(StrEnum):
    """What a person does not eat, as what they ask of a dish."""

    VEGETARIAN = "vegetarian"
    VEGAN = "vegan"
    JAIN = "jain"
    EGG_FREE = "egg_free"
    DAIRY_FREE = "dairy_free"
    GLUTEN_FREE = "gluten_free"
    NUT_FREE = "nut_free"
    HALAL = "halal"
    KOSHER = "kosher"


class Platform(StrEnum):
    """What a device runs."""

    ANDROID = "android"
    IOS = "ios"
    WEB = "web"


class DeviceNotFound(NotFound):
    """You have no such device."""

    code = "DEVICE_NOT_FOUND"
    detail = "You have no such device."


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
    device_sessions: Mapping[str, str] = field(default_factory=dict)
    """In which session each device was registered last, by the devices' ids."""
    dietary: tuple[Diet, ...] = ()
    cuisines: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    """What may not disturb the person: `topic.channel`."""
    addresses: tuple[str, ...] = ()
    """The ids of the person's addresses, the oldest first."""
    default_address: str = ""
    version: int = 0
    """Counts the edits of the profile."""
    tokens_valid_after: datetime | None = None
    """No sign-in from before this moment counts."""
    revoked_sessions: tuple[str, ...] = ()
    """Sessions from after it that were ended one by one."""
    signed_in_at: datetime | None = None
    """The latest sign-in that has shown itself."""
    disabled: bool = False
    second_factor: bool = False
    """Whether a second factor is confirmed; the factor itself nobody but the server can read."""


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


def device_id(token: str) -> str:
    """Return the id of the device that a push token belongs to: the token cannot be read from it."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def known_roles(granted: Iterable[object]) -> frozenset[Role]:
    """Return the roles that are meant by a document's values; unknown ones and `system` grant nothing."""
    return frozenset(role for role in GRANTABLE if role.value in granted)


def account_of(principal: Principal, stored: Account | None) -> Account:
    """Return the person's account, made from the token where there is none.

    E-mail and phone are always the token's, and there only when verified: operators tell people by them,
    and anybody can claim somebody else's address.
    """
    account = stored or Account(principal.uid)
    at = signed_in_at(principal)
    return replace(
        account,
        name=account.name or principal.name,
        email=principal.email if principal.email_verified else "",
        phone=principal.phone,
        signed_in_at=max(at, account.signed_in_at or at),
    )


def signed_in_at(principal: Principal) -> datetime:
    """Return when the person signed in."""
    return datetime.fromtimestamp(principal.auth_time, UTC)


def with_device(account: Account, device: Device, session_id: str = "") -> DevicesChanged:
    """Return the account with the device as the one seen last; beyond ten, those seen longest ago go.

    It goes with its session, where that is named.
    """
    tokens = (*(token for token in account.push_tokens if token != device.token), device.token)
    dropped = tuple(device_id(token) for token in tokens[:-MAX_DEVICES])
    changed = replace(account, push_tokens=tokens[-MAX_DEVICES:])
    sessions = {**account.device_sessions, device.id: session_id}
    left = {id_: sessions[id_] for id_ in map(device_id, changed.push_tokens) if sessions.get(id_)}
    return DevicesChanged(replace(changed, device_sessions=left), device, dropped)


def without_device(account: Account | None, gone: str) -> DevicesChanged:
    """Return the account without the device of id `gone`. Raises `DeviceNotFound`."""
    if account is None or gone not in map(device_id, account.push_tokens):
        raise DeviceNotFound
    return DevicesChanged(released(account, gone), dropped=(gone,))


def released(account: Account, gone: str) -> Account:
    """Return the account without the token of the device of id `gone`, whether it had it or not."""
    left = tuple(token for token in account.push_tokens if device_id(token) != gone)
    sessions = {id_: session for id_, session in account.device_sessions.items() if id_ != gone}
    return replace(account, push_tokens=left, device_sessions=sessions)
