"""A shop that lacks something offers something else: who may, until when, and what it comes to.

The customer never pays more than for what was ordered: a dearer substitute costs what it replaces, since
the shop proposed it and a payment cannot be raised. What it costs less goes back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.actor import SYSTEM, Actor, Role
from shared.kernel.errors import FieldError, Invalid, NotFound, WrongState
from shared.kernel.event import Event, event_id
from shared.kernel.order import Business
from shared.orders import events
from shared.orders.cancellation import cancel
from shared.orders.domain import Decision, IllegalTransition, NotPermitted, Order
from shared.orders.pricing import MAX_QUANTITY, Line, quantity_of, repriced
from shared.orders.reservations import OutOfStock, swap_reserved
from shared.orders.substitution_state import (
    GONE,
    WHILE_OFFERED,
    Substitution,
    SubstitutionOpen,
    SubstitutionReason,
    SubstitutionState,
    is_open,
)
from shared.orders.timeouts import next_check_at

ANSWER_WITHIN = timedelta(minutes=10)
MAX_SUBSTITUTIONS = 20
"""Of one order, however they ended."""
MAX_CHOICES_KEPT = 400
"""In an order and all that was offered instead; with the longest names some 800 KB of a document's 1 MiB."""

REPLACING = frozenset({Business.FOOD})
"""Who may offer something else. What a pharmacist has approved is what is sent; a shelf or a parcel has
nothing to prepare."""

DECLINED = "substitution_declined"
"""The reason of a cancellation because nothing was left of an order."""


class SubstitutionNotFound(NotFound):
    """There is no such offer of something else for this order."""

    code = "SUBSTITUTION_NOT_FOUND"
    detail = "There is no such offer of something else for this order."


class SubstitutionOver(WrongState):
    """This offer of something else has been answered, or is over."""

    code = "SUBSTITUTION_OVER"
    detail = "This offer of something else has been answered, or is over."


class TooManySubstitutions(WrongState):
    """So often something else has been offered for this order that it is better cancelled."""

    code = "TOO_MANY_SUBSTITUTIONS"
    detail = "So often something else has been offered for this order that it is better cancelled."


class LineUnknown(Invalid):
    """The order has no such line."""

    code = "LINE_UNKNOWN"
    detail = "The order has no such line."


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered, at the menu's price, for the line `number` of an order, counted from 0, and why."""

    id: str
    number: int
    instead: Line
    reason: SubstitutionReason = SubstitutionReason.OUT_OF_STOCK


def propose(order: Order, actor: Actor, offer: Offer, now: datetime) -> Decision:
    """Return the order with an offer of something else for one of its lines.

    Raises `NotPermitted` for anybody but the shop, `IllegalTransition`, `LineUnknown`,
    `SubstitutionOpen` while another is open for this line, and `TooManySubstitutions`.
    """
    if actor.role is not Role.MERCHANT or order.business not in REPLACING:
        raise NotPermitted
    _check_state(order)
    if len(order.substitutions) >= MAX_SUBSTITUTIONS:
        raise TooManySubstitutions
    line = _line(order, offer.number)
    if any(is_open(one) and one.line == line for one in order.substitutions):
        raise SubstitutionOpen
    _check_quantity(order, line, offer.instead)
    charged = replace(offer.instead, total=min(offer.instead.total, line.total))
    until = now + ANSWER_WITHIN
    made = Substitution(offer.id, line, charged, actor.uid, now, until, reason=offer.reason)
    after = replace(order, substitutions=(*order.substitutions, made), updated_at=now)
    _check_size(after)
    return _watched(after, now), [_proposed(after, made, now)]


def accept(order: Order, actor: Actor, id_: str, on_hand: Mapping[str, int], now: datetime) -> Decision:
    """Return the order with the other thing in place of the line, and what that costs less owed back.

    Raises `NotPermitted` for anybody but the customer, `SubstitutionNotFound`, `SubstitutionOver` also
    after its time, `IllegalTransition`, and `OutOfStock` when the shop no longer has that either.
    """
    one = _answerable(order, actor, id_)
    if now >= one.expires_at:
        raise SubstitutionOver
    _check_stock(order, one, on_hand)
    at = order.items.index(one.line)
    items = (*order.items[:at], one.instead, *order.items[at + 1 :])
    after = _cheaper(_ended(order, one, SubstitutionState.ACCEPTED), items, now)
    after = _watched(swap_reserved(after, one.line, one.instead, gone=one.reason in GONE), now)
    owed = after.owed_back - order.owed_back
    return after, [_answered(events.OrderSubstitutionAccepted, after, one, actor.uid, owed, now)]


