"""A tip is paid once, like an order; duplicate and unmatched payments of it are refunded."""

from __future__ import annotations

import asyncio

import pytest

from shared.adapters.gateways.upi_webhooks import SIGNATURE, UpiWebhooks
from shared.kernel.money import Money
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.payments.domain import State
from shared.payments.events import (
    DuplicatePaymentCaptured,
    PaymentCaptured,
    PaymentRefunded,
    TipPaid,
    UnmatchedPaymentCaptured,
)
from shared.payments.subjects import AlreadyPaid, TipNotFound
from tests.unit.payments.webhooks import SECRET, charge_body, sign
from tests.unit.payments.world import ORDER, TIP, TIP_REF, TOTAL, World, order_document

pytestmark = pytest.mark.mission("C8")


@pytest.fixture
def world() -> World:
    world = World(subject_ref=TIP_REF)
    world.database.seed(f"orders/{ORDER}", {**order_document(), "fulfilment": "delivered"})
    return world


async def test_the_event_of_a_paid_tip_names_its_driver_and_order(world: World) -> None:
    payment = await world.paid()

    assert world.slice() == {"state": "captured", "payment_id": payment.id, "captured": TOTAL, "refunded": 0}
    assert world.timeline() == ["payment_started", "tip_paid"]
    assert world.bus.names() == ["tip_paid"]
    event = world.event(TipPaid)
    assert (event.order_id, event.subject_ref, event.driver_id) == (ORDER, TIP_REF, "dev")
    assert (event.amount, event.currency) == (TOTAL, "INR")


async def test_a_tip_does_not_change_its_order(world: World) -> None:
    before = world.database.data(f"orders/{ORDER}")

    await world.paid_twice()
    await world.poll()

    assert world.database.data(f"orders/{ORDER}") == before


async def test_a_tip_is_paid_once_however_often_it_is_requested_and_reported(world: World) -> None:
    links = await asyncio.gather(*(world.start() for _ in range(10)))
    assert len({payment.link for payment in links}) == 1
    world.gateway.pay(links[0].link)
    for _ in range(3):
        await world.receive_all()

    with pytest.raises(AlreadyPaid):
        await world.start()
    assert world.gateway.captured() == TOTAL
    assert world.bus.names() == ["tip_paid"]


async def test_only_the_customer_who_gives_a_tip_can_pay_it(world: World) -> None:
    with pytest.raises(TipNotFound):
        await world.start(uid="mallory")
    with pytest.raises(TipNotFound):
        await world.start(subject_ref=SubjectRef(ChargeKind.TIP, "tip_" + "0" * 32))
    assert world.gateway.bills == {}


async def test_the_reconciler_finds_a_paid_tip_whose_webhook_is_lost(world: World) -> None:
    payment = await world.start()
    world.gateway.pay(payment.link)
    world.wait(minutes=2)

    await world.poll()

    assert world.slice()["captured"] == TOTAL


async def test_a_duplicate_payment_of_a_tip_is_refunded_by_its_event(world: World) -> None:
    late, retained = await world.paid_twice()
    event = world.event(DuplicatePaymentCaptured)

    await world.handle(event)
    await world.handle(event)
    assert (await world.poll()).refunds_opened == 0

    assert (await world.payment(late.id)).state is State.REFUNDED
    assert (await world.payment(retained.id)).state is State.CAPTURED
    assert world.gateway.captured() - world.gateway.refunded_total() == TOTAL
    refunded = world.event(PaymentRefunded)
    assert (refunded.order_id, refunded.subject_ref) == (ORDER, TIP_REF)


async def test_a_duplicate_payment_of_a_tip_whose_event_is_lost_is_refunded_by_the_reconciler(
    world: World,
) -> None:
    await world.paid_twice()
    assert (await world.poll()).refunds_opened == 1
    assert world.gateway.captured() - world.gateway.refunded_total() == TOTAL


async def test_a_charge_of_another_amount_does_not_pay_the_tip_and_is_refunded(world: World) -> None:
    payment = await world.start()
    world.gateway.pay(payment.link, Money(7))
    await world.receive_all()

    await world.handle(world.event(UnmatchedPaymentCaptured))

    assert (world.slice()["captured"], world.gateway.refunded_total()) == (0, 7)


async def test_the_payment_of_a_tip_publishes_no_capture_of_the_order(world: World) -> None:
    """Consumers of paid orders receive no event of a tip."""
    await world.paid()
    assert not [message for message in world.bus.messages if message.type == PaymentCaptured.TYPE]


def test_a_signed_webhook_about_a_tip_names_the_tip() -> None:
    paid = "pay_" + "1" * 32
    raw = charge_body("payment.captured", paid, "", notes={"payment_id": paid, "tip_id": TIP})
    event = UpiWebhooks([SECRET]).read(raw, {SIGNATURE: sign(raw)})
    assert event is not None
    assert event.subject_ref == TIP_REF
