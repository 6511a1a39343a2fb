"""The one order that the examples tell of: how far it has come when an operation answers.

Asha orders two masala dosas from Asha's Kitchen, pays by UPI, and Ravi delivers them. Each operation that
answers with the order shows it in the state in which that operation leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.businesses import POLICIES
from shared.orders.public_status import DIRECT, DRIVE

TOTAL = 41_000
"""Paise: 36,000 for the items, 1,800 tax, 3,200 for the delivery."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the order is."""

    fulfilment: Fulfilment
    assignment: AssignmentState = AssignmentState.NONE
    payment: PaymentState = PaymentState.CAPTURED

    @property
    def captured(self) -> int:
        """Return what has been paid by then."""
        return 0 if self.payment in (PaymentState.NONE, PaymentState.PENDING) else TOTAL


_F, _A = Fulfilment, AssignmentState
STAGES: Mapping[str, Stage] = {
    "placeOrder": Stage(_F.PLACED, payment=PaymentState.NONE),
    "confirmOrder": Stage(_F.CONFIRMED),
    "startPreparation": Stage(_F.PREPARING),
    "markOrderReady": Stage(_F.READY),
    "pickUpOrder": Stage(_F.PICKED_UP, _A.ASSIGNED),
    "startTransit": Stage(_F.IN_TRANSIT, _A.ASSIGNED),
    "arriveAtDropoff": Stage(_F.ARRIVED, _A.ASSIGNED),
    "deliverOrder": Stage(_F.DELIVERED, _A.ASSIGNED),
    "failDelivery": Stage(_F.FAILED, _A.ASSIGNED),
    "retryDelivery": Stage(_F.IN_TRANSIT, _A.ASSIGNED),
    "returnOrder": Stage(_F.RETURNING, _A.ASSIGNED),
    "markOrderReturned": Stage(_F.RETURNED, _A.ASSIGNED),
    "cancelOrder": Stage(_F.CANCELLED),
    "listOrders": Stage(_F.DELIVERED, _A.ASSIGNED),
}
DEFAULT = Stage(_F.IN_TRANSIT, _A.ASSIGNED)
OFFERS: Mapping[str, str] = {"getOffer": "open", "acceptOffer": "accepted", "declineOffer": "declined"}
FAILED = frozenset({_F.FAILED, _F.RETURNING, _F.RETURNED})


def values(operation: str) -> dict[str, Any]:
    """Return, by `Object.field`, what an example of the operation holds in place of the usual values."""
    stage = STAGES.get(operation, DEFAULT)
    words = POLICIES[Business.FOOD].status_words
    states = stage.fulfilment, stage.assignment, stage.payment
    assigned = stage.assignment is AssignmentState.ASSIGNED
    return {
        "OrderView.fulfilment": stage.fulfilment.value,
        "OrderView.failure": "customer_absent" if stage.fulfilment in FAILED else None,
        "OrderView.delivery_attempt": 2 if operation == "retryDelivery" else 1,
        "AssignmentView.state": stage.assignment.value,
        "AssignmentView.driver_id": "pQ8sLrNvYd" if assigned else None,
        "OrderPaymentView.state": stage.payment.value,
        "OrderPaymentView.captured": stage.captured,
        "OrderPaymentView.payment_id": "pay_9kTz4XcVw2RqLb7NhMy5Gd" if stage.captured else None,
        "StatusView.own": words.word(*states),
        "StatusView.drive": DRIVE.word(*states),
        "StatusView.direct": DIRECT.word(*states),
        "OfferView.state": OFFERS.get(operation, "open"),
    }
