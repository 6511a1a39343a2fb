"""The state machines of payments. `charges.py` and `refunds.py` move every state by these tables.

`PAYMENT` is one attempt to pay, `REFUND` one try to refund it. `SUBJECT_PAYMENT` is the payment slice of
an order or a tip: the payment that pays it. Duplicate and unmatched payments never enter the slice.
"""

from __future__ import annotations

from enum import StrEnum

from shared.kernel.machine import Machine, Transition
from shared.kernel.order import PaymentState
from shared.payments.domain import RefundState, State


class Cause(StrEnum):
    """What changes the state of a payment or a refund."""

    LINK_REQUESTED = "link requested"
    DECLINED = "attempt declined"
    FAILED = "failed or expired"
    CAPTURED = "captured"
    REFUND_OPENED = "refund opened"
    REFUND_PROCESSED = "one of several refunds processed"
    REFUNDED_IN_PART = "refunded in part"
    REFUNDED_IN_FULL = "refunded in full"
    PROCESSED = "processed"
    REJECTED = "rejected by the bank"


_C, _P, _R, _S = Cause, PaymentState, RefundState, State

SUBJECT_PAYMENT: Machine[PaymentState] = Machine(
    (
        Transition(_P.NONE, _P.PENDING, _C.LINK_REQUESTED, "customer"),
        Transition(_P.FAILED, _P.PENDING, _C.LINK_REQUESTED, "customer"),
        Transition(_P.NONE, _P.FAILED, _C.DECLINED, "gateway"),
        Transition(_P.FAILED, _P.FAILED, _C.DECLINED, "gateway"),
        Transition(_P.PENDING, _P.FAILED, _C.FAILED, "gateway"),
        Transition(_P.PENDING, _P.CAPTURED, _C.CAPTURED, "gateway"),
        Transition(_P.FAILED, _P.CAPTURED, _C.CAPTURED, "gateway"),
        Transition(_P.CAPTURED, _P.PARTLY_REFUNDED, _C.REFUNDED_IN_PART, "gateway"),
        Transition(_P.PARTLY_REFUNDED, _P.PARTLY_REFUNDED, _C.REFUNDED_IN_PART, "gateway"),
        Transition(_P.CAPTURED, _P.REFUNDED, _C.REFUNDED_IN_FULL, "gateway"),
        Transition(_P.PARTLY_REFUNDED, _P.REFUNDED, _C.REFUNDED_IN_FULL, "gateway"),
    )
)

PAYMENT: Machine[State] = Machine(
    (
        Transition(_S.PENDING, _S.FAILED, _C.FAILED, "gateway"),
        Transition(_S.PENDING, _S.CAPTURED, _C.CAPTURED, "gateway"),
        Transition(_S.FAILED, _S.CAPTURED, _C.CAPTURED, "gateway"),
        Transition(_S.CAPTURED, _S.REFUNDING, _C.REFUND_OPENED, "system"),
        Transition(_S.REFUNDING, _S.REFUNDING, _C.REFUND_OPENED, "system"),
        Transition(_S.PARTLY_REFUNDED, _S.REFUNDING, _C.REFUND_OPENED, "system"),
        Transition(_S.REFUNDING, _S.REFUNDING, _C.REFUND_PROCESSED, "gateway"),
        Transition(_S.REFUNDING, _S.PARTLY_REFUNDED, _C.REFUNDED_IN_PART, "gateway"),
        Transition(_S.REFUNDING, _S.REFUNDED, _C.REFUNDED_IN_FULL, "gateway"),
    )
)

REFUND: Machine[RefundState] = Machine(
    (
        Transition(_R.PENDING, _R.PROCESSED, _C.PROCESSED, "gateway"),
        Transition(_R.PENDING, _R.FAILED, _C.REJECTED, "gateway"),
    )
)
