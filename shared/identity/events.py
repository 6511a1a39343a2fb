"""The events of the identity context."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvent(Event):
    """An event about the account of one user."""

    user_id: str

    @property
    def subject(self) -> str:
        """The user whose account it is."""
        return self.user_id


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed(AccountEvent):
    """An admin closed (disabled) an account, whatever documents its user has; its sign-ins have ended too.

    What the user holds goes on without them.
    """

    TYPE: ClassVar[str] = "waybill.identity.account_closed.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReopened(AccountEvent):
    """An admin opened a closed account again; its user has to sign in again."""

    TYPE: ClassVar[str] = "waybill.identity.account_reopened.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInsEnded(AccountEvent):
    """All sign-ins of a user up to `until` have ended, by the user or by an operator; the account is open."""

    TYPE: ClassVar[str] = "waybill.identity.sign_ins_ended.v1"

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorAdded(AccountEvent):
    """A second factor of a user came into force; the owner is notified, should it not have been them."""

    TYPE: ClassVar[str] = "waybill.identity.second_factor_added.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorRemoved(AccountEvent):
    """A user removed their second factor by a code of it."""

    TYPE: ClassVar[str] = "waybill.identity.second_factor_removed.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorReset(AccountEvent):
    """An admin removed a user's second factor and ended their sessions; the audit log has the reason."""

    TYPE: ClassVar[str] = "waybill.identity.second_factor_reset.v1"
