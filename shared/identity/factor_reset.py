"""The rules about a second factor that its owner has lost along with the recovery codes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.accounts.domain import Account
from shared.identity.admin import OwnAccount, UserNotFound
from shared.identity.audit import AdminAction, AuditAction, AuditEntry
from shared.identity.events import SecondFactorReset
from shared.identity.second_factor import SecondFactor
from shared.identity.sessions import signed_out
from shared.kernel.event import event_id


@dataclass(frozen=True, slots=True)
class FactorReset:
    """An account without a second factor; without record and event where it had none before."""

    account: Account
    entry: AuditEntry | None = None
    event: SecondFactorReset | None = None


def without_factor(account: Account | None, factor: SecondFactor | None, action: AdminAction) -> FactorReset:
    """Return the account after an admin took its second factor away, be it confirmed or not.

    All sessions end: whoever has the account now signs in anew before they enrol the next factor. The
    devices stay, for they are where the owner hears of it. Raises `UserNotFound` or `OwnAccount`.
    """
    if account is None:
        raise UserNotFound
    if account.uid == action.operator.uid:
        raise OwnAccount
    if factor is None and not account.second_factor:
        return FactorReset(account)
    told = SecondFactorReset(
        id=event_id(action.id, SecondFactorReset.name()),
        at=action.at,
        actor=action.operator.uid,
        user_id=account.uid,
    )
    bare = replace(signed_out(account, action.at), second_factor=False)
    return FactorReset(bare, action.entry(AuditAction.SECOND_FACTOR_RESET, account.uid), told)
