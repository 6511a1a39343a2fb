"""What an order takes off the shelf and of the capacity's room, and when it gives that back.

An order holds what stands in its `reserved` and `holds_slot`; what a decision takes off them, the store
puts back in the same commit, but for what it adds to `written_off`. So nothing is given back twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.kernel.errors import FieldError, WrongState
from shared.kernel.order import Business, Fulfilment
from shared.orders.domain import Order, Reserved
from shared.orders.pricing import Line, quantity_of
from shared.orders.substitution_state import UNAVAILABLE, is_open

_F = Fulfilment


class OutOfStock(WrongState):
    """There is not enough left of an item."""

    code = "OUT_OF_STOCK"
    detail = "There is not enough left of an item."


class MerchantAtCapacity(WrongState):
    """The capacity has as many orders as it takes at once; try again in a few minutes."""

    code = "MERCHANT_AT_CAPACITY"
    detail = "The capacity has as many orders as it takes at once; try again in a few minutes."


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many orders a capacity has, and how many it takes at once (None: no limit, nothing counted)."""

    active: int = 0
    limit: int | None = None


RESTOCKABLE: Mapping[Business, frozenset[Fulfilment]] = {
    Business.FOOD: frozenset({_F.SCHEDULED, _F.PLACED, _F.CONFIRMED}),
    Business.LOCAL: frozenset({_F.SCHEDULED, _F.PLACED, _F.READY}),
    Business.MED: frozenset({_F.SCHEDULED, _F.PLACED, _F.CONFIRMED, _F.PREPARING, _F.READY}),
    Business.P2P: frozenset(),
}
"""The states in which cancelling puts the goods back onto the shelf: later they are cooked, or gone."""

USES_CAPACITY = frozenset({_F.PLACED, _F.CONFIRMED, _F.PREPARING})


def stocked(items: tuple[Line, ...]) -> dict[str, int]:
    """Return how many of each counted item the lines want."""
    return quantity_of([line for line in items if line.stocked])


def check_stock(items: tuple[Line, ...], on_hand: Mapping[str, int]) -> None:
    """Raise `OutOfStock`, naming the lines, where more is wanted than is left; uncounted is none left."""
    short = {item for item, wanted in stocked(items).items() if on_hand.get(item, 0) < wanted}
    if short:
        raise OutOfStock(
            errors=tuple(
                FieldError(f"/items/{n}/quantity", f"{on_hand.get(line.item_id, 0)} left")
                for n, line in enumerate(items)
                if line.item_id in short
            )
        )


def reserve(order: Order, on_hand: Mapping[str, int], capacity: Capacity) -> Order:
    """Return the new order holding its goods and its place in the capacity.

    An order for later takes goods, but no place yet. Raises `OutOfStock` or `MerchantAtCapacity`.
    """
    check_stock(order.items, on_hand)
    counted = capacity.limit is not None and order.fulfilment in USES_CAPACITY
    if counted and capacity.limit is not None and capacity.active >= capacity.limit:
        raise MerchantAtCapacity
    held = tuple(Reserved(item, wanted) for item, wanted in stocked(order.items).items())
    return replace(order, reserved=held, holds_slot=counted)


def swap_reserved(order: Order, line: Line, replacement: Line | None, *, unavailable: bool) -> Order:
    """Return the order holding `replacement` in place of `line`.

    The stock of `line` returns, unless it is `unavailable`.
    """
    held, lost = _counts(order.reserved), _counts(order.written_off)
    before = held[line.item_id]
    if line.stocked:
        held[line.item_id] = max(0, before - line.quantity)
    if replacement and replacement.stocked:
        held[replacement.item_id] += replacement.quantity
    if unavailable:
        lost[line.item_id] += max(0, before - held[line.item_id])
    return replace(order, reserved=_parts(held), written_off=_parts(lost))


def _write_off_unavailable(order: Order) -> Order:
    """Return the order with that written off which the shop has just said it lacks."""
    for one in order.substitutions:
        if is_open(one) and one.reason in UNAVAILABLE:
            order = swap_reserved(order, one.line, None, unavailable=True)
    return order


def _counts(parts: tuple[Reserved, ...]) -> Counter[str]:
    return Counter({part.item_id: part.quantity for part in parts})


def _parts(counts: Counter[str]) -> tuple[Reserved, ...]:
    return tuple(Reserved(item, count) for item, count in counts.items() if count > 0)


def release(order: Order, before: Fulfilment) -> Order:
    """Return an order that has left the state `before`, without what it need not hold any more.

    An order for later that comes into the capacity takes its place there, even where none is left: it is
    paid.
    """
    back = order.fulfilment is _F.CANCELLED and before in RESTOCKABLE[order.business]
    if back:
        order = _write_off_unavailable(order)
    comes = before is _F.SCHEDULED and order.business is not Business.P2P
    return replace(
        order,
        reserved=() if back else order.reserved,
        holds_slot=(order.holds_slot or comes) and order.fulfilment in USES_CAPACITY,
    )
