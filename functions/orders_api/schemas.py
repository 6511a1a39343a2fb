"""Requests and responses of `orders_api`. Amounts are integers in minor units of `currency`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.edge.reported import Address
from shared.edge.schemas import Id, Moment, RequestModel, ResponseModel, page_token
from shared.edge.text import Note
from shared.edge.written import written
from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.cancellation import Cancellation
from shared.orders.domain import FailureReason, Order, Place, TimelineEntry
from shared.orders.pricing import MAX_LINES, MAX_QUANTITY, MAX_TIP, ItemRequest
from shared.orders.public_status import public_status
from shared.orders.quotes import Quote
from shared.orders.usecases.quote import QuoteOrder

MAX_MODIFIERS = 50
DriverNotes = Annotated[Note, StringConstraints(max_length=500)]
Tip = Annotated[int, Field(ge=0, le=MAX_TIP)]


class RequestedItem(RequestModel):
    """An item, how many of it, and the selected modifiers (ids from its modifier groups)."""

    item_id: Id
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)]
    modifiers: Annotated[list[Id], Field(max_length=MAX_MODIFIERS, default_factory=list)]

    def item(self) -> ItemRequest:
        """Return the domain's request."""
        return ItemRequest(self.item_id, self.quantity, tuple(self.modifiers))


class Dropoff(Address):
    """Where to deliver, with notes for the driver, such as how to get in."""

    notes: DriverNotes = ""

    def place(self) -> Place:
        """Return the domain object."""
        return Place(self.lat, self.lng, self.address, self.notes)


class QuoteRequest(RequestModel):
    """Items to be delivered to an address, now or at `scheduled_for`; `tip` in minor units."""

    merchant_id: Id
    items: Annotated[list[RequestedItem], Field(min_length=1, max_length=MAX_LINES)]
    dropoff: Dropoff
    tip: Tip = 0
    scheduled_for: Moment | None = None

    def command(self, uid: str) -> QuoteOrder:
        """Return the use case's command."""
        return QuoteOrder(
            customer_id=uid,
            merchant_id=self.merchant_id,
            items=[item.item() for item in self.items],
            dropoff=self.dropoff.place(),
            tip=self.tip,
            scheduled_for=self.scheduled_for,
        )


class ReorderRequest(RequestModel):
    """The same items again, now or at `scheduled_for`; `tip` in minor units."""

    tip: Tip = 0
    scheduled_for: Moment | None = None


class OrderRequest(RequestModel):
    """The quote to place an order from, and a note for the merchant."""

    quote_id: Id
    note: Note = ""


class CancelRequest(RequestModel):
    """Why the order is cancelled, in free text, and the highest acceptable fee (minor units)."""

    reason: Note = ""
    max_fee: Annotated[int, Field(ge=0, le=10**12)] | None = None


class FailureRequest(RequestModel):
    """Why the delivery failed."""

    reason: Annotated[FailureReason, Field(strict=False)]


class SelectedModifierView(ResponseModel):
    """A modifier that was selected; `price_delta` is added to the price of one item."""

    modifier_id: str
    group: str
    name: str
    price_delta: int


class LineView(ResponseModel):
    """One priced line; `unit_price` includes the modifiers."""

    item_id: str
    name: str
    quantity: int
    unit_price: int
    total: int
    modifiers: list[SelectedModifierView]


class AmountsView(ResponseModel):
    """The amounts of an order; `total` is their sum less `discount`."""

    items: int
    delivery_fee: int
    small_order_fee: int
    tax: int
    tip: int
    discount: int
    total: int
    currency: str


class PlaceView(ResponseModel):
    """A position (degrees WGS 84), its address, and the notes for the driver."""

    lat: float
    lng: float
    address: str
    notes: str


class QuoteView(ResponseModel):
    """A price that is valid until `expires_at`."""

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
    """The state of the driver search, and the assigned driver."""

    state: AssignmentState
    driver_id: str | None


class OrderPaymentView(ResponseModel):
    """The state of the payment; amounts in minor units."""

    state: PaymentState
    payment_id: str | None
    captured: int
    refunded: int


class StatusView(ResponseModel):
    """The order's status for display, in the vocabularies of its business, DoorDash Drive and Uber Direct."""

    own: str
    drive: str
    direct: str


class CancellationView(ResponseModel):
    """Whether you can cancel now (else `refusal` is the error code that you would get), and what it costs."""

    allowed: bool
    refusal: str
    fee: int
    refund: int
    currency: str

    @classmethod
    def of(cls, cancellation: Cancellation) -> CancellationView:
        """Return the view of a cancellation."""
        return cls.model_validate(cancellation)


class OrderView(ResponseModel):
    """An order as its parties see it. Since `delayed_since` it exceeds its SLA and operators see it.

    An order for later is `scheduled` until `activates_at`, when the merchant begins it; `confirmed_ahead_at`
    says that the merchant confirmed it before.
    """

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
    activates_at: datetime | None
    confirmed_ahead_at: datetime | None
    delayed_since: datetime | None
    placed_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, order: Order) -> OrderView:
        """Return the view of an order."""
        own = {name: getattr(order, name) for name in cls.model_fields if name != "status"}
        return cls.model_validate({**own, "status": public_status(order)}, from_attributes=True)

    @classmethod
    def written(cls, order: Order) -> bytes:
        """Return the JSON of the view of an order."""
        return written(cls, order, status=public_status(order))


class OrderPage(ResponseModel):
    """A page of orders, newest first; the last page has an empty `next_page_token`."""

    orders: list[OrderView]
    next_page_token: str


class TimelineEntryView(ResponseModel):
    """One event of the order.

    `actor` is the role of who caused it: customer, merchant, driver, traveller, support, admin, system or
    gateway.
    """

    seq: int
    event_id: str
    type: str
    at: datetime
    actor: str


class Timeline(ResponseModel):
    """A page of events by their number; the last page has an empty `next_page_token`.

    Where an order had very many events of one type, such as offers to drivers, the latest twenty are kept.
    """

    events: list[TimelineEntryView]
    next_page_token: str

    @classmethod
    def of(cls, entries: Sequence[TimelineEntry], page_size: int) -> Timeline:
        """Return the view of a page of timeline entries."""
        token = page_token((entries[-1].seq,)) if len(entries) == page_size else ""
        page = {"events": list(entries), "next_page_token": token}
        return cls.model_validate(page, from_attributes=True)
