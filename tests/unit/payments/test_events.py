"""`payments_events` refunds what is due after each event, once."""

from __future__ import annotations

import pytest

from shared.kernel.event import OrderEvent
from shared.kernel.money import Money
from shared.orders.events import OrderCancelled, OrderReturned
from shared.payments.events import DuplicatePaymentCaptured, PaymentCaptured, UnmatchedPaymentCaptured
from tests.unit.payments.world import NOON, ORDER, TOTAL, World


def _ended(kind: type[OrderEvent], paid: str, **more: object) -> OrderEvent:
    about = {"id": "evt_1", "at": NOON, "actor": "asha", "order_id": ORDER, "payment_id": paid, **more}
    return kind(**about)  # type: ignore[arg-type]


OF_ORDERS = {"customer_id": "asha", "merchant_id": "mer_1", "driver_id": None}
FEE = {"cancellation_fee": 0, "currency": "INR"}


@pytest.mark.parametrize(
    ("kind", "fulfilment", "more"),
    [
        (OrderCancelled, "cancelled", {**OF_ORDERS, "reason": ""}),
        (OrderReturned, "returned", {**OF_ORDERS, **FEE}),
    ],
)
async def test_an_order_that_ended_undelivered_is_refunded_once_however_often_the_event_is_delivered(
    world: World,
    kind: type[OrderEvent],
    fulfilment: str,
    more: dict[str, object],
) -> None:
    payment = await world.paid()
    world.set_order(fulfilment=fulfilment)

    for _ in range(3):
        await world.handle(_ended(kind, payment.id, **more))

    assert world.slice()["refunded"] == TOTAL
    assert len(world.gateway.refunds) == 1


async def test_a_payment_captured_after_the_cancellation_is_refunded(world: World) -> None:
    payment = await world.start()
    world.cancel_order()
    world.gateway.pay(payment.link)
    await world.receive_all()

    await world.handle(world.event(PaymentCaptured))

    assert world.gateway.refunded_total() == TOTAL


async def test_a_duplicate_payment_is_refunded(world: World) -> None:
    first = await world.failed()
    second = await world.start()
    world.gateway.pay(first.link)
    world.gateway.pay(second.link)
    await world.receive_all()

    await world.handle(world.event(DuplicatePaymentCaptured))

    assert (await world.payment(second.id)).refunded == TOTAL


async def test_an_unmatched_payment_is_refunded(world: World) -> None:
    payment = await world.paid()
    world.gateway.charge_again(payment.link, Money(5))
    await world.receive_all()

    await world.handle(world.event(UnmatchedPaymentCaptured))

    assert world.gateway.refunded_total() == 5
