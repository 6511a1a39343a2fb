"""The events that start, carry on or end the search for a driver, or change how a driver stands."""

from __future__ import annotations

from collections.abc import Mapping

from functions.dispatch_events import wiring
from shared.dispatch.events import OfferDeclined
from shared.dispatch.usecases.call_off_search import CallOff, call_off_search
from shared.dispatch.usecases.check_papers import CheckPapers, check_papers
from shared.dispatch.usecases.count_review import CountReview, count_review
from shared.dispatch.usecases.free_driver import FreeDriver, free_driver
from shared.dispatch.usecases.make_offer import FindDriver, make_offer
from shared.edge.events import EventHandler
from shared.kernel.clock import utc_now
from shared.kernel.event import Event
from shared.orders.events import OrderCancelled, OrderDelivered, OrderReady, OrderReturned
from shared.reviews.events import ReviewPosted
from shared.verification.events import (
    DocumentApproved,
    DocumentEvent,
    DocumentExpired,
    DocumentRejected,
)

OF_DRIVERS = "customer_of_driver"
OF_PEOPLE = "person"


async def order_ready(event: OrderReady) -> None:
    """Look for a driver."""
    await make_offer(FindDriver(event.order_id), desk=wiring.desk(), now=utc_now())


async def offer_declined(event: OfferDeclined) -> None:
    """Look for another driver."""
    await make_offer(FindDriver(event.order_id), desk=wiring.desk(), now=utc_now())


async def order_cancelled(event: OrderCancelled) -> None:
    """Let whoever was asked or assigned go."""
    desk, command = wiring.desk(), CallOff(event.order_id, event.driver_id)
    await call_off_search(command, store=desk.store, index=desk.index, now=utc_now())


async def order_delivered(event: OrderDelivered) -> None:
    """Make room for the driver's next order."""
    desk, command = wiring.desk(), FreeDriver(event.driver_id, event.order_id)
    await free_driver(command, store=desk.store, index=desk.index)


async def order_returned(event: OrderReturned) -> None:
    """Make room for the driver's next order: the goods that they could not deliver are back."""
    if event.driver_id:
        desk, command = wiring.desk(), FreeDriver(event.driver_id, event.order_id)
        await free_driver(command, store=desk.store, index=desk.index)


async def review_posted(event: ReviewPosted) -> None:
    """Count the review if it is about a driver."""
    if event.side == OF_DRIVERS:
        desk, command = wiring.desk(), CountReview(event.subject_id, event.review_id, event.stars)
        await count_review(command, store=desk.store, index=desk.index)


async def document_changed(event: DocumentEvent) -> None:
    """Let nobody drive without good papers."""
    if event.subject_kind == OF_PEOPLE:
        desk, command = wiring.desk(), CheckPapers(event.subject_id)
        papers = wiring.papers()
        await check_papers(command, store=desk.store, index=desk.index, papers=papers, now=utc_now())


HANDLERS: Mapping[type[Event], EventHandler] = {
    OrderReady: order_ready,
    OfferDeclined: offer_declined,
    OrderCancelled: order_cancelled,
    OrderDelivered: order_delivered,
    OrderReturned: order_returned,
    ReviewPosted: review_posted,
    DocumentApproved: document_changed,
    DocumentRejected: document_changed,
    DocumentExpired: document_changed,
}
