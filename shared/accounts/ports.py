"""What the accounts context needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.accounts.addresses import Address, Location, Placed
from shared.accounts.audit import Audited
from shared.accounts.domain import (
    Account,
    DevicesChanged,
    InboxEntry,
    Principal,
)
from shared.accounts.factor_reset import FactorReset
from shared.accounts.second_factor import SecondFactor, Security
from shared.accounts.sessions import Session, Standing, Visit
from shared.kernel.actor import Role
from shared.kernel.once import Once


class TokenVerifier(Protocol):
    """Checks ID tokens."""

    async def verify(self, token: str) -> Principal:
        """Return whose token it is.

        Raises `Unauthenticated` when it is forged, expired or meant for someone else, and
        `Unavailable` when the signing keys cannot be had.
        """
        ...


class RoleBook(Protocol):
    """The roles that were granted; read from a document, not from the token, so that a grant that
    was taken back ends at once."""

    async def roles_of(self, uid: str) -> frozenset[Role]:
        """Return the granted roles; empty for an unknown person."""
        ...

    async def standing(self, uid: str, session_id: str = "") -> Standing:
        """Return how a person stands at this moment, and how the session does where one is named."""
        ...


class AccountStore(Protocol):
    """People's own documents and their devices."""

    async def find(self, uid: str) -> Account | None:
        """Return the account; None for a person who never saved anything."""
        ...

    async def change(self, uid: str, decide: Callable[[Account | None], Account]) -> Account:
        """Store what `decide` makes of the account, and return it; `decide` may run again."""
        ...

    async def change_audited(
        self, uid: str, operator: str, decide: Callable[[Account | None, Account | None], Audited]
    ) -> Account:
        """Store the account together with the record of the deed, and return the account.

        `decide` is given the operator's own account too: no deed is stored after its operator's demotion.
        """
        ...

    async def change_devices(
        self, uid: str, device_id: str, decide: Callable[[Account | None], DevicesChanged]
    ) -> DevicesChanged:
        """Store the account and the one device that came or went, together.

        A device that comes leaves whatever account it was on: a phone rings for one person at most.
        """
        ...


class SessionStore(Protocol):
    """People's sign-ins."""

    async def live(self, uid: str, after: datetime, limit: int) -> Sequence[Session]:
        """Return the sessions begun after a moment that were not ended one by one, newest first."""
        ...

    async def change(
        self, uid: str, session_id: str, decide: Callable[[Account | None, Session | None], Visit]
    ) -> Visit:
        """Store what `decide` makes of an account and one of its sessions, together."""
        ...


class SecondFactorStore(Protocol):
    """People's second factors, which only the server can read."""

    async def find(self, uid: str) -> SecondFactor | None:
        """Return the factor, confirmed or not."""
        ...

    async def change(
        self,
        person: Principal,
        decide: Callable[[Account | None, Session | None, SecondFactor | None], Security],
    ) -> Security:
        """Store what `decide` makes of account, session and factor together; no factor removes it."""
        ...

    async def reset(
        self,
        uid: str,
        operator: str,
        decide: Callable[[Account | None, Account | None, SecondFactor | None], FactorReset],
    ) -> Account:
        """Remove the factor and store account, record and event, all together; return the account.

        `decide` is given the person's account, the operator's, and the person's factor. Without a record
        nothing is stored.
        """
        ...


class SecretVault(Protocol):
    """Seals what must be kept but not be readable where it is kept."""

    def seal(self, plain: str, owner: str) -> str:
        """Return the text sealed for one owner, by the newest key."""
        ...

    def open(self, sealed: str, owner: str) -> str:
        """Return what was sealed for this owner. Raises `SealBroken`."""
        ...


class SealBroken(Exception):
    """What should be opened was changed, belongs to another owner, or its key is gone."""


class IdentityProvider(Protocol):
    """The service that signs people in. Both may be told twice; both raise `Unavailable`."""

    async def sign_out(self, uid: str, at: datetime) -> None:
        """Let no sign-in from before `at` get new tokens."""
        ...

    async def set_disabled(self, uid: str, disabled: bool) -> None:
        """Let nobody sign in to the account any more, or again."""
        ...


class AddressBook(Protocol):
    """People's addresses."""

    async def of(self, uid: str) -> tuple[Account | None, Sequence[Address]]:
        """Return the account and its addresses, the oldest first."""
        ...

    async def change(
        self,
        uid: str,
        address_id: str,
        decide: Callable[[Account | None, Address | None], Placed],
        once: Once | None = None,
    ) -> Placed:
        """Store the account and the address that came, changed or went, together."""
        ...


class Geocoder(Protocol):
    """Finds places by their addresses."""

    async def locate(self, address: str) -> Location | None:
        """Return where an address is; None where no place is known by it. Raises `Unavailable`."""
        ...


class InboxReader(Protocol):
    """The notifications that a person got."""

    async def newest(self, uid: str, limit: int, after: tuple[datetime, str] | None) -> Sequence[InboxEntry]:
        """Return up to `limit` entries, newest first, those older than `after` (time and id) where given."""
        ...
