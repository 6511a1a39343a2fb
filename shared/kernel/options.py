"""What can be chosen with a thing on a menu: alike for the shop that offers it and the order of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose; `price_delta` in minor units is added to the item's price, or taken off it."""

    id: str
    name: str
    price_delta: int = 0
    available: bool = True


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """A question about an item: from `min` to `max` different choices; it has to be answered if `min` > 0."""

    id: str
    name: str
    min: int = 0
    max: int = 1
    choices: tuple[Choice, ...] = ()
