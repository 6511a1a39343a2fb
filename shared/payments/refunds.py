"""The rules by which money goes back: pure decisions over the books of one order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from shared.kernel.event import event_id
from shared.kernel.money import Money
from shared.kernel.order import Fulfilment, PaymentState
from shared.payments.charges import GATEWAY, known
from shared.payments.domain import (
    CHECK_EVERY,
    Books,
    Decision,
    Mismatch,
    NotStoredYet,
    Order,
    Payment,
    Refund,
    RefundReport,
    RefundState,
    State,
    refund_id,
)
from shared.payments.events import PaymentRefunded

LONGEST_PAUSE = timedelta(hours=6)
"""Between two tries of a refund that the bank rejected."""


def owed_back(order: Order, payment: Payment) -> int:
    """Return how much of a payment has to be refunded and is not on its way yet.

    All of it when the order was cancelled, or when the order is paid by another payment.
    """
    kept = order.payment.payment_id == payment.id and order.fulfilment is not Fulfilment.CANCELLED
    return 0 if kept else payment.captured - payment.refunding - payment.refunded


def open_refund(books: Books, reason: str, now: datetime) -> Decision[Refund | None]:
    """Enter the refund of all that is owed back; the result is what the gateway has to be asked for.

    None when there is nothing (left) to do. A refund that was opened before and is still pending is
    the result again, so that a repeated event goes on where the last one stopped.
    """
    payment = known(books)
    first = books.refunds.get(refund_id(payment.id, 1))
    if first is not None:
        return Decision(books, (), first if first.state is RefundState.PENDING else None)
    owed = owed_back(books.order, payment)
    if not owed:
        return Decision(books, (), None)
    refund = _refund(payment, 1, Money(owed, payment.amount.currency), reason, now)
    payment = replace(payment, refunding=payment.refunding + owed, state=State.REFUNDING)
    return Decision(replace(books, payment=payment).with_refund(refund), (), refund)


def settle(books: Books, id_: str, report: RefundReport, now: datetime) -> Decision[None]:
    """Enter what the gateway says of a refund; only a pending one moves.

    A rejected refund is followed by another try, since the money is still owed. Raises `Mismatch` when
    the report is about another amount.
    """
    refund = books.refunds.get(id_)
    if refund is None:
        raise NotStoredYet
    if report.amount != refund.amount:
        raise Mismatch("another amount or currency than was to be refunded")
    if refund.state is not RefundState.PENDING:
        return Decision(books, (), None)
    refund = replace(refund, gateway_refund_id=report.gateway_refund_id)
    if report.state is RefundState.PROCESSED:
        return _processed(books, refund, now)
    if report.state is RefundState.FAILED:
        return _rejected(books, refund, now)
    return Decision(books.with_refund(refund), (), None)


def claim(books: Books, seen: Refund, now: datetime) -> Decision[bool]:
    """Set the next check of a refund that was due; False when another poller or the news was faster."""
    refund = books.refunds.get(seen.id)
    if refund is None or refund.due_at is None or refund.due_at != seen.due_at:
        return Decision(books, (), False)
    return Decision(books.with_refund(replace(refund, due_at=now + CHECK_EVERY)), (), True)


def _processed(books: Books, refund: Refund, now: datetime) -> Decision[None]:
    payment, amount = known(books), refund.amount.amount
    refund = replace(refund, state=RefundState.PROCESSED, due_at=None)
    payment = replace(payment, refunding=payment.refunding - amount, refunded=payment.refunded + amount)
    payment = replace(payment, state=_state(payment))
    order = books.order
    if order.payment.payment_id == payment.id:
        # The slice tells of the charge that is kept; a surplus was never in it.
        left = payment.captured - payment.refunded
        state = PaymentState.PARTLY_REFUNDED if left else PaymentState.REFUNDED
        order = replace(order, payment=replace(order.payment, state=state, refunded=payment.refunded))
    event = PaymentRefunded(
        id=event_id(payment.order_id, PaymentRefunded.name(), refund.id),
        at=now,
        actor=GATEWAY,
        order_id=payment.order_id,
        payment_id=payment.id,
        refund_id=refund.id,
        amount=amount,
        currency=refund.amount.currency,
        customer_id=payment.customer_id,
    )
    return Decision(replace(books, order=order, payment=payment).with_refund(refund), (event,), None)


def _rejected(books: Books, refund: Refund, now: datetime) -> Decision[None]:
    """Close a refund and open the next try; what is being refunded stays the same sum."""
    again = _refund(known(books), refund.attempt + 1, refund.amount, refund.reason, now)
    pause = min(CHECK_EVERY * 2 ** min(refund.attempt, 10), LONGEST_PAUSE)
    again = replace(again, due_at=now + pause)
    closed = replace(refund, state=RefundState.FAILED, due_at=None)
    return Decision(books.with_refund(closed).with_refund(again), (), None)


def _state(payment: Payment) -> State:
    if payment.refunding:
        return State.REFUNDING
    return State.REFUNDED if payment.refunded == payment.captured else State.PARTLY_REFUNDED


def _refund(payment: Payment, attempt: int, amount: Money, reason: str, now: datetime) -> Refund:
    return Refund(
        id=refund_id(payment.id, attempt),
        payment_id=payment.id,
        order_id=payment.order_id,
        customer_id=payment.customer_id,
        attempt=attempt,
        amount=amount,
        reason=reason,
        state=RefundState.PENDING,
        gateway_payment_id=payment.gateway_payment_id,
        created_at=now,
        due_at=now + CHECK_EVERY,
    )
