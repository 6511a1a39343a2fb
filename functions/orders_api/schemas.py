"""Requests and responses of `orders_api`. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.edge.schemas import Address, Id, RequestModel, ResponseModel, Text
from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.domain import Order, Place, Quote, TimelineEntry
from shared.orders.pricing import MAX_LINES, MAX_QUANTITY, Wanted
from shared.orders.usecases.quote import QuoteOrder


class WantedItem(RequestModel):
    """One line of a wish."""

    item_id: Id
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)]


class QuoteRequest(RequestModel):
    """What would this cost, delivered there?"""

    merchant_id: Id
    items: Annotated[list[WantedItem], Field(min_length=1, max_length=MAX_LINES)]
    dropoff: Address

    def command(self, uid: str) -> QuoteOrder:
        """Return the use case's command."""
        return QuoteOrder(
            customer_id=uid,
            merchant_id=self.merchant_id,
            items=[Wanted(item.item_id, item.quantity) for item in self.items],
            dropoff=Place(self.dropoff.lat, self.dropoff.lng, self.dropoff.address),
        )


class OrderRequest(RequestModel):
    """Take a quote."""

    quote_id: Id
    note: Text = ""


class CancelRequest(RequestModel):
    """Why the order is cancelled, in the canceller's words."""

    reason: Text = ""


class LineView(ResponseModel):
    """One priced line."""

    item_id: str
    name: str
    quantity: int
    unit_price: int
    total: int


class AmountsView(ResponseModel):
    """What an order costs."""

    items: int
    delivery_fee: int
    tax: int
    total: int
    currency: str


class PlaceView(ResponseModel):
    """Where something is."""

    lat: float
    lng: float
    address: str


class QuoteView(ResponseModel):
    """A price that holds until `expires_at`."""

    id: str
    merchant_id: str
    items: list[LineView]
    amounts: AmountsView
    distance_m: int
    eta_minutes: int
    expires_at: datetime

    @classmethod
    def of(cls, quote: Quote) -> QuoteView:
        """Return the view of a quote."""
        return cls.model_validate(quote)


class AssignmentView(ResponseModel):
    """Who brings it."""

    state: AssignmentState
    driver_id: str | None


class PaymentView(ResponseModel):
    """Where the money is."""

    state: PaymentState
    payment_id: str | None
    captured: int
    refunded: int


class OrderView(ResponseModel):
    """An order as its parties see it."""

    id: str
    business: Business
    customer_id: str
    merchant_id: str
    merchant_name: str
    items: list[LineView]
    amounts: AmountsView
    pickup: PlaceView
    dropoff: PlaceView
    distance_m: int
    eta_minutes: int
    note: str
    fulfilment: Fulfilment
    assignment: AssignmentView
    payment: PaymentView
    placed_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, order: Order) -> OrderView:
        """Return the view of an order."""
        return cls.model_validate(order)


class OrderPage(ResponseModel):
    """Some orders, newest first; an empty `next_page_token` ends the list."""

    orders: list[OrderView]
    next_page_token: str


class TimelineEntryView(ResponseModel):
    """One thing that happened to the order."""

    seq: int
    event_id: str
    type: str
    at: datetime
    actor: str


class Timeline(ResponseModel):
    """What happened after the number that the client named."""

    events: list[TimelineEntryView]

    @classmethod
    def of(cls, entries: list[TimelineEntry]) -> Timeline:
        """Return the view of timeline entries."""
        return cls.model_validate({"events": entries}, from_attributes=True)
