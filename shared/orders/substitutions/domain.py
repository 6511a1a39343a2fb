"""Substitutions: who may propose and answer them, until when, and what they cost.

The customer never pays more than for the original order: the merchant proposed the substitution and a
payment cannot be raised, so a dearer replacement costs what it replaces. A lower price is refunded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.actor import SYSTEM, Actor, Role
from shared.kernel.errors import FieldError, Invalid, NotFound, WrongState
from shared.kernel.event import Event
from shared.orders.cancellation import cancel
from shared.orders.domain import IllegalTransition, NotPermitted, Order, OrderDecision, decided
from shared.orders.pricing import (
    MAX_QUANTITY,
    ItemUnavailable,
    Line,
    MenuItem,
    quantity_of,
    recounted,
    repriced,
    unavailable,
)
from shared.orders.reservations import OutOfStock, swap_reserved
from shared.orders.substitution_state import (
    UNAVAILABLE,
    Substitution,
    SubstitutionOpen,
    SubstitutionReason,
    SubstitutionState,
    is_open,
)
from shared.orders.substitutions.event_factory import substitution_answered, substitution_proposed
from shared.orders.substitutions.events import OrderSubstitutionAccepted, OrderSubstitutionDeclined
from shared.orders.timeouts import next_check_at

EXPIRES_AFTER = timedelta(minutes=10)
MAX_SUBSTITUTIONS = 20
"""Of one order, in any state."""
MAX_STORED_MODIFIERS = 400
"""In an order and all its substitutions; with the longest names some 800 KB of a document's 1 MiB."""

CANCELLATION_REASON = "substitution_declined"
"""The reason of a cancellation because the last line of an order was declined."""


class SubstitutionNotFound(NotFound):
    """The order has no such substitution."""

    code = "SUBSTITUTION_NOT_FOUND"
    detail = "This order has no such substitution."


class SubstitutionOver(WrongState):
    """The substitution was answered, withdrawn or has expired."""

    code = "SUBSTITUTION_OVER"
    detail = "This substitution was answered before, was withdrawn or has expired."


class TooManySubstitutions(WrongState):
    """The order has the maximum number of substitutions."""

    code = "TOO_MANY_SUBSTITUTIONS"
    detail = "This order has the maximum number of substitutions. Prepare it as it is, or cancel it."


class LineUnknown(Invalid):
    """The order has no such line."""

    code = "LINE_UNKNOWN"
    detail = "The order has no such line. Count its lines from 0."


@dataclass(frozen=True, slots=True)
class Proposal:
    """A replacement, at the menu's price, for the line `number` of an order, counted from 0."""

    id: str
    number: int
    replacement: Line
    reason: SubstitutionReason = SubstitutionReason.OUT_OF_STOCK


@dataclass(frozen=True, slots=True)
class Availability:
    """What a merchant has now: its current menu, and the stock of the counted items."""

    menu: Sequence[MenuItem]
    on_hand: Mapping[str, int]


def propose(order: Order, actor: Actor, proposal: Proposal, now: datetime) -> OrderDecision:
    """Return the order with a substitution proposed for one of its lines.

    Raises `NotPermitted` for anyone but the merchant, `IllegalTransition`, `LineUnknown`,
    `SubstitutionOpen` while another is open for this line, and `TooManySubstitutions`.
    """
    if actor.role is not Role.MERCHANT or not order.policy.substitutable:
        raise NotPermitted
    _check_state(order)
    if len(order.substitutions) >= MAX_SUBSTITUTIONS:
        raise TooManySubstitutions
    line = _line(order, proposal.number)
    if any(is_open(one) and one.line == line for one in order.substitutions):
        raise SubstitutionOpen
    _check_quantity(order, line, proposal.replacement)
    # mutant: replacement-price
    capped = replace(proposal.replacement, total=min(proposal.replacement.total, line.total))
    expires_at = now + EXPIRES_AFTER
    proposed = Substitution(proposal.id, line, capped, now, expires_at, reason=proposal.reason)
    after = replace(order, substitutions=(*order.substitutions, proposed), updated_at=now)
    _check_size(after)
    return decided(_rescheduled(after, now), substitution_proposed(after, proposed, actor.uid, now))


def accept(
    order: Order, actor: Actor, id_: str, available: Callable[[], Availability], now: datetime
) -> OrderDecision:
    """Return the order with the replacement in place of the line, and the difference due as a refund.

    Raises `NotPermitted` for anyone but the customer, `SubstitutionNotFound`, `SubstitutionOver` (also
    after its expiry), `IllegalTransition`, and `ItemUnavailable` or `OutOfStock` when the replacement is gone
    meanwhile; these name what is gone. The price of the proposal holds.
    """
    substitution = _answerable(order, actor, id_)
    if now >= substitution.expires_at:
        raise SubstitutionOver
    now_offered = available()
    _check_available(substitution.replacement, now_offered.menu)
    [replacement] = recounted([substitution.replacement], now_offered.menu)
    _check_in_stock(substitution.line, replacement, now_offered.on_hand)
    at = order.items.index(substitution.line)
    items = (*order.items[:at], replacement, *order.items[at + 1 :])
    after = _with_items(_closed(order, substitution, SubstitutionState.ACCEPTED), items, now)
    after = swap_reserved(
        after, substitution.line, replacement, unavailable=substitution.reason in UNAVAILABLE
    )
    after = _rescheduled(after, now)
    refund = after.refund_due - order.refund_due
    event = substitution_answered(OrderSubstitutionAccepted, after, substitution, actor.uid, refund, now)
    return decided(after, event)


