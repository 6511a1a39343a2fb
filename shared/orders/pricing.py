"""What an order costs: pure arithmetic on integer minor units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.kernel.errors import FieldError, Invalid
from shared.kernel.money import Money

MAX_QUANTITY = 99
MAX_LINES = 50


class UnknownItem(Invalid):
    """An item is not on the menu, or cannot be had now."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a customer asks for."""

    item_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class MenuItem:
    """What a menu says of one item; `price` in minor units of the menu's currency."""

    id: str
    name: str
    price: int
    available: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One priced line; prices in minor units."""

    item_id: str
    name: str
    quantity: int
    unit_price: int
    total: int


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an order costs, in minor units of `currency`; `total` is the sum of the others."""

    items: int
    delivery_fee: int
    tax: int
    total: int
    currency: str


@dataclass(frozen=True, slots=True)
class FeeRules:
    """How delivery and tax are charged; amounts in minor units, tax in basis points of the items."""

    base: int = 2_500
    included_m: int = 2_000
    per_started_km: int = 700
    tax_basis_points: int = 500


def priced(wanted: Sequence[Wanted], menu: Sequence[MenuItem]) -> tuple[Line, ...]:
    """Return the lines at the menu's prices, the same item asked for twice as one line.

    Raises `UnknownItem`, which names each faulty line, and `Invalid` beyond `MAX_QUANTITY`.
    """
    by_id = {item.id: item for item in menu}
    faults = [
        FieldError(f"/items/{n}/item_id", "is not on the menu, or cannot be had now")
        for n, line in enumerate(wanted)
        if line.item_id not in by_id or not by_id[line.item_id].available
    ]
    if faults:
        raise UnknownItem(errors=tuple(faults))
    quantities: dict[str, int] = {}
    for line in wanted:
        quantities[line.item_id] = quantities.get(line.item_id, 0) + line.quantity
    if any(quantity > MAX_QUANTITY for quantity in quantities.values()):
        raise Invalid(f"At most {MAX_QUANTITY} of one item.")
    return tuple(_line(by_id[item_id], quantity) for item_id, quantity in quantities.items())


def _line(item: MenuItem, quantity: int) -> Line:
    return Line(item.id, item.name, quantity, item.price, item.price * quantity)


def delivery_fee(distance_m: int, rules: FeeRules) -> int:
    """Return the fee: a base for the first metres, then so much for each kilometre begun."""
    beyond = max(0, distance_m - rules.included_m)
    return rules.base + rules.per_started_km * -(-beyond // 1000)


def total(lines: Sequence[Line], distance_m: int, currency: str, rules: FeeRules) -> Amounts:
    """Return what the lines cost with delivery over `distance_m` and tax on the items."""
    items = sum(line.total for line in lines)
    fee = delivery_fee(distance_m, rules)
    tax = Money(items, currency).share(rules.tax_basis_points).amount
    return Amounts(items, fee, tax, items + fee + tax, currency)
