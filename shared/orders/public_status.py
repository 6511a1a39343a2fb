"""The public status of an order: one name for its three states, in three vocabularies.

`own` is the vocabulary of the order's business, `drive` that of DoorDash Drive's `delivery_status`,
`direct` that of Uber Direct's `status`. The names are for display; the states alone decide what may
happen next.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.kernel.order import Fulfilment
from shared.orders.businesses.policy import StatusWords
from shared.orders.domain import Order

_F = Fulfilment


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


def public_status(order: Order) -> PublicStatus:
    """Return the public status names of an order."""
    states = order.fulfilment, order.assignment.state, order.payment.state
    own = order.policy.status_words
    return PublicStatus(own.word(*states), DRIVE.word(*states), DIRECT.word(*states))