def decline(order: Order, actor: Actor, id_: str, now: datetime) -> OrderDecision:
    """Return the order without the line, and its price due as a refund.

    Where it was the only line, the order is cancelled, at the merchant's cost. Raises the errors of
    `accept` but for `OutOfStock`; a substitution can be declined after its expiry.
    """
    substitution = _answerable(order, actor, id_)
    at = order.items.index(substitution.line)
    items = (*order.items[:at], *order.items[at + 1 :])
    after = _closed(order, substitution, SubstitutionState.DECLINED)
    after = swap_reserved(after, substitution.line, None, unavailable=substitution.reason in UNAVAILABLE)
    if not items:
        declined = substitution_answered(OrderSubstitutionDeclined, after, substitution, actor.uid, 0, now)
        merchant = Actor(order.merchant_id, Role.MERCHANT)
        cancelled = cancel(after, merchant, CANCELLATION_REASON, now)
        return decided(cancelled.state, declined, *cancelled.events)
    after = _rescheduled(_with_items(after, items, now), now)
    refund = after.refund_due - order.refund_due
    event = substitution_answered(OrderSubstitutionDeclined, after, substitution, actor.uid, refund, now)
    return decided(after, event)


def expire(order: Order, now: datetime) -> OrderDecision:
    """Return the order with every expired substitution declined."""
    raised: list[Event] = []
    for one in order.substitutions:
        current = next((found for found in order.substitutions if found.id == one.id), one)
        if is_open(current) and now >= current.expires_at:
            declined = decline(order, SYSTEM, one.id, now)
            order = declined.state
            raised += declined.events
    return decided(order, *raised)


def _check_state(order: Order) -> None:
    if order.fulfilment not in order.policy.substitutable:
        raise IllegalTransition(f"An order that is {order.fulfilment} has no substitutions.")


def _line(order: Order, number: int) -> Line:
    if not 0 <= number < len(order.items):
        raise LineUnknown(errors=(FieldError("/line", f"is not from 0 to {len(order.items) - 1}"),))
    return order.items[number]


def _check_quantity(order: Order, line: Line, replacement: Line) -> None:
    """Raise `Invalid` where accepting open substitutions could exceed the limit of one item."""
    item = replacement.item_id
    swaps = [(one.line, one.replacement) for one in order.substitutions if is_open(one)]
    increases = [
        quantity_of([new]).get(item, 0) - quantity_of([old]).get(item, 0)
        for old, new in [*swaps, (line, replacement)]
    ]
    if quantity_of(order.items).get(item, 0) + sum(max(0, more) for more in increases) > MAX_QUANTITY:
        raise Invalid(f"At most {MAX_QUANTITY} of one item.")


def _check_size(order: Order) -> None:
    """Raise `TooManySubstitutions` where the order's document would exceed the maximum size."""
    lines = [line for one in order.substitutions for line in (one.line, one.replacement)]
    if sum(len(line.modifiers) for line in (*order.items, *lines)) > MAX_STORED_MODIFIERS:
        raise TooManySubstitutions


def _answerable(order: Order, actor: Actor, id_: str) -> Substitution:
    if actor.role not in (Role.CUSTOMER, Role.SYSTEM):
        raise NotPermitted
    substitution = next((found for found in order.substitutions if found.id == id_), None)
    if substitution is None:
        raise SubstitutionNotFound
    if not is_open(substitution):  # mutant: substitution-twice
        raise SubstitutionOver
    _check_state(order)
    return substitution


def _check_available(replacement: Line, menu: Sequence[MenuItem]) -> None:
    """Raise `ItemUnavailable` where the merchant no longer offers the replacement."""
    if gone := unavailable(replacement, menu):
        raise ItemUnavailable(errors=tuple(FieldError("/replacement", message) for message in gone))


def _check_in_stock(line: Line, replacement: Line, on_hand: Mapping[str, int]) -> None:
    """Raise `OutOfStock` where fewer are left than the replacement needs; what the line returns counts."""
    same = line.stocked and line.item_id == replacement.item_id
    left = on_hand.get(replacement.item_id, 0) + (line.quantity if same else 0)
    if replacement.stocked and left < replacement.quantity:  # mutant: replacement-stock
        raise OutOfStock(errors=(FieldError("/replacement/quantity", f"{left} left"),))


def _closed(order: Order, substitution: Substitution, state: SubstitutionState) -> Order:
    closed = tuple(
        replace(found, state=state) if found.id == substitution.id else found for found in order.substitutions
    )
    return replace(order, substitutions=closed)


def _with_items(order: Order, items: tuple[Line, ...], now: datetime) -> Order:
    """Return the order with other lines; a lower price is due as a refund."""
    amounts = repriced(order.amounts, items)
    less = order.amounts.total - amounts.total
    due, mark = order.refund_due + less, now if less else order.refund_at
    return replace(order, items=items, amounts=amounts, refund_due=due, refund_at=mark, updated_at=now)


def _rescheduled(order: Order, now: datetime) -> Order:
    """Return the order with the time of the sweeper's next check."""
    return replace(order, next_check_at=next_check_at(order, now))
