"""Modifiers of a menu item, such as a size or an extra. The catalogue and orders share these types."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Modifier:
    """One modifier. `price_delta` (minor units) is added to the item's price; it may be negative."""

    id: str
    name: str
    price_delta: int = 0
    available: bool = True


@dataclass(frozen=True, slots=True)
class ModifierGroup:
    """A group from which a customer selects `min` to `max` different modifiers.

    The customer has to select one when `min` is above 0.
    """

    id: str
    name: str
    min: int = 0
    max: int = 1
    modifiers: tuple[Modifier, ...] = ()
