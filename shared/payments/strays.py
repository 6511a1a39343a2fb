"""Money that nobody asked for: another amount or currency than agreed, or a charge beside the link's own.

It is kept apart, as a payment of its own that pays no order, so that all of it goes back by the same
way as any other money that is owed back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.kernel.event import event_id
from shared.payments.books import Books, Decision, known
from shared.payments.domain import Charge, Payment, State, stray_id
from shared.payments.events import GATEWAY, StrayCaptured
from shared.payments.payables import Payable


def enter(books: Books, charge: Charge, now: datetime) -> Decision[None]:
    """Enter a charge that was not agreed on, once for each charge of the gateway, as money to be returned.

    A charge of no money at all leaves nothing to be returned and is only remembered.
    """
    payment = known(books)
    remembered = replace(payment, strays=(*payment.strays, charge.gateway_payment_id))
    books = replace(books, payment=remembered)
    if charge.amount.amount <= 0:
        return Decision(books, (), None)
    stray = _stray(payment, charge, now)
    return Decision(replace(books, stray=stray), (_announced(books.payable, stray, payment, now),), None)


def _stray(payment: Payment, charge: Charge, now: datetime) -> Payment:
    """Return the charge as a payment: what the gateway took is all that can ever be given back of it."""
    return replace(
        payment,
        id=stray_id(payment.id, charge.gateway_payment_id),
        amount=charge.amount,
        state=State.CAPTURED,
        gateway_payment_id=charge.gateway_payment_id,
        link="",
        created_at=now,
        expires_at=now,
        captured=charge.amount.amount,
        refunding=0,
        refunded=0,
        failure="",
        due_at=None,
        settle_at=now,
        stray_of=payment.id,
        strays=(),
    )


def _announced(payable: Payable, stray: Payment, payment: Payment, now: datetime) -> StrayCaptured:
    return StrayCaptured(
        id=event_id(payable.id, StrayCaptured.name(), stray.id),
        at=now,
        actor=GATEWAY,
        order_id=payable.order,
        tip_id=payable.tip,
        payment_id=stray.id,
        stray_of=payment.id,
        gateway_payment_id=stray.gateway_payment_id,
        amount=stray.captured,
        currency=stray.amount.currency,
        agreed_amount=payment.amount.amount,
        agreed_currency=payment.amount.currency,
    )
