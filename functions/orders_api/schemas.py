"""Requests and responses of `orders_api`. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.edge.schemas import Address, Id, Moment, RequestModel, ResponseModel, Text
from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.cancellation import Cancellation
from shared.orders.domain import FailureReason, Order, Place, Quote, TimelineEntry
from shared.orders.pricing import MAX_LINES, MAX_QUANTITY, MAX_TIP, ItemRequest
from shared.orders.public_status import public_status
from shared.orders.usecases.quote import QuoteOrder

MAX_CHOICES = 50
Tip = Annotated[int, Field(ge=0, le=MAX_TIP)]


class RequestedItem(RequestModel):
    """One line of a wish."""

    item_id: Id
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)]
    choices: Annotated[list[Id], Field(max_length=MAX_CHOICES, default_factory=list)]

    def wanted(self) -> ItemRequest:
        """Return it in the domain's words."""
        return ItemRequest(self.item_id, self.quantity, tuple(self.choices))


class QuoteRequest(RequestModel):
    """What would this cost, delivered there, now or at `scheduled_for`? The tip is in minor units."""

    merchant_id: Id
    items: Annotated[list[RequestedItem], Field(min_length=1, max_length=MAX_LINES)]
    dropoff: Address
    tip: Tip = 0
    scheduled_for: Moment | None = None

    def command(self, uid: str) -> QuoteOrder:
        """Return the use case's command."""
        return QuoteOrder(
            customer_id=uid,
            merchant_id=self.merchant_id,
            items=[item.wanted() for item in self.items],
            dropoff=Place(self.dropoff.lat, self.dropoff.lng, self.dropoff.address),
            tip=self.tip,
            scheduled_for=self.scheduled_for,
        )


class ReorderRequest(RequestModel):
    """The same again, now or at `scheduled_for`; the tip is in minor units."""

    tip: Tip = 0
    scheduled_for: Moment | None = None


class OrderRequest(RequestModel):
    """Take a quote."""

    quote_id: Id
    note: Text = ""


class CancelRequest(RequestModel):
    """Why the order is cancelled, in the canceller's words, and what it may cost at most (minor units)."""

    reason: Text = ""
    max_fee: Annotated[int, Field(ge=0, le=10**12)] | None = None


class FailureRequest(RequestModel):
    """Why the goods could not be handed over."""

    reason: Annotated[FailureReason, Field(strict=False)]


class ChoiceView(ResponseModel):
    """A choice that was made, and what it adds to the price of one."""

    choice_id: str
    group: str
    name: str
    price_delta: int


class LineView(ResponseModel):
    """One priced line; `unit_price` is with the choices."""

    item_id: str
    name: str
    quantity: int
    unit_price: int
    total: int
    choices: list[ChoiceView]


class AmountsView(ResponseModel):
    """What an order costs; `total` is the sum of the rest less the discount."""

    items: int
    delivery_fee: int
    small_order_fee: int
    tax: int
    tip: int
    discount: int
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
    scheduled_for: datetime | None

    @classmethod
    def of(cls, quote: Quote) -> QuoteView:
        """Return the view of a quote."""
        return cls.model_validate(quote)


class AssignmentView(ResponseModel):
    """Who brings it."""

    state: AssignmentState
    driver_id: str | None


class OrderPaymentView(ResponseModel):
    """Where the money is."""

    state: PaymentState
    payment_id: str | None
    captured: int
    refunded: int


class StatusView(ResponseModel):
    """The order's status for showing: in the words of its business, of DoorDash Drive, of Uber Direct."""

    own: str
    drive: str
    direct: str


class CancellationView(ResponseModel):
    """Whether you may cancel now (else `refusal` is the code that you would get), and what it costs."""

    allowed: bool
    refusal: str
    fee: int
    refund: int
    currency: str

    @classmethod
    def of(cls, cancellation: Cancellation) -> CancellationView:
        """Return the view of what cancelling would come to."""
        return cls.model_validate(cancellation)


class OrderView(ResponseModel):
    """An order as its parties see it; since `delayed_since` operators look after why it does not go on."""

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
    payment: OrderPaymentView
    status: StatusView
    cancellation_fee: int
    delivery_attempt: int
    failure: FailureReason | None
    scheduled_for: datetime | None
    delayed_since: datetime | None
    placed_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, order: Order) -> OrderView:
        """Return the view of an order."""
        own = {name: getattr(order, name) for name in cls.model_fields if name != "status"}
        return cls.model_validate({**own, "status": public_status(order)}, from_attributes=True)


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
