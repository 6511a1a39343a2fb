"""A shop offers something else for a line that it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.actor import Role
from shared.kernel.errors import FieldError
from shared.kernel.once import Once
from shared.orders.domain import Decision, MerchantNotFound, NotPermitted, Order, party
from shared.orders.ports import Catalogue, OrderStore
from shared.orders.pricing import ChoicesInvalid, ItemRequest, Line, UnknownItem, priced
from shared.orders.reservations import check_stock, stocked
from shared.orders.substitution_state import SubstitutionReason
from shared.orders.substitutions.domain import Offer, propose


@dataclass(frozen=True, slots=True)
class ProposeSubstitution:
    """Who offers what for which line (from 0) of which order, and why; `substitution_id` is the new
    offer's."""

    uid: str
    order_id: str
    substitution_id: str
    line: int
    offered: ItemRequest
    reason: SubstitutionReason = SubstitutionReason.OUT_OF_STOCK


async def propose_substitution(
    command: ProposeSubstitution,
    *,
    orders: OrderStore,
    catalogue: Catalogue,
    now: datetime,
    once: Once | None = None,
) -> Order:
    """Return the order with the offer, priced by the menu in force.

    Raises `OrderNotFound` for a stranger, `UnknownItem`, `ChoicesInvalid`, `OutOfStock`, and what
    `propose` raises.
    """
    order = await orders.get(command.order_id)
    if party(order, command.uid, Role.MERCHANT).role is not Role.MERCHANT:
        raise NotPermitted
    offered = await _offered(command, order, catalogue, now)
    offer = Offer(command.substitution_id, command.line, offered, command.reason)

    def decide(fresh: Order) -> Decision:
        actor = party(fresh, command.uid, Role.MERCHANT)
        return propose(fresh, actor, offer, now)

    return await orders.change(command.order_id, decide, once)


async def _offered(command: ProposeSubstitution, order: Order, catalogue: Catalogue, now: datetime) -> Line:
    shop = await catalogue.shop(order.merchant_id, order.dropoff, now)
    if shop is None:
        raise MerchantNotFound
    try:
        lines = priced([command.offered], shop.menu)
    except (UnknownItem, ChoicesInvalid) as error:
        named = (FieldError(found.pointer.removeprefix("/items/0"), found.message) for found in error.errors)
        raise type(error)(errors=tuple(named)) from error
    if counted := stocked(lines):
        check_stock(lines, await catalogue.on_hand(shop.id, list(counted)))
    return lines[0]
