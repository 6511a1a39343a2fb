"""A person shows a code of their second factor, which lets them do what needs one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from shared.accounts.domain import Account
from shared.identity.ports import SecondFactorStore, SecretVault
from shared.identity.second_factor import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    Proof,
    SecondFactor,
    Security,
    demand_factor,
    hashes,
    recovery_codes,
    recovery_hash,
    stepped_up,
    tried,
)
from shared.identity.sessions import Session, visited
from shared.identity.totp import matched_step
from shared.kernel.actor import Principal


@dataclass(frozen=True, slots=True)
class ShowCode:
    """Who shows a code: of the authenticator app, or one for its loss."""

    person: Principal
    code: str


async def step_up(
    command: ShowCode, *, factors: SecondFactorStore, vault: SecretVault, now: datetime
) -> Session:
    """Open this session's sensitive doors for ten minutes and return it.

    Of two requests with the same code one succeeds. Raises `SecondFactorMissing`,
    `SecondFactorUnconfirmed`, `CodeWrong`, `CodeAlreadyUsed` or `SecondFactorLocked`.
    """

    def open_doors(found: Security) -> Security:
        return replace(found, session=stepped_up(found.session, now))

    return (await _with_code(command, open_doors, factors, vault, now)).session


async def renew_recovery_codes(
    command: ShowCode,
    *,
    factors: SecondFactorStore,
    vault: SecretVault,
    random: Callable[[int], bytes],
    now: datetime,
) -> tuple[str, ...]:
    """Replace the recovery codes and return the new ones; the errors are those of `step_up`."""
    codes = recovery_codes(random(RECOVERY_CODES * RECOVERY_BYTES))

    def replace_codes(found: Security) -> Security:
        factor = demand_factor(found.factor)
        return replace(found, factor=replace(factor, recovery=hashes(factor.uid, codes)))

    await _with_code(command, replace_codes, factors, vault, now)
    return codes


async def disable_second_factor(
    command: ShowCode, *, factors: SecondFactorStore, vault: SecretVault, now: datetime
) -> None:
    """Forget the factor; the errors are those of `step_up`."""

    def forget(found: Security) -> Security:
        account = replace(found.account, second_factor=False)
        return Security(account, replace(found.session, recent_mfa_until=None), None)

    await _with_code(command, forget, factors, vault, now)


def proof_of(factor: SecondFactor, code: str, vault: SecretVault, now: datetime) -> Proof:
    """Return what a code proves: nothing, if it is neither the app's nor one for its loss."""
    if not (code.isascii() and code.isdigit()):
        return Proof(recovery=recovery_hash(factor.uid, code))
    return Proof(step=matched_step(vault.open(factor.secret, factor.uid), code, now))


async def _with_code(
    command: ShowCode,
    allowed: Callable[[Security], Security],
    factors: SecondFactorStore,
    vault: SecretVault,
    now: datetime,
) -> Security:
    """Do what the code allows. A wrong code is stored as well, or guessing would be free."""
    refusals: list[Exception] = []

    def decide(account: Account | None, session: Session | None, stored: SecondFactor | None) -> Security:
        refusals.clear()
        factor = demand_factor(stored)
        visit = visited(command.person, account, session, now)
        attempt = tried(factor, proof_of(factor, command.code, vault, now), now)
        found = Security(visit.account, visit.session, attempt.factor)
        if attempt.refusal:
            refusals.append(attempt.refusal)
            return found
        return allowed(found)

    changed = await factors.change(command.person, decide)
    for refusal in refusals:
        raise refusal
    return changed
