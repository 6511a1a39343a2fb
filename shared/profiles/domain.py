"""A user's profile, and the entries of their inbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.kernel.actor import Principal


class Language(StrEnum):
    """A language of Waybill's messages."""

    ENGLISH = "en"
    HINDI = "hi"


class Diet(StrEnum):
    """A dietary requirement of a user for the dishes that they order."""

    VEGETARIAN = "vegetarian"
    VEGAN = "vegan"
    JAIN = "jain"
    EGG_FREE = "egg_free"
    DAIRY_FREE = "dairy_free"
    GLUTEN_FREE = "gluten_free"
    NUT_FREE = "nut_free"
    HALAL = "halal"
    KOSHER = "kosher"


@dataclass(frozen=True, slots=True)
class Profile:
    """A user's profile: how they are named and served, and the devices and addresses that reach them."""

    uid: str
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = Language.ENGLISH.value
    push_tokens: tuple[str, ...] = field(default=(), repr=False)
    """The tokens of the user's devices, the latest registered last: a push needs no other read."""
    device_sessions: Mapping[str, str] = field(default_factory=dict)
    """The session in which each device was registered last, by the device's id."""
    dietary: tuple[Diet, ...] = ()
    cuisines: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    """The notifications that the user has turned off: `topic.channel`."""
    addresses: tuple[str, ...] = ()
    """The ids of the user's addresses, the oldest first."""
    default_address: str = ""
    version: int = 0
    """Counts the edits of the profile."""


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One notification in a user's inbox."""

    id: str
    event_id: str
    template: str
    title: str
    body: str
    order_id: str
    at: datetime
    read: bool = False


def profile_of(person: Principal, stored: Profile | None) -> Profile:
    """Return the profile with the name and the verified addresses of the token; a new one for a new user.

    E-mail and phone are always the token's, and only when verified: operators identify users by them, and
    anyone can claim another user's address.
    """
    profile = stored or Profile(person.uid)
    return replace(
        profile,
        name=profile.name or person.name,
        email=person.email if person.email_verified else "",
        phone=person.phone,
    )
