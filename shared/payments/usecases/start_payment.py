"""A customer asks for a link to pay an order, or a tip, by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.once import Once
from shared.payments import charges
from shared.payments.books import Books
from shared.payments.domain import (
    CHECK_EVERY,
    LINK_LIFETIME,
    AttemptEnded,
    ChargeState,
    Method,
    Payment,
    PaymentDeclined,
    PaymentInProgress,
    State,
    payment_id,
)
from shared.payments.ports import IntentRequest, PaymentGateway, PaymentStore
from shared.payments.usecases.check_payment import check_payment

TRIES = 3
"""Looks at the books: an attempt may end while it is being answered with."""


@dataclass(frozen=True, slots=True)
class StartPayment:
    """Which order or tip, who pays, how, and where the gateway can reach them."""

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

    Raises `OrderNotFound`, `TipNotFound`, `AlreadyPaid`, `OrderClosed`, `PaymentInProgress`,
    `PaymentDeclined`, `GatewayUnavailable` or, when attempts keep ending while they are being made,
    `AttemptEnded`; after each of them the order is as payable as before.
    """
    for _ in range(TRIES):
        proposed = await _proposed(command, store, gateway, now, once)
        try:
            return await _agreed(proposed, store, once)
        except AttemptEnded:
            continue
    raise AttemptEnded


async def _proposed(
    command: StartPayment, store: PaymentStore, gateway: PaymentGateway, now: datetime, once: Once | None
) -> Payment:
    """Return the open payment as the books have it, or the next attempt, which they have not."""
    books = await store.current(command.order_id, once)
    charges.require_payable(books.payable, command.customer_id)
    if books.payment is not None and _in_doubt(books.payment, now):
        books = await _settled(command, books.payment, store, gateway, now)
    if books.payment is not None and books.payment.state is State.PENDING:
        return books.payment
    return await _propose(_attempt(command, books, now), command, store, gateway)


async def _agreed(proposed: Payment, store: PaymentStore, once: Once | None) -> Payment:
    return await store.change(
        proposed.order_id, proposed.id, lambda fresh: charges.start(fresh, proposed), once=once
    )


def _in_doubt(latest: Payment, now: datetime) -> bool:
    """Say whether the gateway may know more of an attempt than the books: its link has lapsed, or it failed
    and can still be paid, or is being paid again."""
    if latest.state is State.FAILED:
        return latest.due_at is not None
    return latest.state is State.PENDING and now >= latest.expires_at


async def _settled(
    command: StartPayment, latest: Payment, store: PaymentStore, gateway: PaymentGateway, now: datetime
) -> Books:
    """Ask the gateway how an attempt ended, so that no second charge is started beside money."""
    heard = await check_payment(latest, store=store, gateway=gateway, now=now)
    books = await store.current(command.order_id)
    charges.require_payable(books.payable, command.customer_id)
    if heard is ChargeState.AUTHORISED:
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
    payable = books.payable
    number = books.payment.attempt + 1 if books.payment else 1
    return Payment(
        id=payment_id(payable.id, number),
        order_id=payable.id,
        customer_id=payable.customer_id,
        merchant_staff=payable.merchant_staff,
        attempt=number,
        amount=payable.price,
        method=command.method,
        state=State.PENDING,
        gateway_order_id="",
        gateway_payment_id="",
        link="",
        created_at=now,
        expires_at=now + LINK_LIFETIME,
        due_at=now + CHECK_EVERY,
    )
