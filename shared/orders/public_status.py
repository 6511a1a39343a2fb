"""One order, one word: the three machines projected onto the status names that partners know.

`own` speaks the words of the order's business, `drive` those of DoorDash Drive's `delivery_status`,
`direct` those of Uber Direct's `status`. These names are for showing; what may happen next is in the
machines alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.domain import Order

_F = Fulfilment
BEFORE_PICKUP = frozenset({_F.SCHEDULED, _F.PLACED, _F.CONFIRMED, _F.PREPARING, _F.READY})
UNDELIVERED = frozenset({_F.CANCELLED, _F.RETURNED})


@dataclass(frozen=True, slots=True)
class StatusWords:
    """The word for each state; `assigned` instead before pickup once a driver is found, `refunded`
    instead after an undelivered end once all of the money is back. Empty where there is no such word."""

    words: Mapping[Fulfilment, str]
    assigned: str = ""
    refunded: str = ""

    def word(self, fulfilment: Fulfilment, assignment: AssignmentState, payment: PaymentState) -> str:
        """Return the word for the three states together."""
        if self.assigned and assignment is AssignmentState.ASSIGNED and fulfilment in BEFORE_PICKUP:
            return self.assigned
        if self.refunded and payment is PaymentState.REFUNDED and fulfilment in UNDELIVERED:
            return self.refunded
        return self.words[fulfilment]


@dataclass(frozen=True, slots=True)
class PublicStatus:
    """An order's status in three vocabularies."""

    own: str
    drive: str
    direct: str


DRIVE = StatusWords(
    {
        _F.SCHEDULED: "created",
        _F.PLACED: "created",
        _F.CONFIRMED: "confirmed",
        _F.PREPARING: "confirmed",
        _F.READY: "confirmed",
        _F.PICKED_UP: "picked_up",
        _F.IN_TRANSIT: "enroute_to_dropoff",
        _F.ARRIVED: "arrived_at_dropoff",
        _F.DELIVERED: "delivered",
        _F.FAILED: "arrived_at_dropoff",
        _F.RETURNING: "enroute_to_return",
        _F.RETURNED: "returned",
        _F.CANCELLED: "cancelled",
    },
    assigned="enroute_to_pickup",
)

DIRECT = StatusWords(
    {
        _F.SCHEDULED: "pending",
        _F.PLACED: "pending",
        _F.CONFIRMED: "pending",
        _F.PREPARING: "pending",
        _F.READY: "pending",
        _F.PICKED_UP: "pickup_complete",
        _F.IN_TRANSIT: "dropoff",
        _F.ARRIVED: "dropoff",
        _F.DELIVERED: "delivered",
        _F.FAILED: "dropoff",
        _F.RETURNING: "returned",
        _F.RETURNED: "returned",
        _F.CANCELLED: "canceled",
    },
    assigned="pickup",
)

OWN: Mapping[Business, StatusWords] = {
    Business.FOOD: StatusWords(
        {
            _F.SCHEDULED: "placed",
            _F.PLACED: "placed",
            _F.CONFIRMED: "confirmed",
            _F.PREPARING: "preparing",
            _F.READY: "ready",
            _F.PICKED_UP: "picked_up",
            _F.IN_TRANSIT: "in_transit",
            _F.ARRIVED: "in_transit",
            _F.DELIVERED: "delivered",
            _F.FAILED: "in_transit",
            _F.RETURNING: "in_transit",
            _F.RETURNED: "cancelled",
            _F.CANCELLED: "cancelled",
        },
        refunded="refunded",
    ),
    Business.LOCAL: StatusWords(
        {
            _F.SCHEDULED: "pending",
            _F.PLACED: "pending",
            _F.CONFIRMED: "confirmed",
            _F.PREPARING: "preparing",
            _F.READY: "preparing",
            _F.PICKED_UP: "picked_up",
            _F.IN_TRANSIT: "picked_up",
            _F.ARRIVED: "picked_up",
            _F.DELIVERED: "delivered",
            _F.FAILED: "picked_up",
            _F.RETURNING: "picked_up",
            _F.RETURNED: "cancelled",
            _F.CANCELLED: "cancelled",
        },
    ),
    Business.MED: StatusWords(
        {
            _F.SCHEDULED: "pending",
            _F.PLACED: "pending",
            _F.CONFIRMED: "accepted",
            _F.PREPARING: "accepted",
            _F.READY: "accepted",
            _F.PICKED_UP: "picked_up",
            _F.IN_TRANSIT: "out_for_delivery",
            _F.ARRIVED: "out_for_delivery",
            _F.DELIVERED: "delivered",
            _F.FAILED: "out_for_delivery",
            _F.RETURNING: "out_for_delivery",
            _F.RETURNED: "cancelled",
            _F.CANCELLED: "cancelled",
        },
        assigned="driver_assigned",
    ),
    Business.P2P: StatusWords(
        {
            _F.SCHEDULED: "requested",
            _F.PLACED: "requested",
            _F.CONFIRMED: "accepted",
            _F.PREPARING: "accepted",
            _F.READY: "accepted",
            _F.PICKED_UP: "picked_up",
            _F.IN_TRANSIT: "in_transit",
            _F.ARRIVED: "in_transit",
            _F.DELIVERED: "delivered",
            _F.FAILED: "in_transit",
            _F.RETURNING: "returning",
            _F.RETURNED: "returned",
            _F.CANCELLED: "cancelled",
        },
    ),
}


def public_status(order: Order) -> PublicStatus:
    """Return the public status names of an order."""
    states = order.fulfilment, order.assignment.state, order.payment.state
    return PublicStatus(OWN[order.business].word(*states), DRIVE.word(*states), DIRECT.word(*states))
