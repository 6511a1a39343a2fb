"""A customer says whether something else will do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.actor import Role
from shared.kernel.once import Once
from shared.orders.domain import Decision, Order, party
from shared.orders.ports import OrderStore
from shared.orders.substitutions.domain import accept, decline


@dataclass(frozen=True, slots=True)
class AnswerSubstitution:
    """Who answers which offer of which order, and whether it will do."""

    uid: str
    order_id: str
    substitution_id: str
    accepts: bool


async def answer_substitution(
    command: AnswerSubstitution, *, orders: OrderStore, now: datetime, once: Once | None = None
) -> Order:
    """Return the order as it then is; what it costs less goes back by itself.

    Raises `OrderNotFound` for a stranger, and what `accept` and `decline` raise.
    """

    def decide(order: Order, on_hand: Mapping[str, int]) -> Decision:
        actor = party(order, command.uid, Role.CUSTOMER)
        if command.accepts:
            return accept(order, actor, command.substitution_id, on_hand, now)
        return decline(order, actor, command.substitution_id, now)

    return await orders.answer(command.order_id, decide, once)
