"""Requests and responses of the routes by which operators read, move and end orders."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from functions.orders_api.schemas import OrderView
from shared.edge.schemas import RequestModel, ResponseModel
from shared.edge.text import Reason
from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.domain import Order
from shared.orders.oversight import OverseenOrder


class OperatorReason(RequestModel):
    """The reason for the action; the audit log keeps it."""

    reason: Reason = Field(examples=["The merchant closed and cannot prepare it."])


class OrderSummary(ResponseModel):
    """An order in a list for operators: without addresses and notes, which each look at one order records.

    Since `delayed_since` it exceeds its SLA; `total` is in minor units of `currency`.
    """

    id: str
    business: Business
    customer_id: str
    merchant_id: str
    merchant_name: str
    driver_id: str | None
    fulfilment: Fulfilment
    assignment: AssignmentState
    payment: PaymentState
    total: int
    currency: str
    placed_at: datetime
    updated_at: datetime
    scheduled_for: datetime | None
    delayed_since: datetime | None

    @classmethod
    def of(cls, order: Order) -> OrderSummary:
        """Return the summary of an order."""
        return cls(**cls.fields(order))

    @staticmethod
    def fields(order: Order) -> dict[str, object]:
        """Return the fields of the summary."""
        same = ("id", "business", "customer_id", "merchant_id", "merchant_name", "fulfilment", "placed_at")
        times = ("updated_at", "scheduled_for", "delayed_since")
        return {
            **{name: getattr(order, name) for name in (*same, *times)},
            "driver_id": order.assignment.driver_id,
            "assignment": order.assignment.state,
            "payment": order.payment.state,
            "total": order.amounts.total,
            "currency": order.amounts.currency,
        }


class OrderSummaryPage(ResponseModel):
    """A page of orders, newest first; the last page has an empty `next_page_token`."""

    orders: list[OrderSummary]
    next_page_token: str


class AttentionView(OrderSummary):
    """An order that needs attention.

    Since `escalated_at` operators have to look at it; `escalation` says why: no_driver, driver_silent,
    driver_account_closed, or the problem that its driver reported: breakdown, unsafe, damaged, wrong_items.
    """

    escalated_at: datetime | None
    escalation: str | None
    offers_made: int

    @classmethod
    def seen(cls, found: OverseenOrder) -> AttentionView:
        """Return the view of an order that needs attention."""
        return cls(
            **OrderSummary.fields(found.order),
            escalated_at=found.order.assignment.escalated_at,
            escalation=found.search.escalation,
            offers_made=found.search.attempt,
        )


class AttentionPage(ResponseModel):
    """A page of orders that need attention, the longest waiting first; the last has no `next_page_token`."""

    orders: list[AttentionView]
    next_page_token: str


class OperatorOrderView(ResponseModel):
    """An order as operators see it: as its customer does, and with the search for its driver.

    `drivers_asked` have an offer behind them in the present search, `former_drivers` had the order.
    """

    order: OrderView
    escalated_at: datetime | None
    escalation: str | None
    offers_made: int
    drivers_asked: list[str]
    former_drivers: list[str]

    @classmethod
    def seen(cls, found: OverseenOrder) -> OperatorOrderView:
        """Return the view of an order that an operator looks at."""
        replaced = [driver for driver in found.order.replaced_drivers if driver]
        return cls(
            order=OrderView.of(found.order),
            escalated_at=found.order.assignment.escalated_at,
            escalation=found.search.escalation,
            offers_made=found.search.attempt,
            drivers_asked=list(found.search.excluded_drivers),
            former_drivers=[*found.search.former_drivers, *replaced],
        )
