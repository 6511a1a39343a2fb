"""The price of an order: pure arithmetic on integer minor units."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from shared.kernel.errors import FieldError, Invalid, WrongState
from shared.kernel.modifiers import ModifierGroup
from shared.kernel.money import Money
from shared.orders.modifiers import SelectedModifier, modifier_errors, selected_modifiers

MAX_QUANTITY = 99
MAX_LINES = 50
MAX_MODIFIERS = 300
"""In one order; with the longest names that a menu may have, some 600 KB of a document's 1 MiB."""

MAX_TIP = 1_000_000
"""Minor units: ten thousand rupees. More is probably a mistake."""


class UnknownItem(Invalid):
    """An item is not on the menu, or is unavailable now."""

    code = "UNKNOWN_ITEM"
    detail = "An item is not on the menu, or is unavailable now; read the menu again."


class ModifiersInvalid(Invalid):
    """The menu does not allow the modifiers that were selected for an item."""

    code = "MODIFIERS_INVALID"
    detail = "The menu does not allow the modifiers that you selected for an item."


class ItemUnavailable(WrongState):
    """An item or a modifier has become unavailable since it was priced."""

    code = "ITEM_UNAVAILABLE"
    detail = "An item has become unavailable since it was priced; read the menu again."


@dataclass(frozen=True, slots=True)
class ItemRequest:
    """An item that a customer requests; `modifiers` are ids from the item's modifier groups."""

    item_id: str
    quantity: int
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One item of a menu; `price` in minor units of the menu's currency.

    The stock of a `stocked` item is counted.
    """

    id: str
    name: str
    price: int
    available: bool
    stocked: bool = False
    modifier_groups: tuple[ModifierGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One priced line; prices in minor units, `unit_price` including the modifiers.

    `total` is less than `quantity` times `unit_price` where the line replaced a cheaper one.
    """

    item_id: str
    name: str
    quantity: int
    unit_price: int
    total: int
    modifiers: tuple[SelectedModifier, ...] = ()
    stocked: bool = False


@dataclass(frozen=True, slots=True)
class Amounts:
    """The amounts of an order in minor units of `currency`; `total` is their sum less `discount`."""

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
    """The fees for delivery and small orders in minor units, and the tax in basis points of the items."""

    base: int = 2_500
    included_m: int = 2_000
    per_started_km: int = 700
    tax_basis_points: int = 500
    small_below: int = 10_000
    small_order_fee: int = 1_500


Promo = Callable[[int, int], int]
"""A promotion: its discount, given the prices of the items and of the delivery (minor units)."""


def priced(requests: Sequence[ItemRequest], menu: Sequence[MenuItem]) -> tuple[Line, ...]:
    """Return the lines at the menu's prices, the same item with the same modifiers as one line.

    Raises `UnknownItem` or `ModifiersInvalid`, which name each faulty line, and `Invalid` beyond
    `MAX_QUANTITY` of one item or `MAX_MODIFIERS` in all.
    """
    if sum(len(request.modifiers) for request in requests) > MAX_MODIFIERS:
        raise Invalid(f"Select at most {MAX_MODIFIERS} modifiers in one order.")
    by_id = {item.id: item for item in menu}
    _check_known(requests, by_id)
    errors = tuple(error for n, request in enumerate(requests) for error in _errors(n, request, by_id))
    if errors:
        raise ModifiersInvalid(errors=errors)
    quantities: dict[tuple[str, frozenset[str]], int] = {}
    for request in requests:
        same = request.item_id, frozenset(request.modifiers)
        quantities[same] = quantities.get(same, 0) + request.quantity
    lines = tuple(_line(by_id[item_id], selected, n) for (item_id, selected), n in quantities.items())
    if any(quantity > MAX_QUANTITY for quantity in quantity_of(lines).values()):
        raise Invalid(f"Order at most {MAX_QUANTITY} of one item.")
    return lines


def check_available(lines: Sequence[Line], menu: Sequence[MenuItem]) -> None:
    """Raise `ItemUnavailable`, which names the lines, where a menu no longer offers what was priced.

    Neither its prices nor its rules for modifiers count: those that were quoted hold.
    """
    errors = tuple(
        FieldError(f"/items/{n}", message)
        for n, line in enumerate(lines)
        for message in unavailable(line, menu)
    )
    if errors:
        raise ItemUnavailable(errors=errors)


def recounted(lines: Sequence[Line], menu: Sequence[MenuItem]) -> tuple[Line, ...]:
    """Return the lines with their stock counted where a menu counts it now."""
    counted = {item.id for item in menu if item.stocked}
    return tuple(replace(line, stocked=line.item_id in counted) for line in lines)


def unavailable(line: Line, menu: Sequence[MenuItem]) -> list[str]:
    """Return a message for each thing of a priced line that a menu no longer offers."""
    item = next((item for item in menu if item.id == line.item_id), None)
    return [f"{gone} is not available any more" for gone in _unavailable(line, item)]


def quantity_of(lines: Sequence[Line]) -> dict[str, int]:
    """Return the quantity of each item over all lines."""
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.item_id] = counts.get(line.item_id, 0) + line.quantity
    return counts


def delivery_fee(distance_m: int, rules: FeeRules) -> int:
    """Return the fee: a base for the first metres, then an amount for each kilometre begun."""
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
    """Return the price of the lines with delivery over `distance_m`, a fee for a small order, tax on the
    items, and the tip.

    A promotion reduces the items first, then the delivery, and neither below zero. Only the reduced price
    of the items is taxed.
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
    """Return the amounts of an order after its lines were replaced by lines that cost no more.

    The tax falls in proportion to the taxed items; the fees and the tip stay. No amount rises.
    """
    items = sum(line.total for line in lines)
    discount = min(amounts.discount, items + amounts.delivery_fee)
    was_taxed = amounts.items - min(amounts.discount, amounts.items)
    taxed = items - min(discount, items)
    tax = -(-amounts.tax * taxed // was_taxed) if was_taxed else 0
    other = amounts.delivery_fee + amounts.small_order_fee + amounts.tip
    return replace(amounts, items=items, tax=tax, discount=discount, total=items + other + tax - discount)


def _check_known(requests: Sequence[ItemRequest], by_id: dict[str, MenuItem]) -> None:
    unknown = tuple(
        FieldError(f"/items/{n}/item_id", "is not on the menu, or is unavailable now")
        for n, request in enumerate(requests)
        if request.item_id not in by_id or not by_id[request.item_id].available
    )
    if unknown:
        raise UnknownItem(errors=unknown)


def _unavailable(line: Line, item: MenuItem | None) -> Iterator[str]:
    """Yield the names of what a line has and the item of the menu does not offer."""
    if item is None or not item.available:
        yield line.name
        return
    offered = {each.id for group in item.modifier_groups for each in group.modifiers if each.available}
    for selected in line.modifiers:
        if selected.modifier_id not in offered:  # mutant: gone-modifier
            yield f"{selected.name} ({line.name})"


def _errors(n: int, request: ItemRequest, by_id: dict[str, MenuItem]) -> Iterator[FieldError]:
    for message in modifier_errors(by_id[request.item_id].modifier_groups, request.modifiers):
        yield FieldError(f"/items/{n}/modifiers", message)


def _line(item: MenuItem, selected: frozenset[str], quantity: int) -> Line:
    modifiers = selected_modifiers(item.modifier_groups, selected)
    unit = max(0, item.price + sum(modifier.price_delta for modifier in modifiers))
    return Line(item.id, item.name, quantity, unit, unit * quantity, modifiers, item.stocked)
