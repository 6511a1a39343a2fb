"""Start a payment of an order or a tip by a payment link."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.admission import Admit
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.subject import SubjectRef
from shared.payments import charges
from shared.payments.aggregate import PaymentAggregate
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
"""How often to load the aggregate: an attempt can end while the request runs."""


@dataclass(frozen=True, slots=True)
class StartPayment:
    """The order or tip, the customer, the method, and the contact points for the gateway."""

    subject_ref: SubjectRef
    customer_id: str
    method: Method
    contact: str
    email: str


async def start_payment(
    command: StartPayment,
    *,
    store: PaymentStore,
    gateway: PaymentGateway,
    admit: Admit,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> Payment:
    """Return the open payment; start a new one only when no earlier attempt can bring money.

    The limit of the order or tip counts this request once the caller is known to be its customer.
    Raises `OrderNotFound`, `TipNotFound`, `AlreadyPaid`, `OrderClosed`, `PaymentInProgress`,
    `PaymentDeclined`, `GatewayUnavailable`, or `AttemptEnded` when attempts keep ending while the
    request runs. None of them changes whether the order or tip can be paid.
    """
    aggregate = await _chargeable(command, store, idempotency)
    await admit(command.subject_ref.id)
    for _ in range(TRIES):
        proposed = await _proposed(command, aggregate, store, gateway, now)
        try:
            return await _started(proposed, aggregate, store, idempotency)
        except AttemptEnded:
            aggregate = await _chargeable(command, store, idempotency)
    raise AttemptEnded


async def _chargeable(
    command: StartPayment, store: PaymentStore, idempotency: IdempotentRequest | None = None
) -> PaymentAggregate:
    """Return the order or tip with its payment, if the caller may pay it now."""
    aggregate = await store.load(command.subject_ref, idempotency)
    charges.require_chargeable(aggregate.subject, command.customer_id)
    return aggregate


async def _proposed(
    command: StartPayment,
    aggregate: PaymentAggregate,
    store: PaymentStore,
    gateway: PaymentGateway,
    now: datetime,
) -> Payment:
    """Return the stored open payment, or the next attempt, which is not stored yet."""
    if aggregate.payment is not None and _may_have_changed(aggregate.payment, now):
        aggregate = await _checked(command, aggregate.payment, store, gateway, now)
    if aggregate.payment is not None and aggregate.payment.state is State.PENDING:
        return aggregate.payment
    return await _propose(_attempt(command, aggregate, now), command, store, gateway)


async def _started(
    proposed: Payment, loaded: PaymentAggregate, store: PaymentStore, idempotency: IdempotentRequest | None
) -> Payment:
    return await store.change(
        proposed.subject_ref,
        proposed.id,
        lambda fresh: charges.start(fresh, proposed),
        idempotency=idempotency,
        loaded=loaded,
    )


def _may_have_changed(latest: Payment, now: datetime) -> bool:
    """Say whether the gateway may know a newer state of an attempt.

    Its link has expired, or it failed and the customer can still pay by its link.
    """
    if latest.state is State.FAILED:
        return latest.due_at is not None
    return latest.state is State.PENDING and now >= latest.expires_at


async def _checked(
    command: StartPayment, latest: Payment, store: PaymentStore, gateway: PaymentGateway, now: datetime
) -> PaymentAggregate:
    """Ask the gateway for the result of an attempt, so that no second charge starts beside it."""
    state = await check_payment(latest, store=store, gateway=gateway, now=now)
    aggregate = await _chargeable(command, store)
    if state is ChargeState.AUTHORISED:
        raise PaymentInProgress
    return aggregate


async def _propose(
    attempt: Payment, command: StartPayment, store: PaymentStore, gateway: PaymentGateway
) -> Payment:
    """Create the attempt's link at the gateway, before the attempt is stored.

    A process that dies here leaves a link that no customer has. The retry gets the same link, since
    the payment's derived id is the idempotency key.
    """
    request = IntentRequest(
        attempt.id, attempt.subject_ref, attempt.amount, command.contact, command.email, attempt.method
    )
    try:
        intent = await gateway.create_intent(request)
    except PaymentDeclined:
        # mutant: decline-not-recorded
        await store.change(attempt.subject_ref, attempt.id, lambda fresh: charges.decline(fresh, attempt))
        raise
    return replace(
        attempt,
        gateway_order_id=intent.gateway_order_id,
        gateway_payment_id=intent.gateway_payment_id,
        link=intent.link,
    )


def _attempt(command: StartPayment, aggregate: PaymentAggregate, now: datetime) -> Payment:
    """Return the next attempt, which the gateway does not know yet."""
    subject = aggregate.subject
    number = aggregate.payment.attempt + 1 if aggregate.payment else 1  # mutant: new-link
    return Payment(
        id=payment_id(subject.ref, number),
        subject_ref=subject.ref,
        customer_id=subject.customer_id,
        attempt=number,
        amount=subject.price,
        method=command.method,
        state=State.PENDING,
        gateway_order_id="",
        gateway_payment_id="",
        link="",
        created_at=now,
        expires_at=now + LINK_LIFETIME,
        due_at=now + CHECK_EVERY,
    )
