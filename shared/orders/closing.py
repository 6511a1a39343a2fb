"""Closing an order: from its end on, the parties read an area in place of the customer's addresses.

A driver needs an address until the goods are handed over, and the staff until then too. Afterwards the
address and the note, which may hold the code of a gate, are the customer's alone (`Order.details`).
"""

from __future__ import annotations

from dataclasses import replace

from shared.kernel.geo import Point, area_of
from shared.orders.businesses.policy import FINAL
from shared.orders.domain import Order, OrderDetails, Place


def has_ended(order: Order) -> bool:
    """Return whether nothing happens to the goods of an order any more."""
    return order.fulfilment in FINAL


def closed(order: Order) -> Order:
    """Return an order that has ended with areas in place of the customer's addresses, and without the note.

    What is left out is in its `details`. An order that is closed already stays as it is.
    """
    return _without_addresses(order) if has_ended(order) else order


def _without_addresses(order: Order) -> Order:
    if order.closed:
        return order
    own_pickup = order.pickup if order.policy.private_pickup else None
    details = OrderDetails(order.customer_id, order.dropoff, own_pickup, order.note)
    pickup = _area(order.pickup) if own_pickup else order.pickup
    return replace(order, dropoff=_area(order.dropoff), pickup=pickup, note="", closed=True, details=details)


def shown_to(order: Order, uid: str) -> Order:
    """Return the order as one of its parties reads it: with its `details` for the customer alone.

    Orders that ended before orders were closed are closed here. A replaced driver may
    still be named by the assignment, and reads the order like one that has ended.
    """
    if uid == order.customer_id:
        return with_details(order, order.details)
    return _without_addresses(order) if uid in order.replaced_drivers else closed(order)


def with_details(order: Order, details: OrderDetails | None) -> Order:
    """Return a closed order with its addresses and note again; unchanged without `details`."""
    if details is None:
        return order
    pickup = details.pickup or order.pickup
    return replace(order, dropoff=details.dropoff, pickup=pickup, note=details.note, details=None)


def _area(place: Place) -> Place:
    centre = area_of(Point(place.lat, place.lng))
    return Place(centre.lat, centre.lng, "")
