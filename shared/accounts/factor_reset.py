"""The rules about a second factor that its owner has lost along with the recovery codes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from shared.accounts.audit import Action, AuditEntry, Deed, OwnAccount, UserNotFound
from shared.accounts.domain import Account
from shared.accounts.events import SecondFactorReset
from shared.accounts.second_factor import SecondFactor
from shared.accounts.sessions import signed_out
from shared.kernel.event import event_id


@dataclass(frozen=True, slots=True)
class FactorReset:
    """An account without a second factor; without record and event where it had none before."""

    account: Account
    entry: AuditEntry | None = None
    event: SecondFactorReset | None = None


def without_factor(account: Account | None, factor: SecondFactor | None, deed: Deed) -> FactorReset:
    """Return the account after an admin took its second factor away, be it confirmed or not.

    All sessions end: whoever has the account now signs in anew before they enrol the next factor. The
    devices stay, for they are where the owner hears of it. Raises `UserNotFound` or `OwnAccount`.
    """
    if account is None:
        raise UserNotFound
    if account.uid == deed.operator.uid:
        raise OwnAccount
    if factor is None and not account.second_factor:
        return FactorReset(account)
    told = SecondFactorReset(
        id=event_id(deed.id, SecondFactorReset.name()),
        at=deed.at,
        actor=deed.operator.uid,
        user_id=account.uid,
    )
    bare = replace(signed_out(account, deed.at), second_factor=False)
    return FactorReset(bare, deed.entry(Action.SECOND_FACTOR_RESET, account.uid), told)
