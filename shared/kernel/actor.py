"""People and the system as actors: a signed-in person, a role, an operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from shared.kernel.ids import derived_id


class Role(StrEnum):
    """A role that a user can hold; one user may hold several."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"
    DRIVER = "driver"
    TRAVELLER = "traveller"
    SUPPORT = "support"
    ADMIN = "admin"
    SYSTEM = "system"


GRANTABLE = frozenset(Role) - {Role.SYSTEM}
"""The roles that an admin can grant."""

OPERATORS = frozenset({Role.ADMIN, Role.SUPPORT})
"""The roles in operations, which need a second factor."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A user (`uid`) and the role in which the user acts."""

    uid: str
    role: Role


SYSTEM = Actor("system", Role.SYSTEM)

GATEWAY = "gateway"
"""The actor of events that the payment provider caused."""

MACHINES = frozenset({SYSTEM.uid, GATEWAY})
"""The actors that are no people."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The signed-in person, as a verified ID token states it.

    `phone` is there only when Firebase has verified it (E.164); `email` may be unverified. `auth_time`
    is the second in which the person signed in (Unix time): all tokens of one sign-in have the same.
    `provider` is the sign-in method of this session, `providers` all methods that the account knows.
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
        """The id of this sign-in: one session is one sign-in, whichever of its tokens is sent."""
        return derived_id("ses", self.uid, str(self.auth_time))

    @property
    def signed_in_at(self) -> datetime:
        """The time of the sign-in, to the second."""
        return datetime.fromtimestamp(self.auth_time, UTC)


@dataclass(frozen=True, slots=True)
class Operator:
    """An admin or a support agent, with the roles that the request was authorised by."""

    uid: str
    roles: frozenset[Role]


def known_roles(granted: object) -> frozenset[Role]:
    """Return the roles among a document's values; unknown ones and `system` grant nothing."""
    if not isinstance(granted, list | tuple):
        return frozenset()
    return frozenset(role for role in GRANTABLE if role.value in granted)
