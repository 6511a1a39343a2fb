"""Offer an order to the driver that an operator has chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.dispatch.directing import DirectedDecision, DriverCannotTakeOrder, DriverChoice, choose
from shared.dispatch.domain import AssignmentContext, Order, OrderNotFound, offer_id
from shared.dispatch.matching import Config, rank
from shared.dispatch.ports import DispatchStore, DriverIndex, Keys
from shared.dispatch.scoring import Proposal
from shared.kernel.errors import DomainError
from shared.kernel.idempotency import AlreadyAnswered, IdempotentRequest


@dataclass(frozen=True, slots=True)
class ChooseDriver:
    """The operator's choice."""

    choice: DriverChoice


async def choose_driver(
    command: ChooseDriver,
    *,
    store: DispatchStore,
    index: DriverIndex,
    config: Config,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> AssignmentContext:
    """Make the offer, with its audit entry, and return it; the event `DriverChosen` sets its deadline.

    Raises what `directing.choose` raises, and `Unavailable` where the driver location index does not answer.
    """
    choice = command.choice
    order = await store.order(choice.order_id)
    if order is None:
        raise OrderNotFound
    not_matched = await store.not_matched(order.customer_id)
    proposal = await _proposal(order, choice.driver_id, index, config, now)
    name = offer_id(order.id, order.assignment.attempt + 1)
    reserved = proposal is not None and await index.reserve(choice.driver_id, name, config.offer_timeout)

    def decide(context: AssignmentContext) -> DirectedDecision:
        if proposal and not reserved:
            raise DriverCannotTakeOrder("The driver is asked about another order now.")
        return choose(context, choice, proposal, not_matched, config, now)

    keys = Keys(choice.order_id, driver=choice.driver_id, operator=choice.action.operator.uid)
    try:
        return await store.change(keys, decide, idempotency)
    except (DomainError, AlreadyAnswered):
        if reserved and not await _holds(store, choice.driver_id, name):
            await index.release(choice.driver_id, name)
        raise


async def _holds(store: DispatchStore, driver_id: str, offer: str) -> bool:
    """Return whether the driver has this offer, which an earlier request has made."""
    driver = await store.driver(driver_id)
    return driver is not None and driver.outstanding_offer == offer


async def _proposal(
    order: Order, driver_id: str, index: DriverIndex, config: Config, now: datetime
) -> Proposal | None:
    """Return the proposal of the driver; None where they are not available within the widest radius."""
    near = await index.near(order.pickup.point, config.radii_m[-1], now - config.max_position_age)
    found = [candidate for candidate in near if candidate.driver_id == driver_id]
    anybody = replace(order, assignment=replace(order.assignment, excluded_drivers=()))
    return next(iter(rank(anybody, found, now, config)), None)
