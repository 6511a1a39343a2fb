"""Payments, refunds and the gateway's reports on them. Amounts are in minor units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.errors import Invalid, NotFound, Unauthenticated, Unavailable, WrongState
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.kernel.subject import SubjectRef

LINK_LIFETIME = timedelta(minutes=15)
CHECK_EVERY = timedelta(minutes=1)
LATE_MONEY = timedelta(days=5)
"""How long after its creation a failed payment is still checked: banks can capture late."""

_OWN_ID = re.compile(r"(ord|tip|pay|ref)_[0-9a-f]{32}")


class PaymentNotFound(NotFound):
    """The payment does not exist or belongs to another customer."""

    code = "PAYMENT_NOT_FOUND"
    detail = "There is no such payment, or it is not yours."


class PaymentInProgress(WrongState):
    """An earlier payment of the same order or tip is still open."""

    code = "PAYMENT_IN_PROGRESS"
    detail = "The bank is still deciding on an earlier payment. Wait for its result."


class AttemptEnded(WrongState):
    """The attempt ended without money while the request ran."""

    code = "ATTEMPT_ENDED"
    detail = "This attempt to pay has just ended without money. Ask again for the next one."


class PaymentDeclined(WrongState):
    """The payment provider did not accept the payment."""

    code = "PAYMENT_DECLINED"
    detail = "The payment provider did not accept this payment. Try again."


class GatewayRefused(WrongState):
    """The payment provider refused the request."""

    code = "GATEWAY_REFUSED"
    detail = "The payment provider refused the request. Support has to look at it."


class GatewayUnavailable(Unavailable):
    """The payment provider did not answer."""

    code = "GATEWAY_UNAVAILABLE"
    detail = "The payment provider does not answer and nothing was charged. Try again."


class NotStoredYet(Unavailable):
    """The provider reports a payment or refund that is not stored."""

    code = "NOT_STORED_YET"
    detail = "This payment or refund is not stored yet. Send the webhook again later."


class BadSignature(Unauthenticated):
    """The webhook's signature is wrong."""

    code = "BAD_SIGNATURE"
    detail = "The webhook is not signed with the provider's secret."


class Mismatch(Invalid):
    """The provider's amount, currency or identifier differs from the agreed one."""

    code = "MISMATCH"
    detail = "The provider's amount, currency or identifier differs from the agreed one."


class State(StrEnum):
    """The state of one attempt to pay; after capture it never returns to a state without money."""

    PENDING = "pending"
    FAILED = "failed"
    CAPTURED = "captured"
    REFUNDING = "refunding"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


class RefundState(StrEnum):
    """The state of one refund; only a pending refund changes."""

    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


class ChargeState(StrEnum):
    """The state of one attempt at the gateway."""

    CREATED = "created"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    FAILED = "failed"


class MethodUnavailable(Invalid):
    """No gateway serves the method."""

    code = "PAYMENT_METHOD_UNAVAILABLE"
    detail = "This installation offers no payment by this method. Choose another one."


class Method(StrEnum):
    """How the customer pays."""

    UPI_INTENT = "upi_intent"

    @property
    def gateway(self) -> str:
        """Return the name of the gateway that serves the method."""
        return GATEWAY_OF[self]


GATEWAY_OF: Mapping[Method, str] = {Method.UPI_INTENT: "upi"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One attempt to pay an order or a tip in full.

    `refunding + refunded <= captured` at all times.
    """

    id: str
    subject_ref: SubjectRef
    customer_id: str
    attempt: int
    amount: Money
    method: Method
    state: State
    gateway_order_id: str
    gateway_payment_id: str
    link: str
    created_at: datetime
    expires_at: datetime
    captured: int = 0
    refunding: int = 0
    refunded: int = 0
    failure: str = ""
    due_at: datetime | None = None
    """When the reconciler asks the gateway next; None when the state at the gateway is final."""
    reconcile_after: datetime | None = None
    """From when on the reconciler refunds a payment that pays nothing; None when nothing is due."""
    original_payment_id: str = ""
    """Set on an unmatched payment: the payment whose link was charged."""
    unmatched_charge_ids: tuple[str, ...] = ()
    """The gateway's ids of the unmatched charges of this payment's link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """One try to return money to the customer."""

    id: str
    payment_id: str
    subject_ref: SubjectRef
    customer_id: str
    attempt: int
    amount: Money
    reason: str
    state: RefundState
    base: int = 0
    """What was refunded or being refunded of the payment before this became due."""
    gateway_payment_id: str
    gateway_refund_id: str | None = None
    created_at: datetime
    due_at: datetime | None = None
    method: Method = Method.UPI_INTENT
    """That of its payment, whose gateway refunds it."""


@dataclass(frozen=True, slots=True)
class Charge:
    """The gateway's report on an attempt: the gateway's id, the state and the amount."""

    gateway_payment_id: str
    state: ChargeState
    amount: Money
    failure: str = ""


@dataclass(frozen=True, slots=True)
class RefundReport:
    """The gateway's report on a refund."""

    gateway_refund_id: str
    state: RefundState
    amount: Money


def payment_id(subject_ref: SubjectRef, attempt: int) -> str:
    """Return the id of the n-th attempt to pay; a retry derives the same id."""
    return derived_id("pay", subject_ref.id, str(attempt))


def unmatched_payment_id(original: str, gateway_payment_id: str) -> str:
    """Return the id of the payment that records an unmatched charge of the payment `original`."""
    return derived_id("pay", original, gateway_payment_id)


def refund_id(paid: str, attempt: int, base: int = 0) -> str:
    """Return the id of the n-th try to refund what is due of the payment `paid` beyond `base`.

    `refunding + refunded` never decreases, so two sums that are due never have the same base.
    """
    return derived_id("ref", paid, str(attempt), *([str(base)] if base else []))


def is_own_id(text: str) -> bool:
    """Say whether `text` has the form of an id of an order, a tip, a payment or a refund."""
    return _OWN_ID.fullmatch(text) is not None
