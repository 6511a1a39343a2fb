"""The rules by which money goes back: pure decisions over the books of one order or tip."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from shared.kernel.event import event_id
from shared.kernel.money import Money
from shared.kernel.order import PaymentState
from shared.payments.books import Books, Decision, known
from shared.payments.domain import (
    CHECK_EVERY,
    Mismatch,
    NotStoredYet,
    Payment,
    Refund,
    RefundReport,
    RefundState,
    State,
    refund_id,
)
from shared.payments.events import GATEWAY, PaymentRefunded
from shared.payments.payables import UNDELIVERED, Payable

LONGEST_PAUSE = timedelta(hours=6)
"""Between two tries of a refund that the bank rejected."""


def owed_back(payable: Payable, payment: Payment) -> int:
    """Return how much of a payment has to be refunded and is not on its way yet.

    All but the cancellation fee when the order ended undelivered; all, when the order is paid by
    another payment; else what the order says that it owes.
    """
    keeps = _kept(payable, payment)
    return max(0, payment.captured - keeps - payment.refunding - payment.refunded)


def open_refund(books: Books, reason: str, now: datetime) -> Decision[Refund | None]:
    """Enter the refund of all that is owed back; the result is what the gateway has to be asked for.

    None when there is nothing (left) to do. The first refund, if it is still pending, is the result
    again, so that a repeated event goes on where the last one stopped; later ones are left to the
    poller. Once the order has ended, whatever is decided here is final, and the sweeper need not look
    again.
    """
    books = _settled(books)
    payment = known(books)
    owed = owed_back(books.payable, payment)
    if not owed:
        first = books.refunds.get(refund_id(payment.id, 1))
        return Decision(books, (), first if first and first.state is RefundState.PENDING else None)
    refund = _refund(payment, Money(owed, payment.amount.currency), reason, now)
    payment = replace(payment, refunding=payment.refunding + owed, state=State.REFUNDING)
    return Decision(replace(books, payment=payment).with_refund(refund), (), refund)


def take_up(books: Books, reason: str, now: datetime) -> Decision[Refund | None]:
    """Open the refund of money that nobody has seen to yet; None when another sweeper or the event was
    faster, or nothing is owed."""
    if _settled(books) == books:
        return Decision(books, (), None)
    return open_refund(books, reason, now)


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


def _kept(payable: Payable, payment: Payment) -> int:
    """Return how much of a payment is the order's; a fee or a debt below nothing is none."""
    if payable.payment.payment_id != payment.id:
        return 0
    if payable.fulfilment in UNDELIVERED:
        return max(0, payable.cancellation_fee)
    return max(0, payment.captured - max(0, payable.owed_back))


def _settled(books: Books) -> Books:
    """Return the books without the sweeper's marks; that of the end stays while there may be another."""
    payable, payment = books.payable, known(books)
    if payable.payment.payment_id != payment.id:
        return replace(books, payment=replace(payment, settle_at=None))
    payable = replace(payable, refund_at=None)
    if payable.fulfilment in UNDELIVERED:
        payable = replace(payable, payment=replace(payable.payment, settle_at=None))
    return replace(books, payable=payable)


def _processed(books: Books, refund: Refund, now: datetime) -> Decision[None]:
    payment, amount = known(books), refund.amount.amount
    refund = replace(refund, state=RefundState.PROCESSED, due_at=None)
    payment = replace(payment, refunding=payment.refunding - amount, refunded=payment.refunded + amount)
    payment = replace(payment, state=_state(payment))
    payable = books.payable
    if payable.payment.payment_id == payment.id:
        # The slice tells of the charge that is kept; a surplus was never in it.
        left = payment.captured - payment.refunded
        state = PaymentState.PARTLY_REFUNDED if left else PaymentState.REFUNDED
        payable = replace(payable, payment=replace(payable.payment, state=state, refunded=payment.refunded))
    event = PaymentRefunded(
        id=event_id(payment.order_id, PaymentRefunded.name(), refund.id),
        at=now,
        actor=GATEWAY,
        order_id=payable.order,
        tip_id=payable.tip,
        payment_id=payment.id,
        refund_id=refund.id,
        amount=amount,
        currency=refund.amount.currency,
        customer_id=payment.customer_id,
    )
    return Decision(replace(books, payable=payable, payment=payment).with_refund(refund), (event,), None)


def _rejected(books: Books, refund: Refund, now: datetime) -> Decision[None]:
    """Close a refund and open the next try; what is being refunded stays the same sum."""
    number = refund.attempt + 1
    pause = min(CHECK_EVERY * 2 ** min(refund.attempt, 10), LONGEST_PAUSE)
    again = replace(
        refund,
        id=refund_id(refund.payment_id, number, refund.base),
        attempt=number,
        gateway_refund_id=None,
        created_at=now,
        due_at=now + pause,
    )
    closed = replace(refund, state=RefundState.FAILED, due_at=None)
    return Decision(books.with_refund(closed).with_refund(again), (), None)


def _state(payment: Payment) -> State:
    if payment.refunding:
        return State.REFUNDING
    return State.REFUNDED if payment.refunded == payment.captured else State.PARTLY_REFUNDED


def _refund(payment: Payment, amount: Money, reason: str, now: datetime) -> Refund:
    base = payment.refunding + payment.refunded
    return Refund(
        id=refund_id(payment.id, 1, base),
        payment_id=payment.id,
        order_id=payment.order_id,
        customer_id=payment.customer_id,
        attempt=1,
        amount=amount,
        reason=reason,
        state=RefundState.PENDING,
        base=base,
        gateway_payment_id=payment.gateway_payment_id,
        created_at=now,
        due_at=now + CHECK_EVERY,
    )
