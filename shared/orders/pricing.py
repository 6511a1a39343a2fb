"""What an order costs: pure arithmetic on integer minor units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from shared.kernel.errors import FieldError, Invalid
from shared.kernel.modifiers import ModifierGroup
from shared.kernel.money import Money
from shared.orders.modifiers import SelectedModifier, modifier_errors, selected_modifiers

MAX_QUANTITY = 99
MAX_LINES = 50
MAX_CHOICES = 300
"""In one order; with the longest names that a menu may have, some 600 KB of a document's 1 MiB."""

MAX_TIP = 1_000_000
"""Minor units: ten thousand rupees, beyond which it is a slip of the finger."""


class UnknownItem(Invalid):
    """An item is not on the menu, or cannot be had now."""

    code = "UNKNOWN_ITEM"
    detail = "An item is not on the menu, or cannot be had now."


class ChoicesInvalid(Invalid):
    """The choices for an item are not those that the menu allows."""

    code = "CHOICES_INVALID"
    detail = "The choices for an item are not those that the menu allows."


@dataclass(frozen=True, slots=True)
class ItemRequest:
    """What a customer asks for; `choices` are ids of choices in the item's option groups."""

    item_id: str
    quantity: int
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuItem:
    """What a menu says of one item; `price` in minor units of the menu's currency.

    Of a `stocked` item there is only so much.
    """

    id: str
    name: str
    price: int
    available: bool
    stocked: bool = False
    modifier_groups: tuple[ModifierGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One priced line; prices in minor units, `unit_price` with the choices.

    `total` is less than these come to where it replaced something cheaper.
    """

    item_id: str
    name: str
    quantity: int
    unit_price: int
    total: int
    choices: tuple[SelectedModifier, ...] = ()
    stocked: bool = False


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an order costs, in minor units of `currency`; `total` is the sum of the rest less `discount`."""

    items: int
    delivery_fee: int
    tax: int
    total: int
    currency: str
    small_order_fee: int = 0
    tip: int = 0
    discount: int = 0


@dataclass(frozen=True, slots=True)
class FeeRules:
    """How delivery, small orders and tax are charged; minor units, tax in basis points of the items."""

    base: int = 2_500
    included_m: int = 2_000
    per_started_km: int = 700
    tax_basis_points: int = 500
    small_below: int = 10_000
    small_order_fee: int = 1_500


Promo = Callable[[int, int], int]
"""A promotion: what it takes off, given what the items and the delivery cost (minor units)."""


def priced(wanted: Sequence[ItemRequest], menu: Sequence[MenuItem]) -> tuple[Line, ...]:
    """Return the lines at the menu's prices, the same item with the same choices as one line.

    Raises `UnknownItem` or `ChoicesInvalid`, which name each faulty line, and `Invalid` beyond
    `MAX_QUANTITY` of one item or `MAX_CHOICES` in all.
    """
    if sum(len(line.choices) for line in wanted) > MAX_CHOICES:
        raise Invalid(f"At most {MAX_CHOICES} choices in one order.")
    by_id = {item.id: item for item in menu}
    _refuse_unknown(wanted, by_id)
    wrong = tuple(fault for n, line in enumerate(wanted) for fault in _wrong_choices(n, line, by_id))
    if wrong:
        raise ChoicesInvalid(errors=wrong)
    quantities: dict[tuple[str, frozenset[str]], int] = {}
    for line in wanted:
        same = line.item_id, frozenset(line.choices)
        quantities[same] = quantities.get(same, 0) + line.quantity
    lines = tuple(_line(by_id[item_id], picked, n) for (item_id, picked), n in quantities.items())
    if any(quantity > MAX_QUANTITY for quantity in quantity_of(lines).values()):
        raise Invalid(f"At most {MAX_QUANTITY} of one item.")
    return lines


def quantity_of(lines: Sequence[Line]) -> dict[str, int]:
    """Return how many of each item the lines hold together."""
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.item_id] = counts.get(line.item_id, 0) + line.quantity
    return counts


def delivery_fee(distance_m: int, rules: FeeRules) -> int:
    """Return the fee: a base for the first metres, then so much for each kilometre begun."""
    beyond = max(0, distance_m - rules.included_m)
    return rules.base + rules.per_started_km * -(-beyond // 1000)


def total(
    lines: Sequence[Line],
    distance_m: int,
    currency: str,
    rules: FeeRules,
    *,
    tip: int = 0,
    promo: Promo | None = None,
) -> Amounts:
    """Return what the lines cost with delivery over `distance_m`, a fee for a small order, tax on the
    items, and the tip.

    A promotion takes off the items and the delivery at most what they cost; what it takes off the items
    is not taxed. Whatever it says, nothing becomes negative.
    """
    items = sum(line.total for line in lines)
    fee = delivery_fee(distance_m, rules)
    discount = max(0, min(promo(items, fee), items + fee)) if promo else 0
    taxed = items - min(discount, items)
    tax = Money(taxed, currency).share(rules.tax_basis_points).amount
    small = rules.small_order_fee if items < rules.small_below else 0
    return Amounts(
        items=items,
        delivery_fee=fee,
        tax=tax,
        total=items + fee + small + tax + tip - discount,
        currency=currency,
        small_order_fee=small,
        tip=tip,
        discount=discount,
    )


def repriced(amounts: Amounts, lines: Sequence[Line]) -> Amounts:
    """Return what an order costs with other lines that cost no more than those it had.

    The tax falls as the taxed items do; all that is not about the items stays. So nothing rises.
    """
    items = sum(line.total for line in lines)
    discount = min(amounts.discount, items + amounts.delivery_fee)
    was_taxed = amounts.items - min(amounts.discount, amounts.items)
    taxed = items - min(discount, items)
    tax = -(-amounts.tax * taxed // was_taxed) if was_taxed else 0
    other = amounts.delivery_fee + amounts.small_order_fee + amounts.tip
    return replace(amounts, items=items, tax=tax, discount=discount, total=items + other + tax - discount)


def _refuse_unknown(wanted: Sequence[ItemRequest], by_id: dict[str, MenuItem]) -> None:
    unknown = tuple(
        FieldError(f"/items/{n}/item_id", "is not on the menu, or cannot be had now")
        for n, line in enumerate(wanted)
        if line.item_id not in by_id or not by_id[line.item_id].available
    )
    if unknown:
        raise UnknownItem(errors=unknown)


def _wrong_choices(n: int, line: ItemRequest, by_id: dict[str, MenuItem]) -> Iterator[FieldError]:
    for message in modifier_errors(by_id[line.item_id].modifier_groups, line.choices):
        yield FieldError(f"/items/{n}/choices", message)


def _line(item: MenuItem, picked: frozenset[str], quantity: int) -> Line:
    choices = selected_modifiers(item.modifier_groups, picked)
    unit = max(0, item.price + sum(choice.price_delta for choice in choices))
    return Line(item.id, item.name, quantity, unit, unit * quantity, choices, item.stocked)
