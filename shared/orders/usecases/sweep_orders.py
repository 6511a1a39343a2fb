"""The safety net: orders that wait for somebody who does not act are ended, or people are told; those for
later begin."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.actor import SYSTEM
from shared.kernel.errors import DomainError, Unavailable
from shared.orders.businesses.policy import Step
from shared.orders.cancellation import cancel
from shared.orders.domain import Decision, Order
from shared.orders.ports import OrderStore
from shared.orders.sla import check_sla
from shared.orders.substitutions.domain import expire
from shared.orders.timeouts import RECHECK_AFTER, Timeout, expired_timeout, is_activation_due, next_check_at
from shared.orders.transitions import advance

BATCH = 200
"""Orders that one round looks at."""

AT_ONCE = 10

STEP_ON_TIMEOUT: Mapping[Timeout, Step] = {
    Timeout.UNDECIDED: Step.RETURN,
    Timeout.NOT_TAKEN_BACK: Step.TAKE_BACK,
}
"""What is done about goods that were picked up; all else is cancelled."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many orders were looked at, how many of them were ended, and how many could not be."""

    seen: int
    ended: int
    failed: int


async def sweep_orders(*, orders: OrderStore, now: datetime) -> Swept:
    """Expire timeouts, activate scheduled orders and raise SLA reminders, the longest due first, at most
    `BATCH`; one failure stops no other.

    An order whose timeout has not expired is checked again when it can have.
    """
    due = await orders.due(now, BATCH)
    semaphore = asyncio.Semaphore(AT_ONCE)

    async def take_up(order: Order) -> bool | None:
        async with semaphore:
            try:
                return await _end(order.id, orders, now)
            except Unavailable as error:  # the next run may have more luck
                log.warning("sweep_step_failed", extra={"order_id": order.id, "code": error.code})
            except (DomainError, ValueError, LookupError) as error:  # somebody has to look at the order
                log.error("sweep_step_failed", exc_info=error, extra={"order_id": order.id})
                await _postpone(order.id, orders, now)
            return None

    outcomes = await asyncio.gather(*(take_up(order) for order in due))
    return Swept(len(due), outcomes.count(True), outcomes.count(None))


async def _postpone(order_id: str, orders: OrderStore, now: datetime) -> None:
    """Let the others go first from now on, so that the broken ones never fill a whole batch."""
    try:
        await orders.change(order_id, lambda order: (replace(order, next_check_at=now + RECHECK_AFTER), []))
    except (DomainError, ValueError, LookupError) as error:
        log.warning("sweep_step_failed", exc_info=error, extra={"order_id": order_id})


async def _end(order_id: str, orders: OrderStore, now: datetime) -> bool:
    """Decide on the order as it is in the commit: whoever acted in the last moment has won."""
    reason: Timeout | None = None

    def decide(order: Order) -> Decision:
        nonlocal reason
        reason = expired_timeout(order, now)
        if is_activation_due(order, now):  # mutant: never-begins
            return advance(order, Step.ACTIVATE, SYSTEM, now)
        if reason is None:
            after, told = check_sla(order, now) or (order, [])
            return replace(after, next_check_at=next_check_at(after, now)), told
        if reason is Timeout.UNANSWERED:
            return expire(order, now)
        if reason in STEP_ON_TIMEOUT:
            return advance(order, STEP_ON_TIMEOUT[reason], SYSTEM, now)
        return cancel(order, SYSTEM, reason, now)

    after = await orders.change(order_id, decide)
    if after.delayed_since == now:
        log.warning("order_delayed", extra={"order_id": order_id, "code": after.fulfilment})
    return reason not in (None, Timeout.UNANSWERED)
