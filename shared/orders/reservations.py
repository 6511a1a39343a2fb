"""The stock and the capacity slot that an order reserves, and when it releases them.

An order holds what its `reserved` and `holds_slot` say. The store returns to the stock, in the same
commit, what a decision removes from `reserved`, except what it adds to `written_off`. So nothing is
returned twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.kernel.errors import FieldError, WrongState
from shared.kernel.order import Fulfilment
from shared.orders.domain import Order, Reserved
from shared.orders.pricing import Line, quantity_of
from shared.orders.substitution_state import UNAVAILABLE, is_open


class OutOfStock(WrongState):
    """There is not enough left of an item."""

    code = "OUT_OF_STOCK"
    detail = "There is not enough left of an item; order less of it, or something else."


class MerchantAtCapacity(WrongState):
    """The merchant has as many open orders as it accepts."""

    code = "MERCHANT_AT_CAPACITY"
    detail = "The merchant has as many open orders as it accepts; try again in a few minutes."


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many open orders a merchant has, and how many it accepts (None: no limit, nothing counted)."""

    active: int = 0
    limit: int | None = None


def stocked(items: tuple[Line, ...]) -> dict[str, int]:
    """Return how many of each counted item the lines need."""
    return quantity_of([line for line in items if line.stocked])


def check_stock(items: tuple[Line, ...], on_hand: Mapping[str, int]) -> None:
    """Raise `OutOfStock`, which names the lines, where less is left than they need.

    An item without a count has none left.
    """
    short = {item for item, needed in stocked(items).items() if on_hand.get(item, 0) < needed}
    if short:
        raise OutOfStock(
            errors=tuple(
                FieldError(f"/items/{n}/quantity", f"{on_hand.get(line.item_id, 0)} left")
                for n, line in enumerate(items)
                if line.item_id in short
            )
        )


def reserve(order: Order, on_hand: Mapping[str, int], capacity: Capacity) -> Order:
    """Return the new order with its stock and its capacity slot reserved.

    A scheduled order reserves stock, but no slot yet. Raises `OutOfStock` or `MerchantAtCapacity`.
    """
    check_stock(order.items, on_hand)
    counted = capacity.limit is not None and order.fulfilment in order.policy.uses_capacity
    if counted and capacity.limit is not None and capacity.active >= capacity.limit:
        raise MerchantAtCapacity
    reserved = tuple(Reserved(item, needed) for item, needed in stocked(order.items).items())
    return replace(order, reserved=reserved, holds_slot=counted)


def swap_reserved(order: Order, line: Line, replacement: Line | None, *, unavailable: bool) -> Order:
    """Return the order with `replacement` reserved instead of `line`.

    What is no longer needed returns to the stock, or is written off where it is `unavailable`.
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


def release(order: Order, before: Fulfilment) -> Order:
    """Return an order that has left the state `before`, without what it no longer needs.

    A scheduled order takes its capacity slot when it is activated, even beyond the limit: it is paid.
    """
    # mutant: keeps-goods
    restocked = order.fulfilment is Fulfilment.CANCELLED and before in order.policy.restockable
    if restocked:
        order = _write_off_unavailable(order)
    activated = before is Fulfilment.SCHEDULED
    return replace(
        order,
        reserved=() if restocked else order.reserved,
        holds_slot=(order.holds_slot or activated) and order.fulfilment in order.policy.uses_capacity,
    )


def _write_off_unavailable(order: Order) -> Order:
    """Return the order with the lines written off that the merchant has just reported as unavailable."""
    for one in order.substitutions:
        if is_open(one) and one.reason in UNAVAILABLE:
            order = swap_reserved(order, one.line, None, unavailable=True)
    return order


def _counts(parts: tuple[Reserved, ...]) -> Counter[str]:
    return Counter({part.item_id: part.quantity for part in parts})


def _parts(counts: Counter[str]) -> tuple[Reserved, ...]:
    return tuple(Reserved(item, count) for item, count in counts.items() if count > 0)
