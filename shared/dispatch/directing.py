"""Decide what operators do with the search for a driver: choose who is asked next, or begin it again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from shared.dispatch import event_factory, offers, searching
from shared.dispatch.audit import SearchAction
from shared.dispatch.domain import AssignmentContext, Order, OrderNotFound
from shared.dispatch.drivers import Driver, DriverNotFound, DriverStatus
from shared.dispatch.machine import Cause, next_assignment
from shared.dispatch.matching import Config
from shared.dispatch.scoring import Proposal
from shared.kernel.audit import OperatorAction
from shared.kernel.decision import Decision
from shared.kernel.errors import WrongState
from shared.kernel.four_eyes import demand_uninvolved
from shared.kernel.order import AssignmentState

DirectedDecision = Decision[AssignmentContext, AssignmentContext]


class OrderNeedsNoDriver(WrongState):
    """The order is not to be offered to a driver now."""

    code = "ORDER_NEEDS_NO_DRIVER"
    detail = "The order is not ready, is not paid, or has a driver, who is replaced first. Read it again."


class OrderOffered(WrongState):
    """The order is offered to a driver at this moment."""

    code = "ORDER_OFFERED"
    detail = "The order is offered to a driver at this moment. Choose one when the offer has ended."


class SearchNotEnded(WrongState):
    """The search for a driver has not ended, or the order needs none."""

    code = "SEARCH_NOT_ENDED"
    detail = "The search for a driver goes on, or the order needs none. Read the order again."


class DriverCannotTakeOrder(WrongState):
    """The chosen driver cannot be asked; the message says why."""

    code = "DRIVER_CANNOT_TAKE_ORDER"
    detail = "This driver cannot be asked. Choose another one."


@dataclass(frozen=True, slots=True)
class DriverChoice:
    """An operator's choice of the driver who is asked next."""

    action: OperatorAction
    order_id: str
    driver_id: str


def choose(
    context: AssignmentContext,
    choice: DriverChoice,
    proposal: Proposal | None,
    not_matched: Collection[str],
    config: Config,
    now: datetime,
) -> DirectedDecision:
    """Offer the order to the chosen driver, who accepts or declines it like any other offer.

    `proposal` is None where the driver is not near. A driver who declined in this search may be asked again.
    Raises `OrderNotFound`, `OperatorInvolved`, `OrderOffered`, `OrderNeedsNoDriver`, `DriverNotFound` or
    `DriverCannotTakeOrder`.
    """
    order = _order(context, choice.action, choice.driver_id)
    seen = order.assignment
    if seen.state is AssignmentState.OFFERED:
        raise OrderOffered
    if not order.is_ready_for_pickup() or next_assignment(seen.state, Cause.DRIVER_CHOSEN) is None:
        raise OrderNeedsNoDriver
    if context.driver is None:
        raise DriverNotFound
    made_at = context.time(now)
    hindrance = _hindrance(order, context.driver, not_matched, made_at)
    if hindrance or proposal is None:
        raise DriverCannotTakeOrder(hindrance or "The driver has sent no position near the pickup lately.")
    asked = replace(order, assignment=replace(seen, no_candidates_since=None))
    made = offers.offer_to(asked, context.driver, (proposal,), Cause.DRIVER_CHOSEN, config, made_at, now)
    audit = choice.action.entry(SearchAction.DRIVER_CHOSEN, order.id)  # mutant: chosen-without-entry
    state = replace(made.state, audit=audit)
    return Decision(state, (*made.events, event_factory.driver_chosen(choice.action, order)), state)


def restart(context: AssignmentContext, action: OperatorAction) -> DirectedDecision:
    """Begin a search again that has ended without a driver; drivers who declined before may be asked.

    Raises `OrderNotFound`, `OperatorInvolved` or `SearchNotEnded`.
    """
    order = _order(context, action)
    ended = next_assignment(order.assignment.state, Cause.SEARCH_RESTARTED) is not None
    if not order.is_ready_for_pickup() or not ended:
        raise SearchNotEnded
    begun = searching.begin_again(order, Cause.SEARCH_RESTARTED, action.at)
    state = AssignmentContext(begun, audit=action.entry(SearchAction.SEARCH_RESTARTED, order.id))
    return Decision(state, (event_factory.search_restarted(action, order),), state)


def _order(context: AssignmentContext, action: OperatorAction, *drivers: str) -> Order:
    """Return the order if the operator has no part in it or in the choice."""
    order = context.order
    if order is None:
        raise OrderNotFound
    parties = (order.customer_id, *order.replaced_drivers, *order.assignment.former_drivers, *drivers)
    staff = context.operator_is_staff
    demand_uninvolved(action.operator.uid, *parties, is_staff=lambda _: staff)
    return order


def _hindrance(order: Order, driver: Driver, not_matched: Collection[str], at: datetime) -> str:
    """Return why the driver cannot be asked; empty where nothing prevents it."""
    hindrances = (
        (driver.closed, "The driver's account is closed."),
        (not driver.approved, "The driver is not approved."),
        (driver.status is not DriverStatus.ONLINE, "The driver is not online."),
        (driver.load >= driver.load_cap, "The driver carries as many orders as they may."),
        (driver.outstanding_offer is not None, "The driver is asked about another order now."),
        (not driver.has_valid_documents(at), "The driver's documents are not valid."),
        (
            driver.id in not_matched or driver.id == order.customer_id,
            "The driver and the customer are never matched.",
        ),
        (
            driver.id in (*order.assignment.former_drivers, *order.replaced_drivers),
            "The driver has had this order before.",
        ),
    )
    return next((reason for applies, reason in hindrances if applies), "")
