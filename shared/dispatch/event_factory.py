"""Build the events of dispatch from the state that a decision leads to."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from shared.dispatch import events
from shared.dispatch.domain import Offer, Order
from shared.dispatch.drivers import Driver
from shared.kernel.actor import SYSTEM
from shared.kernel.audit import OperatorAction
from shared.kernel.event import event_id

Directed = TypeVar("Directed", events.DriverChosen, events.SearchRestarted)
Ended = TypeVar("Ended", events.OfferDeclined, events.OfferExpired, events.OfferWithdrawn)


def offer_made(offer: Offer, now: datetime) -> events.OfferMade:
    """Return the event that the offer was made."""
    return events.OfferMade(
        id=event_id(offer.order_id, "offer_made", offer.id),
        at=now,
        actor=SYSTEM.uid,
        order_id=offer.order_id,
        offer_id=offer.id,
        driver_id=offer.driver_id,
        expires_at=offer.expires_at,
        merchant_name=offer.merchant_name,
    )


def offer_declined(offer: Offer, now: datetime) -> events.OfferDeclined:
    """Return the event that the driver declined the offer."""
    return _ended(events.OfferDeclined, offer, offer.driver_id, now)


def offer_expired(offer: Offer, now: datetime) -> events.OfferExpired:
    """Return the event that the offer expired."""
    return _ended(events.OfferExpired, offer, SYSTEM.uid, now)


def offer_withdrawn(offer: Offer, now: datetime) -> events.OfferWithdrawn:
    """Return the event that the offer ended because its driver takes no orders any more."""
    return _ended(events.OfferWithdrawn, offer, offer.driver_id, now)


def driver_assigned(order: Order, offer: Offer, now: datetime) -> events.DriverAssigned:
    """Return the event that the driver of the offer got the order."""
    return events.DriverAssigned(
        id=event_id(order.id, "driver_assigned", offer.id),
        at=now,
        actor=offer.driver_id,
        order_id=order.id,
        driver_id=offer.driver_id,
        customer_id=order.customer_id,
        merchant_id=order.merchant_id,
    )


def driver_set_offline(driver: Driver, offer: Offer, now: datetime) -> events.DriverSetOffline:
    """Return the event that the timeout of this offer set the driver offline."""
    return events.DriverSetOffline(
        id=event_id(driver.id, "driver_set_offline", offer.id),
        at=now,
        actor=SYSTEM.uid,
        driver_id=driver.id,
        consecutive_timeouts=driver.consecutive_timeouts,
    )


def order_unassignable(order: Order, search_attempt: int, now: datetime) -> events.OrderUnassignable:
    """Return the event that this search attempt ended the search."""
    return events.OrderUnassignable(
        id=event_id(order.id, "order_unassignable", str(search_attempt)),
        at=now,
        actor=SYSTEM.uid,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_id=order.merchant_id,
    )


def driver_chosen(action: OperatorAction, order: Order) -> events.DriverChosen:
    """Return the event that an operator chose the driver who is asked next."""
    return _directed(events.DriverChosen, action, order)


def search_restarted(action: OperatorAction, order: Order) -> events.SearchRestarted:
    """Return the event that an operator began the search again."""
    return _directed(events.SearchRestarted, action, order)


def _directed(kind: type[Directed], action: OperatorAction, order: Order) -> Directed:
    name = event_id(order.id, kind.name(), action.id)
    return kind(id=name, at=action.at, actor=action.operator.uid, order_id=order.id)


def driver_handed_back(order: Order, driver_id: str, reason: str, now: datetime) -> events.DriverHandedBack:
    """Return the event that the driver handed the order back."""
    return events.DriverHandedBack(
        id=event_id(order.id, "driver_handed_back", str(order.assignment.attempt)),
        at=now,
        actor=driver_id,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_id=order.merchant_id,
        driver_id=driver_id,
        reason=reason,
    )


def driver_replaced(order: Order, driver_id: str, reason: str, now: datetime) -> events.DriverReplaced:
    """Return the event that the order was taken from the driver."""
    return events.DriverReplaced(
        id=event_id(order.id, "driver_replaced", str(order.assignment.attempt)),
        at=now,
        actor=SYSTEM.uid,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_id=order.merchant_id,
        driver_id=driver_id,
        reason=reason,
    )


def order_escalated(order: Order, now: datetime) -> events.OrderEscalated:
    """Return the event that operators have to look at the order, from the order after the escalation."""
    seen, reason = order.assignment, order.assignment.escalation or ""
    attempts = str(seen.attempt), str(seen.search_attempt), str(seen.escalated_at)
    return events.OrderEscalated(
        id=event_id(order.id, "order_escalated", reason, *attempts),
        at=now,
        actor=SYSTEM.uid,
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_id=order.merchant_id,
        driver_id=seen.driver_id,
        reason=reason,
    )


def _ended(kind: type[Ended], offer: Offer, actor: str, now: datetime) -> Ended:
    return kind(
        id=event_id(offer.order_id, kind.name(), offer.id),
        at=now,
        actor=actor,
        order_id=offer.order_id,
        offer_id=offer.id,
        driver_id=offer.driver_id,
    )
