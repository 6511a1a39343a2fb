"""Expire the timeouts of orders, activate scheduled orders and raise SLA reminders."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from shared.kernel.actor import SYSTEM
from shared.kernel.batch import Batch, BatchResult, Queue
from shared.kernel.decision import Decision
from shared.kernel.errors import DomainError, Forbidden, Invalid, Unavailable, WrongState
from shared.orders.businesses.policy import Step
from shared.orders.cancellation import cancel
from shared.orders.domain import Order, OrderDecision, decided
from shared.orders.ports import OrderStore
from shared.orders.sla import check_sla
from shared.orders.substitutions.domain import expire
from shared.orders.timeouts import RECHECK_AFTER, Timeout, expired_timeout, is_activation_due, next_check_at
from shared.orders.transitions import activate, advance

CONCURRENCY = 50
"""At 0.5 s for a commit, one run of 40 s checks 2,000 orders twice over."""

STEP_ON_TIMEOUT: Mapping[Timeout, Step] = {
    Timeout.NOT_DELIVERED: Step.RECALL,
    Timeout.UNDECIDED: Step.RETURN,
    Timeout.NOT_TAKEN_BACK: Step.TAKE_BACK,
}
"""The step that ends the timeouts of goods that were picked up; the others cancel the order."""

log = logging.getLogger(__name__)


async def sweep_orders(*, orders: OrderStore, batch: Batch) -> BatchResult:
    """Check every due order, the longest due first; `done` counts the orders that changed.

    An order that cannot be processed is due again later, after the others.
    """

    async def handle(order: Order, now: datetime) -> bool:
        try:
            return await _check(order.id, orders, now)
        except Unavailable:
            raise
        except (DomainError, ValueError, LookupError):
            await _postpone(order.id, orders, now)
            raise

    queue = Queue(
        id="orders-due",
        name="order_id",
        key=lambda order: order.id,
        load=orders.due,
        handle=handle,
        concurrency=CONCURRENCY,
        alert_on=(ValueError, LookupError, Forbidden, Invalid, WrongState),
    )
    return await batch.run(queue)


async def _check(order_id: str, orders: OrderStore, now: datetime) -> bool:
    """Decide on the order as the commit finds it: a party that acted in the meantime wins."""

    def decide(order: Order) -> Decision[Order, tuple[Order, bool]]:
        decision = _due_change(order, now)
        if decision is not None:
            return Decision(decision.state, decision.events, (decision.state, True))
        checked = replace(order, next_check_at=next_check_at(order, now))
        return Decision(checked, (), (checked, False))

    after, changed = await orders.change(order_id, decide)
    if after.delayed_since == now:
        log.warning("order_delayed", extra={"order_id": order_id, "code": after.fulfilment})
    return changed


def _due_change(order: Order, now: datetime) -> OrderDecision | None:
    """Return what is due for an order, or None where it only has to be checked later."""
    if is_activation_due(order, now):  # mutant: never-begins
        return activate(order, now)
    timeout = expired_timeout(order, now)
    if timeout is None:
        missed = check_sla(order, now)
        if missed is None:
            return None
        state = replace(missed.state, next_check_at=next_check_at(missed.state, now))
        return decided(state, *missed.events)
    if timeout is Timeout.UNANSWERED:
        return expire(order, now)
    if timeout in STEP_ON_TIMEOUT:
        return advance(order, STEP_ON_TIMEOUT[timeout], SYSTEM, now)
    return cancel(order, SYSTEM, timeout, now)


async def _postpone(order_id: str, orders: OrderStore, now: datetime) -> None:
    """Check the order later, so that orders that fail never delay the others for long."""
    try:
        await orders.change(
            order_id, lambda order: decided(replace(order, next_check_at=now + RECHECK_AFTER))
        )
    except (DomainError, ValueError, LookupError) as error:
        log.warning("postpone_failed", exc_info=error, extra={"order_id": order_id})
