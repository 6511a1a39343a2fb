"""A person adds an authenticator app: they get a secret, and confirm it with its first code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.accounts.domain import Account
from shared.identity.ports import SecondFactorStore, SecretVault
from shared.identity.second_factor import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SECRET_BYTES,
    SecondFactor,
    SecondFactorEnrolled,
    SecondFactorMissing,
    Security,
    enrolled,
    hashes,
    recovery_codes,
    stepped_up,
    tried,
)
from shared.identity.sessions import Session, visited
from shared.identity.totp import otpauth_uri, secret_of
from shared.identity.usecases.step_up import proof_of
from shared.kernel.actor import Principal

Random = Callable[[int], bytes]
"""Gives so many random bytes."""


@dataclass(frozen=True, slots=True)
class EnrolSecondFactor:
    """Who wants a second factor."""

    person: Principal


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the authenticator app needs; it is never shown again."""

    secret: str = field(repr=False)
    otpauth_uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConfirmSecondFactor:
    """Who confirms, and the code that their app shows."""

    person: Principal
    code: str


async def enrol_second_factor(
    command: EnrolSecondFactor,
    *,
    factors: SecondFactorStore,
    vault: SecretVault,
    random: Random,
    now: datetime,
) -> Enrolment:
    """Store a factor that waits for its first code, and return its secret.

    A factor that still waits is replaced. Raises `SecondFactorEnrolled`.
    """
    person = command.person
    secret = secret_of(random(SECRET_BYTES))
    sealed = vault.seal(secret, person.uid)

    def decide(account: Account | None, session: Session | None, stored: SecondFactor | None) -> Security:
        visit = visited(person, account, session, now)
        return Security(visit.account, visit.session, enrolled(stored, person.uid, sealed, now))

    await factors.change(person, decide)
    return Enrolment(secret, otpauth_uri(secret, person.email or person.phone or person.uid))


async def confirm_second_factor(
    command: ConfirmSecondFactor,
    *,
    factors: SecondFactorStore,
    vault: SecretVault,
    random: Random,
    now: datetime,
) -> tuple[str, ...]:
    """Put the factor in force, open this session's sensitive doors, and return the recovery codes.

    Raises `SecondFactorMissing`, `SecondFactorEnrolled`, `CodeWrong` or `SecondFactorLocked`.
    """
    person = command.person
    codes = recovery_codes(random(RECOVERY_CODES * RECOVERY_BYTES))
    refusals: list[Exception] = []

    def decide(account: Account | None, session: Session | None, stored: SecondFactor | None) -> Security:
        refusals.clear()
        if stored is None:
            raise SecondFactorMissing
        if stored.confirmed_at:
            raise SecondFactorEnrolled
        visit = visited(person, account, session, now)
        attempt = tried(stored, proof_of(stored, command.code, vault, now), now)
        if attempt.refusal:
            refusals.append(attempt.refusal)
            return Security(visit.account, visit.session, attempt.factor)
        factor = replace(attempt.factor, confirmed_at=now, recovery=hashes(person.uid, codes))
        return Security(replace(visit.account, second_factor=True), stepped_up(visit.session, now), factor)

    await factors.change(person, decide)
    for refusal in refusals:
        raise refusal
    return codes
