"""Who and what the examples are about: people, places, a menu, and an order priced by the real rules.

Asha Rao orders lunch from Dosa Corner, which Meera owns; Ravi Kumar delivers it, and Priya is an operator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from shared.kernel.geo import Point, distance_m
from shared.kernel.modifiers import Modifier, ModifierGroup
from shared.orders.domain import Place
from shared.orders.pricing import FeeRules, ItemRequest, Line, MenuItem, priced, total
from shared.orders.usecases.quote import CITY_SPEED_M_PER_MIN

ASHA, MEERA, RAVI, PRIYA = (
    "kZ3tVbQmXwR7uLpN2sYc",
    "mN7pTcRwXqB4vKdZ9hJf",
    "pQ8sLrNvYdT3wGxK6mCb",
    "zB4hKdFyLsP9rWtV5nQx",
)
"""The uids of customer, owner, driver and operator."""

_KEY = "3f8c1e9a7d2b4650a1c7e93b5d08f642"
IDS: Mapping[str, str] = {
    "address": f"adr_{_KEY}",
    "device": "dev_0b7e15d2a90f367d4c8b3f486246c5b1",
    "document": "doc_0c5b1e9a3f48624c8b7e15d2a90f367d",
    "event": "evt_5d2a90f367d0c5b1e9a3f48624c8b7e1",
    "item": "itm_9a3f48624c8b7e15d2a90f367d0c5b1e",
    "merchant": "mer_c8b7e15d2a90f367d0c5b1e9a3f48624",
    "nearby": "mer_c8b7e15d2a90f367d0c5b1e9a3f48624",
    "notification": "ntf_7e15d2a90f367d0c5b1e9a3f48624c8b",
    "offer": f"off_{_KEY}_1",
    "order": f"ord_{_KEY}",
    "payment": "pay_15d2a90f367d0c5b1e9a3f48624c8b7e",
    "quote": "quo_d2a90f367d0c5b1e9a3f48624c8b7e15",
    "recurrence": "rec_a90f367d0c5b1e9a3f48624c8b7e15d2",
    "review": "rev_0f367d0c5b1e9a3f48624c8b7e15d2a9",
    "session": "ses_367d0c5b1e9a3f48624c8b7e15d2a90f",
    "substitution": "sub_7d0c5b1e9a3f48624c8b7e15d2a90f36",
    "tip": "tip_7d0c5b1e9a3f48624c8b7e15d2a90f36",
    "zone": "zon_5b1e9a3f48624c8b7e15d2a90f367d0c",
}
"""By the first word of what the id is of."""

DOSA, COFFEE, TEA = (
    IDS["item"],
    "itm_48624c8b7e15d2a90f367d0c5b1e9a3f",
    "itm_624c8b7e15d2a90f367d0c5b1e9a3f48",
)
GROUP, CHUTNEY = "mgr_8b7e15d2a90f367d0c5b1e9a3f48624c", "mod_e15d2a90f367d0c5b1e9a3f48624c8b7"
CATEGORY, DRINKS = "cat_2a90f367d0c5b1e9a3f48624c8b7e15d", "cat_90f367d0c5b1e9a3f48624c8b7e15d2a"

HOME = Place(12.9756, 77.6068, "12 Church Street, Bengaluru 560001")
SHOP = Place(12.9719, 77.6412, "80 Feet Road, Indiranagar, Bengaluru 560038")
AROUND = [[[77.58, 12.95], [77.66, 12.95], [77.66, 13.0], [77.58, 13.0], [77.58, 12.95]]]
"""A ring of GeoJSON positions around both, longitude first."""

PREPARATION = 20
MENU = (
    MenuItem(
        DOSA,
        "Masala dosa",
        12_000,
        available=True,
        stocked=True,
        modifier_groups=(
            ModifierGroup(GROUP, "Extras", max=2, modifiers=(Modifier(CHUTNEY, "Coconut chutney", 1_500),)),
        ),
    ),
    MenuItem(COFFEE, "Filter coffee", 6_000, available=True),
    MenuItem(TEA, "Masala tea", 5_000, available=True),
)
DESCRIPTIONS = {
    DOSA: "Crisp rice pancake around spiced potatoes.",
    COFFEE: "Strong, with hot milk.",
    TEA: "Ginger and cardamom.",
}
REQUESTED = (ItemRequest(DOSA, 2, (CHUTNEY,)), ItemRequest(COFFEE, 1))
LINES = priced(REQUESTED, MENU)
DISTANCE = round(distance_m(Point(SHOP.lat, SHOP.lng), Point(HOME.lat, HOME.lng)))
AMOUNTS = total(LINES, DISTANCE, "INR", FeeRules())
ETA = PREPARATION + -(-DISTANCE // CITY_SPEED_M_PER_MIN)
TIP = 5_000


def place(where: Place) -> dict[str, Any]:
    """Return a place as requests and answers show it."""
    return {"lat": where.lat, "lng": where.lng, "address": where.address, "notes": where.notes}


def point(where: Place) -> dict[str, Any]:
    """Return the position of a place."""
    return {"lat": where.lat, "lng": where.lng}


def requested() -> list[dict[str, Any]]:
    """Return the items as a customer requests them."""
    return [
        {"item_id": one.item_id, "quantity": one.quantity, "modifiers": [*one.modifiers]} for one in REQUESTED
    ]


def shown(line: Line) -> dict[str, Any]:
    """Return a priced line as answers show it."""
    return {
        "item_id": line.item_id,
        "name": line.name,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "total": line.total,
        "modifiers": [asdict(one) for one in line.modifiers],
    }


def menu() -> list[dict[str, Any]]:
    """Return the items of the menu."""
    return [
        {
            "id": item.id,
            "name": item.name,
            "description": DESCRIPTIONS[item.id],
            "category": CATEGORY if item.id == DOSA else DRINKS,
            "dietary": ["vegetarian"],
            "image": "",
            "price": item.price,
            "prep_minutes": None,
            "available": True,
            "stocked": item.stocked,
            "modifier_groups": [_group(group) for group in item.modifier_groups],
        }
        for item in MENU
    ]


def categories() -> Sequence[Mapping[str, str]]:
    """Return the categories of the menu."""
    return [{"id": CATEGORY, "name": "Dosas"}, {"id": DRINKS, "name": "Drinks"}]


def _group(group: ModifierGroup) -> dict[str, Any]:
    shown_ = asdict(group)
    return {**shown_, "modifiers": [*shown_["modifiers"]]}


def replacement() -> Line:
    """Return the line that replaces the coffee: tea, which costs less."""
    return priced([ItemRequest(TEA, 1)], MENU)[0]
