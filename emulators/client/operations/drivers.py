"""Drivers: their registration and availability, their offers, and the steps of an order they carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulators.client.call import Call, get, post
from emulators.client.operations.orders import Step


def register_driver(name: str, vehicle: str) -> Call:
    """Return a call that applies as a driver."""
    return post("/drivers", {"name": name, "vehicle": vehicle})


def get_driver() -> Call:
    """Return a call that reads the driver's own record."""
    return get("/driver")


def go_online(lat: float, lng: float) -> Call:
    """Return a call by which the driver gets offers."""
    return post("/driver/go-online", {"lat": lat, "lng": lng})


def list_driver_requirements() -> Call:
    """Return a call that lists the documents that the driver's vehicle requires."""
    return get("/driver/requirements")


def go_offline() -> Call:
    """Return a call by which the driver gets no more offers."""
    return post("/driver/go-offline")


def report_positions(points: Sequence[Mapping[str, Any]]) -> Call:
    """Return a call that reports a batch of positions."""
    return post("/driver/location", {"points": points})


def get_offer(offer_id: str) -> Call:
    """Return a call that reads one of the driver's offers."""
    return get("/driver/offers/{offer_id}", offer_id=offer_id)


def accept_offer(offer_id: str) -> Call:
    """Return a call that takes an order on."""
    return post("/driver/offers/{offer_id}/accept", offer_id=offer_id)


def decline_offer(offer_id: str) -> Call:
    """Return a call that leaves an order to others."""
    return post("/driver/offers/{offer_id}/decline", offer_id=offer_id)


def hand_back_order(order_id: str, reason: str) -> Call:
    """Return a call that gives an accepted order back before its pickup."""
    return post("/driver/assignments/{order_id}/hand-back", {"reason": reason}, order_id=order_id)


def pick_up_order(order_id: str) -> Call:
    """Return a call that takes the goods over."""
    return post("/driver/orders/{order_id}/picked-up", order_id=order_id)


def start_transit(order_id: str) -> Call:
    """Return a call that leaves for the customer."""
    return post("/driver/orders/{order_id}/in-transit", order_id=order_id)


def arrive_at_dropoff(order_id: str) -> Call:
    """Return a call that tells of the arrival at the customer's."""
    return post("/driver/orders/{order_id}/arrived", order_id=order_id)


def deliver_order(order_id: str) -> Call:
    """Return a call that hands the goods over."""
    return post("/driver/orders/{order_id}/delivered", order_id=order_id)


def fail_delivery(order_id: str, reason: str) -> Call:
    """Return a call that reports why the goods could not be handed over."""
    return post("/driver/orders/{order_id}/failed", {"reason": reason}, order_id=order_id)


def retry_delivery(order_id: str) -> Call:
    """Return a call that tries a failed delivery once more."""
    return post("/driver/orders/{order_id}/redeliver", order_id=order_id)


def return_order(order_id: str) -> Call:
    """Return a call that brings the goods of a failed delivery back."""
    return post("/driver/orders/{order_id}/returning", order_id=order_id)


DELIVERY: Mapping[str, Step] = {
    "ready": pick_up_order,
    "picked_up": start_transit,
    "in_transit": arrive_at_dropoff,
    "arrived": deliver_order,
}
"""What the driver does with an order, by its fulfilment, in this order."""
