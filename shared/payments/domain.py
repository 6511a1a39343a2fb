"""Payments, refunds and what the gateway says of them. Amounts in minor units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.errors import Invalid, NotFound, Unauthenticated, Unavailable, WrongState
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

LINK_LIFETIME = timedelta(minutes=15)
CHECK_EVERY = timedelta(minutes=1)
LATE_MONEY = timedelta(days=5)
"""How long after its creation a payment that failed is still asked after: banks settle late."""

_OWN_ID = re.compile(r"(ord|tip|pay|ref)_[0-9a-f]{32}")


class PaymentNotFound(NotFound):
    """There is no such payment, or it is not yours."""

    code = "PAYMENT_NOT_FOUND"
    detail = "There is no such payment, or it is not yours."


class PaymentInProgress(WrongState):
    """The bank is still deciding on an earlier payment for this."""

    code = "PAYMENT_IN_PROGRESS"
    detail = "The bank is still deciding on an earlier payment for this."


class AttemptEnded(WrongState):
    """This attempt to pay has just ended without money; asking again makes the next one."""

    code = "ATTEMPT_ENDED"
    detail = "This attempt to pay has just ended without money; asking again makes the next one."


class PaymentDeclined(WrongState):
    """The payment provider did not accept this; another try may work."""

    code = "PAYMENT_DECLINED"
    detail = "The payment provider did not accept this; another try may work."


class GatewayRefused(WrongState):
    """The payment provider refuses what it was asked."""

    code = "GATEWAY_REFUSED"
    detail = "The payment provider refuses what it was asked."


class GatewayUnavailable(Unavailable):
    """The payment provider does not answer; nothing was charged, try again."""

    code = "GATEWAY_UNAVAILABLE"
    detail = "The payment provider does not answer; nothing was charged, try again."


class NotStoredYet(Unavailable):
    """The provider speaks of a payment that is not stored, perhaps because it is just being stored."""

    code = "NOT_STORED_YET"
    detail = "The provider speaks of a payment that is not stored, perhaps because it is just being stored."


class BadSignature(Unauthenticated):
    """The payment provider has not signed this."""

    code = "BAD_SIGNATURE"
    detail = "The payment provider has not signed this."


class Mismatch(Invalid):
    """The provider's amount, currency or identifier is not the one that was agreed."""

    code = "MISMATCH"
    detail = "The provider's amount, currency or identifier is not the one that was agreed."


class State(StrEnum):
    """Where one attempt to pay stands; it never moves from money to no money."""

    PENDING = "pending"
    FAILED = "failed"
    CAPTURED = "captured"
    REFUNDING = "refunding"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


class RefundState(StrEnum):
    """Where one refund stands; only a pending one moves."""

    PENDING = "pending"
    PROCESSED = "processed"
    FAILED = "failed"


class ChargeState(StrEnum):
    """What the gateway says of one attempt."""

    CREATED = "created"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    FAILED = "failed"


class Method(StrEnum):
    """How the customer pays."""

    UPI_INTENT = "upi_intent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One attempt to pay an order, or a tip, in full; `order_id` is the id of either.

    `refunding + refunded <= captured` at all times.
    """

    id: str
    order_id: str
    customer_id: str
    merchant_staff: tuple[str, ...]
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
    """When the poller asks the gateway about it next; None when there is nothing left to learn."""
    settle_at: datetime | None = None
    """From when on the sweeper gives back what is no order's money; None where nothing is to be settled."""
    stray_of: str = ""
    """The payment on whose account this money came unasked for."""
    strays: tuple[str, ...] = ()
    """The gateway's ids of the charges on this payment's account that were not the one agreed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """One request to give money back."""

    id: str
    payment_id: str
    order_id: str
    customer_id: str
    attempt: int
    amount: Money
    reason: str
    state: RefundState
    base: int = 0
    """What of the payment had gone back, or was on its way, before this was owed."""
    gateway_payment_id: str
    gateway_refund_id: str | None = None
    created_at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What the gateway says of an attempt: its own id, the state and the amount."""

    gateway_payment_id: str
    state: ChargeState
    amount: Money
    failure: str = ""


@dataclass(frozen=True, slots=True)
class RefundReport:
    """What the gateway says of a refund."""

    gateway_refund_id: str
    state: RefundState
    amount: Money


def payment_id(order_id: str, attempt: int) -> str:
    """Return the id of the n-th attempt to pay an order: a retry finds what the first try made."""
    return derived_id("pay", order_id, str(attempt))


def stray_id(paid: str, gateway_payment_id: str) -> str:
    """Return the id under which a charge that was not agreed on is kept, beside the payment `paid`."""
    return derived_id("pay", paid, gateway_payment_id)


def refund_id(paid: str, attempt: int, base: int = 0) -> str:
    """Return the id of the n-th try to refund what is owed of the payment `paid` beyond `base`.

    What has gone back or is on its way never becomes less, so that no two sums have the same base.
    """
    return derived_id("ref", paid, str(attempt), *([str(base)] if base else []))


def is_own_id(text: str) -> bool:
    """Say whether `text` has the form of an id of ours: of an order, a tip, a payment or a refund."""
    return _OWN_ID.fullmatch(text) is not None