def decline(order: Order, actor: Actor, id_: str, now: datetime) -> Decision:
    """Return the order without the line that the shop lacks, and its price owed back.

    Where it was the only one, the order is cancelled, at the shop's cost. Raises what `accept` raises,
    but for `OutOfStock`; it can be declined after its time.
    """
    one = _answerable(order, actor, id_)
    at = order.items.index(one.line)
    items = (*order.items[:at], *order.items[at + 1 :])
    left = _ended(order, one, SubstitutionState.DECLINED)
    left = swap_reserved(left, one.line, None, gone=one.reason in GONE)
    if not items:
        told = _answered(events.OrderSubstitutionDeclined, left, one, actor.uid, 0, now)
        after, more = cancel(left, Actor(one.proposed_by, Role.MERCHANT), DECLINED, now)
        return after, [told, *more]
    after = _watched(_cheaper(left, items, now), now)
    owed = after.owed_back - order.owed_back
    return after, [_answered(events.OrderSubstitutionDeclined, after, one, actor.uid, owed, now)]


def lapse(order: Order, now: datetime) -> Decision:
    """Return the order with every offer declined whose time is over."""
    told: list[Event] = []
    for one in order.substitutions:
        still = next((found for found in order.substitutions if found.id == one.id), one)
        if is_open(still) and now >= still.expires_at:
            order, more = decline(order, SYSTEM, one.id, now)
            told += more
    return order, told


def _check_state(order: Order) -> None:
    if order.fulfilment not in WHILE_OFFERED:
        raise IllegalTransition(f"Nothing is replaced in an order that is {order.fulfilment}.")


def _line(order: Order, number: int) -> Line:
    if not 0 <= number < len(order.items):
        raise LineUnknown(errors=(FieldError("/line", f"is not from 0 to {len(order.items) - 1}"),))
    return order.items[number]


def _check_quantity(order: Order, line: Line, offered: Line) -> None:
    """Raise `Invalid` where there could be more of an item than one can order, whichever of the open
    offers are accepted."""
    item = offered.item_id
    swaps = [(one.line, one.instead) for one in order.substitutions if is_open(one)]
    more = [
        quantity_of([new]).get(item, 0) - quantity_of([old]).get(item, 0)
        for old, new in [*swaps, (line, offered)]
    ]
    if quantity_of(order.items).get(item, 0) + sum(max(0, rise) for rise in more) > MAX_QUANTITY:
        raise Invalid(f"At most {MAX_QUANTITY} of one item.")


def _check_size(order: Order) -> None:
    """Raise `TooManySubstitutions` where the order's document would grow beyond what can be stored."""
    offered = [line for one in order.substitutions for line in (one.line, one.instead)]
    if sum(len(line.choices) for line in (*order.items, *offered)) > MAX_CHOICES_KEPT:
        raise TooManySubstitutions


def _answerable(order: Order, actor: Actor, id_: str) -> Substitution:
    if actor.role not in (Role.CUSTOMER, Role.SYSTEM):
        raise NotPermitted
    one = next((found for found in order.substitutions if found.id == id_), None)
    if one is None:
        raise SubstitutionNotFound
    if not is_open(one):
        raise SubstitutionOver
    _check_state(order)
    return one


def _check_stock(order: Order, one: Substitution, on_hand: Mapping[str, int]) -> None:
    same = one.line.stocked and one.line.item_id == one.instead.item_id
    there = on_hand.get(one.instead.item_id, 0) + (one.line.quantity if same else 0)
    if one.instead.stocked and there < one.instead.quantity:
        raise OutOfStock


def _ended(order: Order, one: Substitution, state: SubstitutionState) -> Order:
    ended = tuple(
        replace(found, state=state) if found.id == one.id else found for found in order.substitutions
    )
    return replace(order, substitutions=ended)


def _cheaper(order: Order, items: tuple[Line, ...], now: datetime) -> Order:
    """Return the order with other lines; what it costs less is owed back."""
    amounts = repriced(order.amounts, items)
    less = order.amounts.total - amounts.total
    owed, mark = order.owed_back + less, now if less else order.refund_at
    return replace(order, items=items, amounts=amounts, owed_back=owed, refund_at=mark, updated_at=now)


def _watched(order: Order, now: datetime) -> Order:
    return replace(order, next_check_at=next_check_at(order, now))


def _proposed(order: Order, one: Substitution, now: datetime) -> Event:
    return events.OrderSubstitutionProposed(
        id=event_id(order.id, events.OrderSubstitutionProposed.name(), one.id),
        at=now,
        actor=one.proposed_by,
        order_id=order.id,
        substitution_id=one.id,
        customer_id=order.customer_id,
        expires_at=one.expires_at,
    )


def _answered(
    kind: type[events.OrderSubstitutionAnswered],
    order: Order,
    one: Substitution,
    by: str,
    owed: int,
    now: datetime,
) -> Event:
    return kind(
        id=event_id(order.id, kind.name(), one.id),
        at=now,
        actor=by,
        order_id=order.id,
        substitution_id=one.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
        payment_id=order.payment.payment_id,
        owed=owed,
        currency=order.amounts.currency,
    )
