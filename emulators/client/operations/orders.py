"""Orders: what a customer does with them, what a merchant's staff does, and what both do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from emulators.client.call import Call, get, post

Step = Callable[[str], Call]
"""A step of the order with this id."""


def make_quote(
    merchant_id: str, items: Sequence[Mapping[str, Any]], dropoff: Mapping[str, Any], **choices: Any
) -> Call:
    """Return a call that prices items; `choices` are `tip` and `scheduled_for`."""
    return post("/quotes", {"merchant_id": merchant_id, "items": items, "dropoff": dropoff, **choices})


def place_order(quote_id: str, **choices: Any) -> Call:
    """Return a call that orders what was quoted; `choices` is a `note`."""
    return post("/orders", {"quote_id": quote_id, **choices})


def reorder(order_id: str, **choices: Any) -> Call:
    """Return a call that quotes the same again; `choices` are `tip` and `scheduled_for`."""
    return post("/orders/{order_id}/reorder", choices, order_id=order_id)


def start_payment(method: str, **subject: str) -> Call:
    """Return a call for a payment link; `subject` is an `order_id` or a `tip_id`."""
    return post("/payments", {"method": method, **subject})


def get_order(order_id: str) -> Call:
    """Return a call that reads an order."""
    return get("/orders/{order_id}", order_id=order_id)


def list_order_events(order_id: str, after: int = 0) -> Call:
    """Return a call that reads the timeline of an order after a number."""
    return get("/orders/{order_id}/events", {"after": after}, order_id=order_id)


def cancel_order(order_id: str, reason: str = "", **limits: int) -> Call:
    """Return a call that cancels an order; `limits` is a `max_fee`."""
    return post("/orders/{order_id}/cancel", {"reason": reason, **limits}, order_id=order_id)


def tip_driver(order_id: str, amount: int) -> Call:
    """Return a call that gives the driver a tip, which is then to be paid; in minor units."""
    return post("/orders/{order_id}/tips", {"amount": amount}, order_id=order_id)


def post_review(order_id: str, stars: int, **content: Any) -> Call:
    """Return a call that reviews a party of an order; `content` are `side`, `comment` and `tags`."""
    return post("/reviews", {"order_id": order_id, "stars": stars, **content})


def propose_substitution(order_id: str, line: int, item_id: str, quantity: int) -> Call:
    """Return a call of the staff that proposes another item for a line, counted from 0."""
    body = {"line": line, "item_id": item_id, "quantity": quantity}
    return post("/orders/{order_id}/substitutions", body, order_id=order_id)


def accept_substitution(order_id: str, substitution_id: str) -> Call:
    """Return a call of the customer that accepts a substitution."""
    path = "/orders/{order_id}/substitutions/{substitution_id}/accept"
    return post(path, order_id=order_id, substitution_id=substitution_id)


def decline_substitution(order_id: str, substitution_id: str) -> Call:
    """Return a call of the customer that declines a substitution."""
    path = "/orders/{order_id}/substitutions/{substitution_id}/decline"
    return post(path, order_id=order_id, substitution_id=substitution_id)


def confirm_order(order_id: str) -> Call:
    """Return a call of the staff that confirms a paid order."""
    return post("/orders/{order_id}/confirm", order_id=order_id)


def start_preparation(order_id: str) -> Call:
    """Return a call of the staff that starts to prepare an order."""
    return post("/orders/{order_id}/prepare", order_id=order_id)


def mark_order_ready(order_id: str) -> Call:
    """Return a call of the staff that makes a driver come."""
    return post("/orders/{order_id}/ready", order_id=order_id)


def mark_order_returned(order_id: str) -> Call:
    """Return a call of the staff that takes undelivered goods back."""
    return post("/orders/{order_id}/taken-back", order_id=order_id)


PREPARATION: Mapping[str, Step] = {
    "placed": confirm_order,
    "confirmed": start_preparation,
    "preparing": mark_order_ready,
}
"""What the staff does with a paid order, by its fulfilment, in this order."""
