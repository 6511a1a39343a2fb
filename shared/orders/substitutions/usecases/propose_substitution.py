"""Propose a replacement for a line that the merchant cannot supply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.actor import Role
from shared.kernel.errors import FieldError
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.domain import IsStaff, NotPermitted, Order, OrderDecision, party
from shared.orders.ports import Catalogue, Memberships, OrderStore
from shared.orders.pricing import ItemRequest, Line, ModifiersInvalid, UnknownItem, priced
from shared.orders.queries import party_of
from shared.orders.quotes import MerchantNotFound
from shared.orders.reservations import check_stock, stocked
from shared.orders.substitution_state import SubstitutionReason
from shared.orders.substitutions.domain import Proposal, propose


@dataclass(frozen=True, slots=True)
class ProposeSubstitution:
    """The user, the order, its line (from 0), the replacement and the reason.

    `substitution_id` is the id of the new substitution.
    """

    uid: str
    order_id: str
    substitution_id: str
    line: int
    replacement: ItemRequest
    reason: SubstitutionReason = SubstitutionReason.OUT_OF_STOCK


async def propose_substitution(
    command: ProposeSubstitution,
    *,
    orders: OrderStore,
    catalogue: Catalogue,
    memberships: Memberships,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> Order:
    """Return the order with the proposal, priced by the current menu.

    Raises `OrderNotFound` for a stranger, `UnknownItem`, `ModifiersInvalid`, `OutOfStock`, and the errors of
    `propose`.
    """
    order = await orders.get(command.order_id)
    if (await party_of(order, command.uid, memberships, Role.MERCHANT)).role is not Role.MERCHANT:
        raise NotPermitted
    replacement = await _replacement(command, order, catalogue)
    proposal = Proposal(command.substitution_id, command.line, replacement, command.reason)

    def decide(fresh: Order, is_staff: IsStaff) -> OrderDecision:
        actor = party(fresh, command.uid, is_staff, Role.MERCHANT)
        return propose(fresh, actor, proposal, now)

    return await orders.change_as_party(command.order_id, decide, idempotency)


async def _replacement(command: ProposeSubstitution, order: Order, catalogue: Catalogue) -> Line:
    """Return the priced replacement; raises `OutOfStock` where the stock is too low."""
    shop = await catalogue.shop(order.merchant_id, order.dropoff)
    if shop is None:
        raise MerchantNotFound
    try:
        lines = priced([command.replacement], shop.menu)
    except (UnknownItem, ModifiersInvalid) as error:
        named = (FieldError(found.pointer.removeprefix("/items/0"), found.message) for found in error.errors)
        raise type(error)(errors=tuple(named)) from error
    if counted := stocked(lines):
        check_stock(lines, await catalogue.on_hand(shop.id, list(counted)))
    return lines[0]
