"""The payment machine of an order or a tip: the states of the one payment that pays it.

A duplicate and an unmatched payment have documents of their own and never enter this machine.
"""

from __future__ import annotations

from shared.kernel.machine import Transition
from shared.kernel.order import PaymentState

_S = PaymentState

PAYMENT: tuple[Transition, ...] = (
    Transition(_S.NONE, _S.PENDING, "link requested", "customer"),
    Transition(_S.FAILED, _S.PENDING, "link requested again", "customer"),
    Transition(_S.NONE, _S.FAILED, "attempt declined", "gateway"),
    Transition(_S.PENDING, _S.FAILED, "failed or expired", "gateway"),
    Transition(_S.PENDING, _S.CAPTURED, "captured", "gateway"),
    Transition(_S.FAILED, _S.CAPTURED, "captured late", "gateway"),
    Transition(_S.CAPTURED, _S.PARTLY_REFUNDED, "refunded in part", "gateway"),
    Transition(_S.CAPTURED, _S.REFUNDED, "refunded in full", "gateway"),
    Transition(_S.PARTLY_REFUNDED, _S.REFUNDED, "the rest refunded", "gateway"),
)
