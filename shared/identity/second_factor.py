"""The rules about the second factor: an authenticator app (RFC 6238), and recovery codes for its loss.

A code gives a session recent MFA for ten minutes. A code works once, and wrong codes lock the factor. The
factor's own document counts both, so that concurrent guesses count one by one. A recovery code has too many
bits to be guessed, so it works while the factor is locked: guesses of another person cannot lock the owner
out.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.identity.domain import SecondFactor, Session
from shared.kernel.errors import DomainError, Forbidden, NotFound, TooMany, WrongState

MAX_FAILURES = 5
DOUBLINGS = 4
"""How often a lock doubles the time of the one before: six digits cannot be guessed within a year."""

RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""Eighty random bits a code: too many to try, so that a plain hash protects them."""

SECRET_BYTES = 20
"""The length that RFC 4226 recommends."""


@dataclass(frozen=True, slots=True)
class SecondFactorRules:
    """How long a code counts for its session, and how long wrong codes lock the factor at first."""

    recent_mfa: timedelta = timedelta(minutes=10)
    locked_for: timedelta = timedelta(minutes=15)


class SecondFactorEnrolled(WrongState):
    """You have a second factor; disable it first."""

    code = "SECOND_FACTOR_ENROLLED"
    detail = "You have a second factor; disable it first."


class SecondFactorMissing(NotFound):
    """You have no second factor; enrol one first."""

    code = "SECOND_FACTOR_MISSING"
    detail = "You have no second factor; enrol one first."


class SecondFactorUnconfirmed(WrongState):
    """Confirm the second factor with a code of it first."""

    code = "SECOND_FACTOR_UNCONFIRMED"
    detail = "Confirm the second factor with a code of it first."


class CodeWrong(Forbidden):
    """The code is wrong or has expired; send the current one."""

    code = "CODE_WRONG"
    detail = "The code is wrong or has expired; send the current one."


class CodeAlreadyUsed(WrongState):
    """This code, or a later one, was used before; wait for the next."""

    code = "CODE_ALREADY_USED"
    detail = "This code, or a later one, was used before; wait for the next."


class SecondFactorLocked(TooMany):
    """Too many wrong codes; wait, or use a recovery code."""

    code = "SECOND_FACTOR_LOCKED"
    detail = "Too many wrong codes; wait, or use a recovery code."


@dataclass(frozen=True, slots=True)
class MatchedCode:
    """What a code matches: a time step of the authenticator app, a recovery code's hash, or neither."""

    step: int | None = None
    recovery: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A factor after a code was tried, and the refusal if there was one."""

    factor: SecondFactor
    refusal: DomainError | None = None


def recovery_codes(random: bytes) -> tuple[str, ...]:
    """Return ten recovery codes made of 100 random bytes, as people type them."""
    parts = [
        random[n : n + RECOVERY_BYTES] for n in range(0, RECOVERY_CODES * RECOVERY_BYTES, RECOVERY_BYTES)
    ]
    plain = [base64.b32encode(part).decode().lower() for part in parts]
    return tuple("-".join(code[n : n + 4] for n in range(0, 16, 4)) for code in plain)


def recovery_hash(uid: str, code: str) -> str:
    """Return the stored hash of a recovery code; dashes and capitals do not matter."""
    plain = code.replace("-", "").lower()
    return hashlib.sha256(f"waybill recovery {uid} {plain}".encode()).hexdigest()


def hashes(uid: str, codes: Sequence[str]) -> tuple[str, ...]:
    """Return the stored hashes of a set of recovery codes."""
    return tuple(recovery_hash(uid, code) for code in codes)


def enrolled(
    stored: SecondFactor | None, uid: str, secret: str, at: datetime, *, admitted_by: str = ""
) -> SecondFactor:
    """Return a factor that waits for its first code; it replaces one that was not confirmed.

    `admitted_by` is the admin whose code admitted the enrolment of an operator. Raises
    `SecondFactorEnrolled`.
    """
    if stored and stored.confirmed_at:
        raise SecondFactorEnrolled
    return SecondFactor(uid, secret, at, admitted_by=admitted_by)


def attempted(factor: SecondFactor, code: MatchedCode, at: datetime, rules: SecondFactorRules) -> Attempt:
    """Return the factor after a code was tried."""
    if code.recovery is not None and code.recovery in factor.recovery:
        left = tuple(known for known in factor.recovery if known != code.recovery)
        return Attempt(_unlocked(replace(factor, recovery=left)))  # mutant: recovery-code-twice
    if factor.locked_until and at < factor.locked_until:
        return Attempt(factor, SecondFactorLocked(retry_after=factor.locked_until - at))
    if code.step is None:
        return Attempt(_failed(factor, at, rules), CodeWrong())  # mutant: wrong-codes-uncounted
    if code.step <= factor.last_step:  # mutant: code-twice
        return Attempt(factor, CodeAlreadyUsed())
    return Attempt(_unlocked(replace(factor, last_step=code.step)))


def demand_factor(factor: SecondFactor | None) -> SecondFactor:
    """Return the factor if it can be used. Raises `SecondFactorMissing` or `SecondFactorUnconfirmed`."""
    if factor is None:
        raise SecondFactorMissing
    if factor.confirmed_at is None:
        raise SecondFactorUnconfirmed
    return factor


def with_recent_mfa(session: Session, at: datetime, rules: SecondFactorRules) -> Session:
    """Return the session as recently verified by the second factor."""
    return replace(session, recent_mfa_until=at + rules.recent_mfa)


def _unlocked(factor: SecondFactor) -> SecondFactor:
    return replace(factor, failures=0, locked_until=None, locks=0)


def _failed(factor: SecondFactor, at: datetime, rules: SecondFactorRules) -> SecondFactor:
    failures = factor.failures + 1
    if failures < MAX_FAILURES:
        return replace(factor, failures=failures, locked_until=None)
    until = at + rules.locked_for * 2 ** min(factor.locks, DOUBLINGS)
    return replace(factor, failures=0, locked_until=until, locks=factor.locks + 1)
