"""The rules by which money comes in: pure decisions over the books of one order or tip."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from shared.kernel.event import event_id
from shared.kernel.order import PaymentState
from shared.payments import strays
from shared.payments.books import Books, Decision, known
from shared.payments.domain import (
    CHECK_EVERY,
    LATE_MONEY,
    AttemptEnded,
    Charge,
    Payment,
    PaymentInProgress,
    State,
)
from shared.payments.events import (
    GATEWAY,
    MoneyEvent,
    PaymentCaptured,
    PaymentFailed,
    PaymentStarted,
    SurplusCaptured,
    TipPaid,
)
from shared.payments.payables import (
    CLOSED,
    UNDELIVERED,
    AlreadyPaid,
    OrderClosed,
    OrderPayment,
    Payable,
    not_found,
)

DECLINED = "declined"
"""The failure of an attempt that the gateway did not take on at all."""

MISMATCH = "charge_mismatch"
"""The failure of an attempt whose own charge was of another amount or currency."""


def require_payable(payable: Payable, customer_id: str) -> None:
    """Raise `OrderNotFound`, `TipNotFound`, `AlreadyPaid` or `OrderClosed` unless they can pay this."""
    if payable.customer_id != customer_id:
        raise not_found(payable.id)
    if payable.payment.captured:
        raise AlreadyPaid
    if payable.fulfilment in CLOSED:
        raise OrderClosed


def start(books: Books, proposed: Payment) -> Decision[Payment]:
    """Enter a new attempt; one that a twin of this request has entered is the answer while it is open.

    Raises what `require_payable` raises, `AttemptEnded` when this one has failed meanwhile, and
    `PaymentInProgress` when another is open.
    """
    require_payable(books.payable, proposed.customer_id)
    if books.payment is not None and books.payment.state is not State.PENDING:
        raise AttemptEnded
    if books.payment is not None:
        return Decision(books, (), books.payment)
    if books.payable.payment.state is PaymentState.PENDING:
        raise PaymentInProgress
    opened = OrderPayment(PaymentState.PENDING, proposed.id)
    started = PaymentStarted(
        id=event_id(proposed.order_id, PaymentStarted.name(), proposed.id),
        at=proposed.created_at,
        actor=proposed.customer_id,
        order_id=books.payable.order,
        tip_id=books.payable.tip,
        payment_id=proposed.id,
    )
    return Decision(Books(replace(books.payable, payment=opened), proposed), (started,), proposed)


def decline(books: Books, proposed: Payment) -> Decision[None]:
    """Enter that the gateway would not take an attempt on, so that the next one is another to it.

    It may keep its refusal under the attempt's id. Where the order is paid or payable by now,
    nothing changes.
    """
    state = books.payable.payment.state
    if books.payment is not None or state not in (PaymentState.NONE, PaymentState.FAILED):
        return Decision(books, (), None)
    declined = replace(proposed, state=State.FAILED, failure=DECLINED, due_at=None)
    slice_ = OrderPayment(PaymentState.FAILED, declined.id)
    entered = Books(replace(books.payable, payment=slice_), declined)
    return Decision(entered, (_failed(books.payable, declined, proposed.created_at),), None)


def capture(books: Books, charge: Charge, now: datetime) -> Decision[bool]:
    """Enter that money came. The second telling changes nothing; money after a failure counts.

    Money for an order that another attempt has paid is a surplus: it is entered on its payment
    alone, and announced so that it goes back. So is, on a payment of its own, a charge that was not
    agreed on: another than the link's, or of other money. The result says whether this is one.
    """
    payment = known(books)
    own = charge.gateway_payment_id == payment.gateway_payment_id
    if charge.gateway_payment_id in payment.strays or (own and payment.captured):
        return Decision(books, (), False)
    if not own or charge.amount != payment.amount:
        return _misled(books, charge, now)
    paid = replace(
        payment,
        state=State.CAPTURED,
        captured=charge.amount.amount,
        failure="",
        due_at=None,
    )
    if books.payable.payment.captured:
        paid = replace(paid, settle_at=now)
        return Decision(replace(books, payment=paid), (_surplus(books.payable, paid, now),), False)
    kept = OrderPayment(PaymentState.CAPTURED, paid.id, paid.captured, settle_at=now)
    payable = replace(books.payable, payment=kept)
    return Decision(replace(books, payable=payable, payment=paid), (_paid(payable, paid, now),), False)


def fail_charge(books: Books, gateway_payment_id: str, reason: str, now: datetime) -> Decision[None]:
    """Enter that a charge failed, and with it the attempt whose link's own it is."""
    if gateway_payment_id != known(books).gateway_payment_id:
        return Decision(books, (), None)
    return fail(books, reason, now)


