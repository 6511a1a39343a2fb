"""The modifiers of a shop's dishes, which come and go, and what customers select of them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from functions.catalogue_api.menu_schemas import ModifierGroupRequest, ModifierRequest

GROUP = "Extras"
EXTRAS = {"Chutney": 1_500, "Ghee": 2_500}


def extras(chance: random.Random, shown: Mapping[str, Any] | None) -> list[ModifierGroupRequest]:
    """Return the group of a dish for its next menu, with the ids that the menu before shows; now and then
    without one of the modifiers, with another price, or switched off."""
    group = next(iter((shown or {}).get("modifier_groups", ())), None)
    known = {modifier["name"]: modifier["id"] for modifier in (group or {}).get("modifiers", ())}
    offered = [
        ModifierRequest(
            id=known.get(name),
            name=name,
            price_delta=price + chance.choice((0, 0, 500)),
            available=chance.random() < 0.85,
        )
        for name, price in EXTRAS.items()
        if chance.random() < 0.85
    ]
    id_ = group["id"] if group else None
    return [ModifierGroupRequest(id=id_, name=GROUP, max=len(offered), modifiers=offered)] if offered else []


def selected(chance: random.Random, dish: Mapping[str, Any]) -> list[str]:
    """Return some of the modifiers that a menu offers for a dish."""
    groups = dish["modifier_groups"]
    offered = [one["id"] for group in groups for one in group["modifiers"] if one["available"]]
    return [id_ for id_ in offered if chance.random() < 0.4]
