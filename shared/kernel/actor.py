"""Who acts: a person in a role, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A right that a person can hold; one person may hold several."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"
    DRIVER = "driver"
    TRAVELLER = "traveller"
    SUPPORT = "support"
    ADMIN = "admin"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (`uid`) and the role in which they act on one thing."""

    uid: str
    role: Role


SYSTEM = Actor("system", Role.SYSTEM)
