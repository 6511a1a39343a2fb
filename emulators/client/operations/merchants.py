"""Merchants: their registration, menu and stock, their opening and their staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulators.client.call import Call, delete, get, post, put


def search_merchants(lat: float, lng: float, **choices: Any) -> Call:
    """Return a call that finds merchants near by; `choices` are filters, such as `radius_m` and `open`."""
    return get("/merchants", {"lat": lat, "lng": lng, **choices})


def register_merchant(profile: Mapping[str, Any], **choices: str) -> Call:
    """Return a call that applies for a merchant; `choices` is its `business`."""
    return post("/merchants", {**profile, **choices})


def get_menu(merchant_id: str) -> Call:
    """Return a call that reads the current menu."""
    return get("/merchants/{merchant_id}/menu", merchant_id=merchant_id)


def publish_menu(merchant_id: str, items: Sequence[Mapping[str, Any]]) -> Call:
    """Return a call that replaces the menu; an item with the id of an earlier one is the same item."""
    return put("/merchants/{merchant_id}/menu", {"items": items}, merchant_id=merchant_id)


def set_stock(merchant_id: str, item_id: str, on_hand: int) -> Call:
    """Return a call that counts an item."""
    path = "/merchants/{merchant_id}/stock/{item_id}"
    return put(path, {"on_hand": on_hand}, merchant_id=merchant_id, item_id=item_id)


def set_capacity(merchant_id: str, max_open_orders: int | None) -> Call:
    """Return a call that limits how many orders are prepared at once."""
    body = {"max_open_orders": max_open_orders}
    return put("/merchants/{merchant_id}/capacity", body, merchant_id=merchant_id)


def open_merchant(merchant_id: str) -> Call:
    """Return a call that starts to take orders."""
    return post("/merchants/{merchant_id}/open", merchant_id=merchant_id)


def close_merchant(merchant_id: str) -> Call:
    """Return a call that takes no more orders."""
    return post("/merchants/{merchant_id}/close", merchant_id=merchant_id)


def add_staff_member(merchant_id: str, member: str) -> Call:
    """Return a call of the owner that lets a user act for the merchant."""
    return put("/merchants/{merchant_id}/staff/{member}", merchant_id=merchant_id, member=member)


def remove_staff_member(merchant_id: str, member: str) -> Call:
    """Return a call of the owner that ends a user's membership."""
    return delete("/merchants/{merchant_id}/staff/{member}", merchant_id=merchant_id, member=member)


def list_staff(merchant_id: str) -> Call:
    """Return a call that lists who acts for the merchant."""
    return get("/merchants/{merchant_id}/staff", merchant_id=merchant_id)
