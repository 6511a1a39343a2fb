"""The rules by which money comes in: pure decisions over the books of one order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from shared.kernel.event import event_id
from shared.kernel.order import Fulfilment, PaymentState
from shared.payments.domain import (
    CHECK_EVERY,
    CLOSED,
    LATE_MONEY,
    AlreadyPaid,
    Books,
    Charge,
    Decision,
    Mismatch,
    NotStoredYet,
    Order,
    OrderClosed,
    OrderNotFound,
    OrderPayment,
    Payment,
    PaymentInProgress,
    State,
)
from shared.payments.events import PaymentCaptured, PaymentFailed, PaymentStarted, SurplusCaptured

GATEWAY = "gateway"
"""The actor of what the payment provider tells."""

DECLINED = "declined"
"""The failure of an attempt that the gateway did not take on at all."""


def require_payable(order: Order, customer_id: str) -> None:
    """Raise `OrderNotFound`, `AlreadyPaid` or `OrderClosed` unless this person can pay this order."""
    if order.customer_id != customer_id:
        raise OrderNotFound
    if order.payment.captured:
        raise AlreadyPaid
    if order.fulfilment in CLOSED:
        raise OrderClosed


def start(books: Books, proposed: Payment) -> Decision[Payment]:
    """Enter a new attempt; one that a twin of this request has entered is the answer as it stands.

    Raises what `require_payable` raises, and `PaymentInProgress` when another attempt is open.
    """
    require_payable(books.order, proposed.customer_id)
    if books.payment is not None:
        return Decision(books, (), books.payment)
    if books.order.payment.state is PaymentState.PENDING:
        raise PaymentInProgress
    opened = OrderPayment(PaymentState.PENDING, proposed.id)
    started = PaymentStarted(
        id=event_id(proposed.order_id, PaymentStarted.name(), proposed.id),
        at=proposed.created_at,
        actor=proposed.customer_id,
        order_id=proposed.order_id,
        payment_id=proposed.id,
    )
    return Decision(Books(replace(books.order, payment=opened), proposed), (started,), proposed)


def decline(books: Books, proposed: Payment) -> Decision[None]:
    """Enter that the gateway would not take an attempt on, so that the next one is another to it.

    It may keep its refusal under the attempt's id. Where the order is paid or payable by now,
    nothing changes.
    """
    state = books.order.payment.state
    if books.payment is not None or state not in (PaymentState.NONE, PaymentState.FAILED):
        return Decision(books, (), None)
    declined = replace(proposed, state=State.FAILED, failure=DECLINED, due_at=None)
    slice_ = OrderPayment(PaymentState.FAILED, declined.id)
    entered = Books(replace(books.order, payment=slice_), declined)
    return Decision(entered, (_failed(declined, proposed.created_at),), None)


def capture(books: Books, charge: Charge, now: datetime) -> Decision[None]:
    """Enter that money came. The second telling changes nothing; money after a failure counts.

    Money for an order that another attempt has paid is a surplus: it is entered on its payment
    alone, and announced so that it goes back. Raises `Mismatch` for other money than was asked for.
    """
    payment = known(books)
    if payment.captured:
        if charge.gateway_payment_id != payment.gateway_payment_id:
            raise Mismatch("a second charge for one payment")
        return Decision(books, (), None)
    if charge.amount != payment.amount:
        raise Mismatch("another amount or currency than was asked for")
    paid = replace(
        payment,
        state=State.CAPTURED,
        captured=charge.amount.amount,
        gateway_payment_id=charge.gateway_payment_id,
        failure="",
        due_at=None,
    )
    if books.order.payment.captured:
        return Decision(replace(books, payment=paid), (_surplus(paid, now),), None)
    kept = OrderPayment(PaymentState.CAPTURED, paid.id, paid.captured)
    order = replace(books.order, payment=kept)
    return Decision(replace(books, order=order, payment=paid), (_captured(order, paid, now),), None)


def fail(books: Books, reason: str, now: datetime) -> Decision[None]:
    """Enter that an attempt ended without money; only a pending one can, so nothing moves backwards."""
    payment = known(books)
    if payment.state is not State.PENDING:
        return Decision(books, (), None)
    failed = replace(payment, state=State.FAILED, failure=reason)
    failed = replace(failed, due_at=next_check(failed, now))
    order = books.order
    if order.payment.payment_id == payment.id:
        order = replace(order, payment=replace(order.payment, state=PaymentState.FAILED))
    return Decision(replace(books, order=order, payment=failed), (_failed(failed, now),), None)


def claim(books: Books, seen: Payment, now: datetime) -> Decision[bool]:
    """Set the next check of a payment that was due; False when another poller or the news was faster."""
    payment = known(books)
    if payment.due_at is None or payment.due_at != seen.due_at:
        return Decision(books, (), False)
    claimed = replace(payment, due_at=next_check(payment, now))
    return Decision(replace(books, payment=claimed), (), True)


def next_check(payment: Payment, now: datetime) -> datetime | None:
    """Return when to ask the gateway again: every minute while pending, then ever more rarely."""
    if payment.state is State.PENDING:
        return now + CHECK_EVERY
    age = now - payment.created_at
    if payment.state is not State.FAILED or age > LATE_MONEY:
        return None
    return now + max(CHECK_EVERY, timedelta(seconds=age.total_seconds() / 4))


def known(books: Books) -> Payment:
    """Return the payment of the books; raises `NotStoredYet` when there is none."""
    if books.payment is None or books.payment.order_id != books.order.id:
        raise NotStoredYet
    return books.payment


def _captured(order: Order, paid: Payment, now: datetime) -> PaymentCaptured:
    return PaymentCaptured(
        id=event_id(order.id, PaymentCaptured.name(), paid.id),
        at=now,
        actor=GATEWAY,
        order_id=order.id,
        payment_id=paid.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
        amount=paid.captured,
        currency=paid.amount.currency,
        order_cancelled=order.fulfilment is Fulfilment.CANCELLED,
    )


def _failed(payment: Payment, now: datetime) -> PaymentFailed:
    return PaymentFailed(
        id=event_id(payment.order_id, PaymentFailed.name(), payment.id),
        at=now,
        actor=GATEWAY,
        order_id=payment.order_id,
        payment_id=payment.id,
        reason=payment.failure,
    )


def _surplus(paid: Payment, now: datetime) -> SurplusCaptured:
    return SurplusCaptured(
        id=event_id(paid.order_id, SurplusCaptured.name(), paid.id),
        at=now,
        actor=GATEWAY,
        order_id=paid.order_id,
        payment_id=paid.id,
        amount=paid.captured,
        currency=paid.amount.currency,
    )
