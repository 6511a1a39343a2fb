"""What the identity context needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.accounts.domain import Account
from shared.identity.admin import Audited
from shared.identity.factor_reset import FactorReset
from shared.identity.second_factor import SecondFactor, Security
from shared.identity.sessions import Session, Visit
from shared.kernel.access import AccountStatus
from shared.kernel.actor import Principal, Role


class TokenVerifier(Protocol):
    """Checks ID tokens."""

    async def verify(self, token: str) -> Principal:
        """Return whose token it is.

        Raises `Unauthenticated` when it is forged, expired or meant for someone else, and
        `Unavailable` when the signing keys cannot be had.
        """
        ...


class RoleStore(Protocol):
    """The roles that were granted; read from a document, not from the token, so that a grant that
    was taken back ends at once."""

    async def roles_of(self, uid: str) -> frozenset[Role]:
        """Return the granted roles; empty for an unknown person."""
        ...

    async def standing(self, uid: str, session_id: str = "") -> AccountStatus:
        """Return how a person stands at this moment, and how the session does where one is named."""
        ...


class AccountStore(Protocol):
    """People's own documents."""

    async def find(self, uid: str) -> Account | None:
        """Return the account; None for a person who never saved anything."""
        ...

    async def change(self, uid: str, decide: Callable[[Account | None], Account]) -> Account:
        """Store what `decide` makes of the account, and return it; `decide` may run again."""
        ...

    async def change_audited(
        self, uid: str, operator: str, decide: Callable[[Account | None, Account | None], Audited]
    ) -> Account:
        """Store the account together with the record of the action, and return the account.

        `decide` is given the operator's own account too: no action is stored after its operator's demotion.
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
