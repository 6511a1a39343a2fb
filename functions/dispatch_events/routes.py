"""The events that start, continue or end the search for a driver, or change a driver's availability."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shared.composition.dispatch import DispatchPorts
from shared.dispatch.events import (
    DriverChosen,
    DriverHandedBack,
    DriverReplaced,
    OfferDeclined,
    OfferWithdrawn,
    SearchRestarted,
)
from shared.dispatch.usecases.cancel_assignment import CancelAssignment, cancel_assignment
from shared.dispatch.usecases.check_assignment import CheckAssignment, check_assignment
from shared.dispatch.usecases.check_driver_documents import CheckDriverDocuments, check_driver_documents
from shared.dispatch.usecases.close_driver import CloseDriver, close_driver
from shared.dispatch.usecases.count_review import CountReview, count_review
from shared.dispatch.usecases.make_offer import FindDriver, make_offer
from shared.dispatch.usecases.release_driver import ReleaseDriver, release_driver, update_released
from shared.edge.events import EventHandler
from shared.identity.events import AccountClosed, AccountEvent, AccountReopened
from shared.kernel.event import Event
from shared.orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderDeliveryFailed,
    OrderReady,
    OrderReassigned,
    OrderRedeliveryStarted,
    OrderReturned,
)
from shared.reviews.events import ReviewPosted
from shared.verification.events import (
    DocumentApproved,
    DocumentEvent,
    DocumentExpired,
    DocumentRejected,
)

OF_DRIVERS = "customer_of_driver"
OF_PEOPLE = "person"


async def order_ready(event: OrderReady, ports: DispatchPorts, now: datetime) -> None:
    """Search for a driver."""
    await make_offer(FindDriver(event.order_id), ports=ports, now=now)


async def offer_ended(event: OfferDeclined | OfferWithdrawn, ports: DispatchPorts, now: datetime) -> None:
    """Search for another driver."""
    await make_offer(FindDriver(event.order_id), ports=ports, now=now)


async def driver_ended(event: DriverHandedBack | DriverReplaced, ports: DispatchPorts, now: datetime) -> None:
    """Search for another driver."""
    await make_offer(FindDriver(event.order_id), ports=ports, now=now)


async def search_directed(event: DriverChosen | SearchRestarted, ports: DispatchPorts, now: datetime) -> None:
    """Set the deadline of the offer to the chosen driver, or begin the search."""
    await make_offer(FindDriver(event.order_id), ports=ports, now=now)


async def order_reassigned(event: OrderReassigned, ports: DispatchPorts, now: datetime) -> None:
    """Take the order from the driver that operators have replaced; the event of it continues the search."""
    command = CheckAssignment(event.order_id, event.driver_id)
    await check_assignment(command, ports=ports, now=now)


async def delivery_failed_or_tried_again(
    event: OrderDeliveryFailed | OrderRedeliveryStarted, ports: DispatchPorts, now: datetime
) -> None:
    """Report a driver's problem to operators, or end the report of it."""
    command = CheckAssignment(event.order_id, event.driver_id)
    await check_assignment(command, ports=ports, now=now)


async def account_changed(event: AccountEvent, ports: DispatchPorts, _: datetime) -> None:
    """Let a driver leave dispatch whose account was closed, or come back."""
    clock = ports.runtime.clock
    await close_driver(CloseDriver(event.user_id), ports=ports, accounts=ports.accounts, clock=clock)


async def order_cancelled(event: OrderCancelled, ports: DispatchPorts, now: datetime) -> None:
    """Withdraw the offer and release the driver."""
    command = CancelAssignment(event.order_id, event.driver_id)
    await cancel_assignment(command, store=ports.store, index=ports.index, now=now)


async def order_delivered(event: OrderDelivered, ports: DispatchPorts, _: datetime) -> None:
    """Let the index know that the driver is free."""
    command = ReleaseDriver(event.driver_id, event.order_id)
    await update_released(command, store=ports.store, index=ports.index)


async def order_returned(event: OrderReturned, ports: DispatchPorts, _: datetime) -> None:
    """Release the driver: the goods that they could not deliver are back."""
    if event.driver_id:
        command = ReleaseDriver(event.driver_id, event.order_id)
        await release_driver(command, store=ports.store, index=ports.index)


async def review_posted(event: ReviewPosted, ports: DispatchPorts, _: datetime) -> None:
    """Count the review if it is about a driver."""
    if event.side == OF_DRIVERS:
        command = CountReview(event.subject_id, event.review_id, event.stars)
        await count_review(command, store=ports.store, index=ports.index)


async def document_changed(event: DocumentEvent, ports: DispatchPorts, now: datetime) -> None:
    """Set a driver without valid documents offline."""
    if event.subject_kind == OF_PEOPLE:
        command = CheckDriverDocuments(event.subject_id)
        await check_driver_documents(
            command, store=ports.store, index=ports.index, driver_documents=ports.driver_documents, now=now
        )


HANDLERS: Mapping[type[Event], EventHandler] = {
    OrderReady: order_ready,
    OfferDeclined: offer_ended,
    OfferWithdrawn: offer_ended,
    DriverHandedBack: driver_ended,
    DriverReplaced: driver_ended,
    DriverChosen: search_directed,
    SearchRestarted: search_directed,
    AccountClosed: account_changed,
    AccountReopened: account_changed,
    OrderReassigned: order_reassigned,
    OrderDeliveryFailed: delivery_failed_or_tried_again,
    OrderRedeliveryStarted: delivery_failed_or_tried_again,
    OrderCancelled: order_cancelled,
    OrderDelivered: order_delivered,
    OrderReturned: order_returned,
    ReviewPosted: review_posted,
    DocumentApproved: document_changed,
    DocumentRejected: document_changed,
    DocumentExpired: document_changed,
}