def fail(books: Books, reason: str, now: datetime) -> Decision[None]:
    """Enter that an attempt ended without money; only a pending one can, so nothing moves backwards."""
    payment = known(books)
    if payment.state is not State.PENDING:
        return Decision(books, (), None)
    failed = replace(payment, state=State.FAILED, failure=reason)
    failed = replace(failed, due_at=next_check(failed, now))
    payable = books.payable
    if payable.payment.payment_id == payment.id:
        payable = replace(payable, payment=replace(payable.payment, state=PaymentState.FAILED))
    return Decision(replace(books, payable=payable, payment=failed), (_failed(payable, failed, now),), None)


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


def _misled(books: Books, charge: Charge, now: datetime) -> Decision[bool]:
    """Enter a stray charge; when it is the link's own, the attempt can bring no other money, and fails."""
    apart = strays.enter(books, charge, now)
    if charge.gateway_payment_id != known(books).gateway_payment_id:
        return Decision(apart.books, apart.events, True)
    failed = fail(apart.books, MISMATCH, now)
    payment = replace(known(failed.books), due_at=None)
    return Decision(replace(failed.books, payment=payment), (*apart.events, *failed.events), True)


def _paid(payable: Payable, paid: Payment, now: datetime) -> MoneyEvent:
    return _tipped(payable, paid, now) if payable.tip else _captured(payable, paid, now)


def _tipped(tip: Payable, paid: Payment, now: datetime) -> TipPaid:
    return TipPaid(
        id=event_id(tip.id, TipPaid.name(), paid.id),
        at=now,
        actor=GATEWAY,
        order_id=tip.order,
        tip_id=tip.tip,
        payment_id=paid.id,
        customer_id=tip.customer_id,
        driver_id=tip.driver_id,
        amount=paid.captured,
        currency=paid.amount.currency,
    )


def _captured(payable: Payable, paid: Payment, now: datetime) -> PaymentCaptured:
    return PaymentCaptured(
        id=event_id(payable.id, PaymentCaptured.name(), paid.id),
        at=now,
        actor=GATEWAY,
        order_id=payable.id,
        payment_id=paid.id,
        customer_id=payable.customer_id,
        merchant_staff=payable.merchant_staff,
        amount=paid.captured,
        currency=paid.amount.currency,
        order_cancelled=payable.fulfilment in UNDELIVERED,
    )


def _failed(payable: Payable, payment: Payment, now: datetime) -> PaymentFailed:
    return PaymentFailed(
        id=event_id(payable.id, PaymentFailed.name(), payment.id),
        at=now,
        actor=GATEWAY,
        order_id=payable.order,
        tip_id=payable.tip,
        payment_id=payment.id,
        reason=payment.failure,
    )


def _surplus(payable: Payable, paid: Payment, now: datetime) -> SurplusCaptured:
    return SurplusCaptured(
        id=event_id(payable.id, SurplusCaptured.name(), paid.id),
        at=now,
        actor=GATEWAY,
        order_id=payable.order,
        tip_id=payable.tip,
        payment_id=paid.id,
        amount=paid.captured,
        currency=paid.amount.currency,
    )
