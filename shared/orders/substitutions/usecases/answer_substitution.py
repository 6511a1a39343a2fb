"""Accept or decline a substitution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.actor import Role
from shared.kernel.idempotency import IdempotentRequest
from shared.orders.domain import IsStaff, Order, OrderDecision, party
from shared.orders.substitutions.domain import Availability, accept, decline
from shared.orders.substitutions.ports import SubstitutionStore


@dataclass(frozen=True, slots=True)
class AnswerSubstitution:
    """The user, the order, the substitution and the answer."""

    uid: str
    order_id: str
    substitution_id: str
    accepts: bool


async def answer_substitution(
    command: AnswerSubstitution,
    *,
    substitutions: SubstitutionStore,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> Order:
    """Return the changed order; payments refunds the difference on its own.

    Raises `OrderNotFound` for a stranger, and the errors of `accept` and `decline`.
    """

    def decide(order: Order, available: Callable[[], Availability], is_staff: IsStaff) -> OrderDecision:
        actor = party(order, command.uid, is_staff, Role.CUSTOMER)
        if command.accepts:
            return accept(order, actor, command.substitution_id, available, now)
        return decline(order, actor, command.substitution_id, now)

    return await substitutions.answer(command.order_id, decide, idempotency)
