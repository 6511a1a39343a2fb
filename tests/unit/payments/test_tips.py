"""A tip is paid as an order is: once, by whichever attempt, and what is too much goes back."""

from __future__ import annotations

import asyncio

import pytest

from shared.adapters.gateways.upi_webhooks import UpiWebhooks
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


async def test_a_paid_tip_is_told_to_its_driver_and_to_no_kitchen(world: World) -> None:
    payment = await world.paid()

    assert world.slice() == {"state": "captured", "payment_id": payment.id, "captured": TOTAL, "refunded": 0}
    assert world.timeline() == ["payment_started", "tip_paid"]
    assert world.bus.names() == ["tip_paid"]
    event = world.event(TipPaid)
    assert (event.order_id, event.subject_ref, event.driver_id) == (ORDER, TIP_REF, "dev")
    assert (event.amount, event.currency) == (TOTAL, "INR")


async def test_the_order_is_not_touched_by_its_tip(world: World) -> None:
    before = world.database.data(f"orders/{ORDER}")

    await world.paid_twice()
    await world.poll()

    assert world.database.data(f"orders/{ORDER}") == before


async def test_however_often_it_is_clicked_and_told_a_tip_is_paid_once(world: World) -> None:
    links = await asyncio.gather(*(world.start() for _ in range(10)))
    assert len({payment.link for payment in links}) == 1
    world.gateway.pay(links[0].link)
    for _ in range(3):
        await world.receive_all()

    with pytest.raises(AlreadyPaid):
        await world.start()
    assert world.gateway.captured() == TOTAL
    assert world.bus.names() == ["tip_paid"]


async def test_only_the_one_who_gives_a_tip_can_pay_it(world: World) -> None:
    with pytest.raises(TipNotFound):
        await world.start(uid="mallory")
    with pytest.raises(TipNotFound):
        await world.start(subject_ref=SubjectRef(ChargeKind.TIP, "tip_" + "0" * 32))
    assert world.gateway.bills == {}


async def test_a_tip_of_which_no_webhook_tells_is_found_by_the_poller(world: World) -> None:
    payment = await world.start()
    world.gateway.pay(payment.link)
    world.wait(minutes=2)

    await world.poll()

    assert world.slice()["captured"] == TOTAL


async def test_a_second_charge_for_a_tip_goes_back_with_its_event_or_without(world: World) -> None:
    late, kept = await world.paid_twice()
    told = world.event(DuplicatePaymentCaptured)

    await world.handle(told)
    await world.handle(told)
    assert (await world.poll()).refunds_opened == 0

    assert (await world.payment(late.id)).state is State.REFUNDED
    assert (await world.payment(kept.id)).state is State.CAPTURED
    assert world.gateway.captured() - world.gateway.given_back() == TOTAL
    refunded = world.event(PaymentRefunded)
    assert (refunded.order_id, refunded.subject_ref) == (ORDER, TIP_REF)


async def test_a_second_charge_whose_event_is_lost_goes_back_by_the_sweeper(world: World) -> None:
    await world.paid_twice()
    assert (await world.poll()).refunds_opened == 1
    assert world.gateway.captured() - world.gateway.given_back() == TOTAL


async def test_another_sum_than_the_tip_does_not_pay_it_and_goes_back(world: World) -> None:
    payment = await world.start()
    world.gateway.pay(payment.link, Money(7))
    await world.receive_all()

    await world.handle(world.event(UnmatchedPaymentCaptured))

    assert (world.slice()["captured"], world.gateway.given_back()) == (0, 7)


async def test_the_tips_money_is_no_payment_of_the_order(world: World) -> None:
    """What reads of paid orders never hears of it."""
    await world.paid()
    assert not [message for message in world.bus.messages if message.type == PaymentCaptured.TYPE]


def test_a_signed_webhook_about_a_tip_is_news() -> None:
    paid = "pay_" + "1" * 32
    raw = charge_body("payment.captured", paid, "", notes={"payment_id": paid, "tip_id": TIP})
    event = UpiWebhooks([SECRET]).read(raw, sign(raw))
    assert event is not None
    assert event.subject_ref == TIP_REF
