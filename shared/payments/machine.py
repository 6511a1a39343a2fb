"""The payment machine of an order as data. `charges.py` and `refunds.py` decide; this is what they can
decide. It is the story of the one charge that is kept; a surplus has a payment of its own."""

from __future__ import annotations

from shared.kernel.machine import Transition
from shared.kernel.order import PaymentState

_S = PaymentState

PAYMENT: tuple[Transition, ...] = (
    Transition(_S.NONE, _S.PENDING, "link asked for", "customer"),
    Transition(_S.FAILED, _S.PENDING, "link asked for again", "customer"),
    Transition(_S.NONE, _S.FAILED, "attempt declined", "gateway"),
    Transition(_S.PENDING, _S.FAILED, "failed or lapsed", "gateway"),
    Transition(_S.PENDING, _S.CAPTURED, "money came", "gateway"),
    Transition(_S.FAILED, _S.CAPTURED, "money came late", "gateway"),
    Transition(_S.CAPTURED, _S.PARTLY_REFUNDED, "refunded less the fee, or for goods not sent", "gateway"),
    Transition(_S.CAPTURED, _S.REFUNDED, "refunded in full", "gateway"),
    Transition(_S.PARTLY_REFUNDED, _S.REFUNDED, "the rest refunded", "gateway"),
)
