"""A customer asks for a link to pay an order by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.once import Once
from shared.payments import charges
from shared.payments.domain import (
    CHECK_EVERY,
    LINK_LIFETIME,
    Books,
    Method,
    Payment,
    PaymentDeclined,
    PaymentInProgress,
    State,
    payment_id,
)
from shared.payments.ports import IntentRequest, PaymentGateway, PaymentStore
from shared.payments.usecases.check_payment import check_payment


@dataclass(frozen=True, slots=True)
class StartPayment:
    """Which order, who pays, how, and where the gateway can reach them."""

    order_id: str
    customer_id: str
    method: Method
    contact: str
    email: str


async def start_payment(
    command: StartPayment,
    *,
    store: PaymentStore,
    gateway: PaymentGateway,
    now: datetime,
    once: Once | None = None,
) -> Payment:
    """Return the open payment of the order; a new one only where none can bring money any more.

    Raises `OrderNotFound`, `AlreadyPaid`, `OrderClosed`, `PaymentInProgress`, `PaymentDeclined` or
    `GatewayUnavailable`; after each of them the order is as payable as before.
    """
    books = await store.current(command.order_id, now, once)
    charges.require_payable(books.order, command.customer_id)
    if _lapsed(books, now):
        books = await _settle_lapsed(command, books, store, gateway, now)
    proposed = books.payment
    if proposed is None or proposed.state is not State.PENDING:
        proposed = await _propose(_attempt(command, books, now), command, store, gateway)
    agreed = proposed
    return await store.change(
        command.order_id, agreed.id, lambda fresh: charges.start(fresh, agreed), once=once
    )


def _lapsed(books: Books, now: datetime) -> bool:
    latest = books.payment
    return latest is not None and latest.state is State.PENDING and now >= latest.expires_at


async def _settle_lapsed(
    command: StartPayment, books: Books, store: PaymentStore, gateway: PaymentGateway, now: datetime
) -> Books:
    """Ask the gateway how a lapsed attempt ended, so that no second charge is started beside money."""
    if books.payment is not None:
        await check_payment(books.payment, store=store, gateway=gateway, now=now)
    books = await store.current(command.order_id, now)
    charges.require_payable(books.order, command.customer_id)
    if _lapsed(books, now):
        raise PaymentInProgress
    return books


async def _propose(
    attempt: Payment, command: StartPayment, store: PaymentStore, gateway: PaymentGateway
) -> Payment:
    """Have the gateway make the attempt's link.

    Before the attempt is stored: a process that dies here leaves a link that nobody has, and the
    retry gets the very same one, since its idempotency key is the payment's derived id.
    """
    request = IntentRequest(attempt.id, attempt.order_id, attempt.amount, command.contact, command.email)
    try:
        intent = await gateway.create_intent(request)
    except PaymentDeclined:
        await store.change(attempt.order_id, attempt.id, lambda fresh: charges.decline(fresh, attempt))
        raise
    return replace(
        attempt,
        gateway_order_id=intent.gateway_order_id,
        gateway_payment_id=intent.gateway_payment_id,
        link=intent.link,
    )


def _attempt(command: StartPayment, books: Books, now: datetime) -> Payment:
    """Return the next attempt to pay the order, of which the gateway knows nothing yet."""
    order = books.order
    number = books.payment.attempt + 1 if books.payment else 1
    return Payment(
        id=payment_id(order.id, number),
        order_id=order.id,
        customer_id=order.customer_id,
        merchant_staff=order.merchant_staff,
        attempt=number,
        amount=order.price,
        method=command.method,
        state=State.PENDING,
        gateway_order_id="",
        gateway_payment_id="",
        link="",
        created_at=now,
        expires_at=now + LINK_LIFETIME,
        due_at=now + CHECK_EVERY,
    )
