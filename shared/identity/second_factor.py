"""The rules about the second factor: an authenticator app (RFC 6238), and recovery codes for its loss.

A code opens a session's sensitive doors for ten minutes. It works once, and whoever guesses is locked
out: both are kept in the factor's own document, so that guesses at the same moment count one by one.
A recovery code has too many bits to be guessed, so it opens even then: a stranger's guesses keep nobody
out of their own account.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.accounts.domain import Account
from shared.identity.sessions import Session
from shared.kernel.errors import DomainError, Forbidden, NotFound, TooMany, WrongState

STEPPED_UP_FOR = timedelta(minutes=10)
MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
DOUBLINGS = 4
"""How often a lock is twice as long as the last: six digits do not outlive a year of short ones."""

RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""Eighty random bits a code: too many to try, so that a plain hash keeps them."""

SECRET_BYTES = 20
"""The length that RFC 4226 recommends."""


class SecondFactorEnrolled(WrongState):
    """You have a second factor; disable it first."""

    code = "SECOND_FACTOR_ENROLLED"
    detail = "You have a second factor; disable it first."


class SecondFactorMissing(NotFound):
    """You have no second factor."""

    code = "SECOND_FACTOR_MISSING"
    detail = "You have no second factor."


class SecondFactorUnconfirmed(WrongState):
    """Confirm the second factor with a code of it first."""

    code = "SECOND_FACTOR_UNCONFIRMED"
    detail = "Confirm the second factor with a code of it first."


class CodeWrong(Forbidden):
    """The code is wrong, or no longer valid."""

    code = "CODE_WRONG"
    detail = "The code is wrong, or no longer valid."


class CodeAlreadyUsed(WrongState):
    """This code, or a later one, was used before; wait for the next."""

    code = "CODE_ALREADY_USED"
    detail = "This code, or a later one, was used before; wait for the next."


class SecondFactorLocked(TooMany):
    """Too many wrong codes; wait, or use a recovery code."""

    code = "SECOND_FACTOR_LOCKED"
    detail = "Too many wrong codes; wait, or use a recovery code."


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """One person's factor; `secret` is sealed and `recovery` holds hashes."""

    uid: str
    secret: str = field(repr=False)
    created_at: datetime
    confirmed_at: datetime | None = None
    last_step: int = -1
    """The time step of the last code that was taken; earlier ones are never taken again."""
    recovery: tuple[str, ...] = field(default=(), repr=False)
    failures: int = 0
    locked_until: datetime | None = None
    locks: int = 0
    """How often it was locked since the last right code."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a code turned out to be: a time step of the authenticator, or a recovery code's hash."""

    step: int | None = None
    recovery: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A factor after somebody tried a code, and why it was refused, if it was."""

    factor: SecondFactor
    refusal: DomainError | None = None


@dataclass(frozen=True, slots=True)
class Security:
    """All that a change of the second factor may touch; None for what is not there."""

    account: Account
    session: Session
    factor: SecondFactor | None


def recovery_codes(random: bytes) -> tuple[str, ...]:
    """Return ten recovery codes made of 100 random bytes, as people type them."""
    parts = [
        random[n : n + RECOVERY_BYTES] for n in range(0, RECOVERY_CODES * RECOVERY_BYTES, RECOVERY_BYTES)
    ]
    plain = [base64.b32encode(part).decode().lower() for part in parts]
    return tuple("-".join(code[n : n + 4] for n in range(0, 16, 4)) for code in plain)


def recovery_hash(uid: str, code: str) -> str:
    """Return what is kept of a recovery code; dashes and capitals do not matter."""
    plain = code.replace("-", "").lower()
    return hashlib.sha256(f"waybill recovery {uid} {plain}".encode()).hexdigest()


def hashes(uid: str, codes: Sequence[str]) -> tuple[str, ...]:
    """Return what is kept of a set of recovery codes."""
    return tuple(recovery_hash(uid, code) for code in codes)


def enrolled(stored: SecondFactor | None, uid: str, secret: str, at: datetime) -> SecondFactor:
    """Return a factor that waits for its first code, in place of one that still does.

    Raises `SecondFactorEnrolled`.
    """
    if stored and stored.confirmed_at:
        raise SecondFactorEnrolled
    return SecondFactor(uid, secret, at)


def tried(factor: SecondFactor, proof: Proof, at: datetime) -> Attempt:
    """Return what becomes of a factor when a code is shown that proves `proof`."""
    if proof.recovery is not None and proof.recovery in factor.recovery:
        left = tuple(code for code in factor.recovery if code != proof.recovery)
        return Attempt(_opened(replace(factor, recovery=left)))  # mutant: recovery-code-twice
    if factor.locked_until and at < factor.locked_until:
        return Attempt(factor, SecondFactorLocked(retry_after=factor.locked_until - at))
    if proof.step is None:
        return Attempt(_failed(factor, at), CodeWrong())  # mutant: wrong-codes-uncounted
    if proof.step <= factor.last_step:  # mutant: code-twice
        return Attempt(factor, CodeAlreadyUsed())
    return Attempt(_opened(replace(factor, last_step=proof.step)))


def demand_factor(factor: SecondFactor | None) -> SecondFactor:
    """Return the factor if it can be used. Raises `SecondFactorMissing` or `SecondFactorUnconfirmed`."""
    if factor is None:
        raise SecondFactorMissing
    if factor.confirmed_at is None:
        raise SecondFactorUnconfirmed
    return factor


def stepped_up(session: Session, at: datetime) -> Session:
    """Return the session with its sensitive doors open."""
    return replace(session, recent_mfa_until=at + STEPPED_UP_FOR)


def _opened(factor: SecondFactor) -> SecondFactor:
    return replace(factor, failures=0, locked_until=None, locks=0)


def _failed(factor: SecondFactor, at: datetime) -> SecondFactor:
    failures = factor.failures + 1
    if failures < MAX_FAILURES:
        return replace(factor, failures=failures, locked_until=None)
    until = at + LOCKED_FOR * 2 ** min(factor.locks, DOUBLINGS)
    return replace(factor, failures=0, locked_until=until, locks=factor.locks + 1)
