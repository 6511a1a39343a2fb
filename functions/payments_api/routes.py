"""The routes of `payments_api`: parse, authorise, one use case, map the result."""

from __future__ import annotations

from typing import Annotated

from functions.payments_api.schemas import PaymentRequest, PaymentView
from shared.composition.payment_gateway import GatewayPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser, ActiveVerifiedUser
from shared.edge.idempotency import IdempotencyKey
from shared.edge.provided import PORTS, EntityLimit, Now
from shared.edge.ratelimit import limited, money_policy
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath
from shared.payments import queries
from shared.payments.domain import GatewayUnavailable, MethodUnavailable, PaymentNotFound
from shared.payments.subjects import AlreadyPaid, OrderNotFound, TipNotFound
from shared.payments.usecases.start_payment import start_payment

Ports = Annotated[GatewayPorts, PORTS]

payments = api_router("/api/v1", tags=["payments"])


@payments.post("/payments", operation_id="startPayment", status_code=201)
@limited(money_policy("payments"))
@refuses(AlreadyPaid, GatewayUnavailable, MethodUnavailable, OrderNotFound, TipNotFound)
async def start(
    body: PaymentRequest,
    user: ActiveVerifiedUser,
    key: IdempotencyKey,
    limit: EntityLimit,
    ports: Ports,
    now: Now,
) -> PaymentView:
    """Start the payment of an order or a tip.

    Returns a payment link. Repeated requests return the same link while it can still be used.
    """
    payment = await start_payment(
        body.command(user),
        store=ports.store,
        gateway=ports.gateway,
        admit=limit,
        now=now,
        idempotency=key.for_answer(PaymentView.of),
    )
    return PaymentView.of(payment)


@payments.get("/payments/{payment_id}", operation_id="getPayment")
@refuses(PaymentNotFound)
async def read(payment_id: IdPath, user: ActiveUser, ports: Ports) -> PaymentView:
    """Get one of your payments.

    For the customer who pays.
    """
    return PaymentView.of(await queries.read_payment(payment_id, user.uid, store=ports.store))
