"""The rules about operators' second factors: a password alone makes no operator.

A role in operations is granted only to an account with a confirmed factor. An operator without one (after an
admin's reset, or as the first admin of an installation) enrols with a one-time code that an admin hands over
in person: otherwise the factor would belong to the first sign-in that enrols, and that may be a thief's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import datetime, timedelta

from shared.identity.domain import Account, EnrolmentCode, SecondFactor
from shared.kernel.actor import OPERATORS, known_roles
from shared.kernel.errors import Forbidden, WrongState

CODE_BYTES = 10
"""Eighty random bits: too many to try, so that a plain hash protects the code."""

VALID_FOR = timedelta(hours=24)
"""How long an operator has to enrol."""


class EnrolmentCodeRequired(Forbidden):
    """An operator enrols with a one-time code."""

    code = "ENROLMENT_CODE_REQUIRED"
    detail = "You are an operator: send the `enrolment_code` that an admin gave you."


class EnrolmentCodeWrong(Forbidden):
    """The enrolment code is wrong, used or expired."""

    code = "ENROLMENT_CODE_WRONG"
    detail = "The enrolment code is wrong, used or expired. Ask an admin for a new one."


class OperatorNeedsSecondFactor(WrongState):
    """A role in operations needs a confirmed second factor."""

    code = "OPERATOR_NEEDS_SECOND_FACTOR"
    detail = (
        "A role in operations needs a confirmed second factor. Enrol one before the role, keep it with it."
    )


class UserHasSecondFactor(WrongState):
    """The user has a confirmed second factor."""

    code = "USER_HAS_SECOND_FACTOR"
    detail = "The user has a confirmed second factor. Reset it before you give them an enrolment code."


def is_operator(account: Account | None) -> bool:
    """Return whether an account has a role in operations."""
    return account is not None and bool(known_roles(account.roles) & OPERATORS)


def code_of(random: bytes) -> str:
    """Return a one-time code made of `CODE_BYTES` random bytes, as people type it."""
    plain = base64.b32encode(random).decode().lower()
    return "-".join(plain[n : n + 4] for n in range(0, len(plain), 4))


def issued(code: str, uid: str, admin: str, at: datetime) -> EnrolmentCode:
    """Return what is stored of a code that an admin gives to an operator."""
    return EnrolmentCode(_hash(uid, code), admin, at + VALID_FOR)


def with_code(account: Account, code: EnrolmentCode) -> Account:
    """Return the account with its one enrolment code. Raises `UserHasSecondFactor`."""
    if account.second_factor:
        raise UserHasSecondFactor
    return replace(account, enrolment_code=code)


def admitted_by(account: Account, code: str, now: datetime) -> str:
    """Return the admin whose code admits an enrolment; empty for a user who is no operator.

    The code is valid until the factor is confirmed, so that an enrolment without an answer can be repeated.
    Raises `EnrolmentCodeRequired` or `EnrolmentCodeWrong`.
    """
    if not is_operator(account):  # mutant: operator-enrols-without-code
        return ""
    if not code:
        raise EnrolmentCodeRequired
    known = account.enrolment_code
    if (
        known is None
        or now >= known.expires_at
        or not hmac.compare_digest(_hash(account.uid, code), known.hash)
    ):
        raise EnrolmentCodeWrong
    return known.issued_by


def confirmed(account: Account, factor: SecondFactor) -> Account:
    """Return the account with its factor in force and its enrolment code used.

    Raises `EnrolmentCodeRequired` for an operator whose enrolment began without a code, such as before they
    became one.
    """
    if is_operator(account) and not factor.admitted_by:  # mutant: operator-confirms-without-code
        raise EnrolmentCodeRequired
    return replace(account, second_factor=True, enrolment_code=None)  # mutant: enrolment-code-again


def demand_factor_of_operator(before: Account, after: Account) -> None:
    """Return unless the account becomes an operator without a confirmed factor.

    Raises `OperatorNeedsSecondFactor`.
    """
    gained = known_roles(after.roles) - known_roles(before.roles)
    if gained & OPERATORS and not after.second_factor:  # mutant: operator-without-factor
        raise OperatorNeedsSecondFactor


def _hash(uid: str, code: str) -> str:
    """Return the hash of a code; separators and capitals do not matter."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(f"waybill enrolment {uid} {plain}".encode()).hexdigest()
