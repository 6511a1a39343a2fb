"""The rules about people: accounts, and the phones that are notified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.kernel.access import AccountStatus
from shared.kernel.actor import Principal, known_roles
from shared.kernel.device import device_id


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


def account_of(principal: Principal, stored: Account | None) -> Account:
    """Return the person's account, made from the token where there is none.

    E-mail and phone are always the token's, and there only when verified: operators tell people by them,
    and anybody can claim somebody else's address.
    """
    account = stored or Account(principal.uid)
    at = principal.signed_in_at
    return replace(
        account,
        name=account.name or principal.name,
        email=principal.email if principal.email_verified else "",
        phone=principal.phone,
        signed_in_at=max(at, account.signed_in_at or at),
    )


def released(account: Account, gone: str) -> Account:
    """Return the account without the token of the device of id `gone`, whether it had it or not."""
    left = tuple(token for token in account.push_tokens if device_id(token) != gone)
    sessions = {id_: session for id_, session in account.device_sessions.items() if id_ != gone}
    return replace(account, push_tokens=left, device_sessions=sessions)


def status_of(account: Account | None) -> AccountStatus:
    """Return the status that an account gives; an unknown person has no rights, but is not shut out."""
    if account is None:
        return AccountStatus()
    return AccountStatus(
        known_roles(account.roles),
        account.tokens_valid_after,
        account.revoked_sessions,
        account.disabled,
        account.second_factor,
    )
