"""What the identity context needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from shared.identity.domain import Account, Contact, SecondFactor, SecurityState, Session
from shared.kernel.access import AccountStatus
from shared.kernel.actor import Principal
from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest

R = TypeVar("R")


class TokenVerifier(Protocol):
    """Checks ID tokens."""

    async def verify(self, token: str) -> Principal:
        """Return the user that the token names.

        Raises `Unauthenticated` when it is forged, expired or meant for another project, and
        `Unavailable` when the signing keys cannot be fetched.
        """
        ...


class RoleStore(Protocol):
    """The current roles and account status; read from documents and not from the token, so that a change
    holds at once."""

    async def account_status(self, uid: str, session_id: str = "") -> AccountStatus:
        """Return the account status, with the recent MFA of the session where one is named.

        An unknown account has no roles, and its sign-ins count.
        """
        ...


class StatusCache(Protocol):
    """The account statuses that hot routes keep for a short time. Each method raises `Unavailable`."""

    async def get(self, uid: str) -> AccountStatus | None:
        """Return the status that was kept last, without roles and second factor; None if none is kept."""
        ...

    async def put(self, uid: str, status: AccountStatus) -> None:
        """Keep a status for a short time."""
        ...

    async def forget(self, uid: str) -> None:
        """Let the next request of the user read the account."""
        ...


class SecurityStore(Protocol):
    """Accounts with their sessions and second factors."""

    async def account(self, uid: str) -> Account | None:
        """Return the account; None for a user who never called the API."""
        ...

    async def second_factor(self, uid: str) -> SecondFactor | None:
        """Return the second factor, confirmed or not."""
        ...

    async def live_sessions(self, uid: str, after: datetime, limit: int) -> Sequence[Session]:
        """Return the sessions begun after a moment that were not ended one by one, newest first."""
        ...

    async def change(
        self,
        uid: str,
        decide: Callable[[SecurityState], Decision[SecurityState, R]],
        *,
        session_id: str = "",
        operator_id: str = "",
        with_factor: bool = False,
        idempotency: IdempotentRequest | None = None,
    ) -> R:
        """Store the state that `decide` returns, all parts together; `decide` may run again.

        It is given the account, and the session, the operator's account and the second factor where they
        are asked for. An admin action is decided again when its operator lost a role meanwhile.
        """
        ...


class ContactStore(Protocol):
    """Names and addresses from the users' profiles."""

    async def contact_of(self, uid: str) -> Contact:
        """Return the contact; an empty one for a user without a profile."""
        ...


class SecretCipher(Protocol):
    """Encrypts secrets before they are stored."""

    def encrypt(self, plain: str, owner: str) -> str:
        """Return the text, encrypted for one owner by the newest key."""
        ...

    def decrypt(self, encrypted: str, owner: str) -> str:
        """Return the text that was encrypted for this owner. Raises `DecryptionFailed`."""
        ...


class DecryptionFailed(Exception):
    """The encrypted text was changed or belongs to another owner, or its key is gone."""


class IdentityProvider(Protocol):
    """The service that signs users in. Each call can be repeated and raises `Unavailable`.

    A call about an unknown user changes nothing.
    """

    async def knows(self, uid: str) -> bool:
        """Return whether the service has an account with this id."""
        ...

    async def sign_out(self, uid: str, at: datetime) -> None:
        """Give no new tokens to sign-ins up to `at`."""
        ...

    async def set_disabled(self, uid: str, disabled: bool) -> None:
        """Refuse all sign-ins to the account, or admit them again."""
        ...
