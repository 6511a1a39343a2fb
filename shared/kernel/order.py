"""The states of the three machines of an order, shared by all contexts.

`orders/{id}` has three owners: `orders` writes the fulfilment, `dispatch` the assignment and `payments` the
payment. Each context reads the other states and cannot change them.
"""

from __future__ import annotations

from enum import StrEnum


class Business(StrEnum):
    """The delivery business that an order belongs to."""

    FOOD = "food"
    LOCAL = "local"
    MED = "med"
    P2P = "p2p"


class Fulfilment(StrEnum):
    """The state of the goods."""

    SCHEDULED = "scheduled"
    PLACED = "placed"
    CONFIRMED = "confirmed"
    PREPARING = "preparing"
    READY = "ready"
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    ARRIVED = "arrived"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNING = "returning"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class AssignmentState(StrEnum):
    """The state of the assignment to a driver."""

    NONE = "none"
    SEARCHING = "searching"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    UNASSIGNABLE = "unassignable"


class PaymentState(StrEnum):
    """The state of the money."""

    NONE = "none"
    PENDING = "pending"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    HELD = "held"
    RELEASED = "released"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"


PAID = frozenset({PaymentState.CAPTURED, PaymentState.HELD, PaymentState.PARTLY_REFUNDED})
"""The states in which an order's goods may move: some of the money may have gone back for goods that
were not there. (Where it went back because the order ended, it is the order's state that forbids it.)"""
