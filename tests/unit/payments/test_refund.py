"""Money goes back."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from itertools import count

import pytest

from shared.kernel.errors import DomainError
from shared.kernel.money import Money
from shared.payments.domain import GatewayUnavailable, NotStoredYet, RefundState, State, refund_id
from shared.payments.ports import RefundWebhook
from tests.unit.payments.world import TOTAL, Death, World

pytestmark = pytest.mark.mission("D5")


def _told(world: World) -> RefundWebhook:
    return next(event for event in world.gateway.webhooks if isinstance(event, RefundWebhook))


async def _cancelled(world: World) -> str:
    payment = await world.paid()
    world.cancel_order()
    return payment.id


async def test_a_paid_order_that_is_cancelled_is_refunded_in_full(world: World) -> None:
    paid = await _cancelled(world)

    await world.refund(paid)

    payment = await world.payment(paid)
    assert (payment.state, payment.refunding, payment.refunded) == (State.REFUNDED, 0, TOTAL)
    assert world.slice() == {"state": "refunded", "payment_id": paid, "captured": TOTAL, "refunded": TOTAL}
    assert world.timeline()[-1] == "payment_refunded"
    [event] = world.bus.fields("payment_refunded")
    assert (event["refund_id"], event["amount"]) == (refund_id(paid, 1), TOTAL)


async def test_a_payment_that_brought_nothing_is_not_refunded(world: World) -> None:
    payment = await world.start()
    world.cancel_order()

    await world.refund(payment.id)

    assert world.gateway.refunds == {}
    assert world.database.collection("refunds") == {}


async def test_an_order_that_was_not_cancelled_keeps_its_money_whatever_an_event_says(world: World) -> None:
    payment = await world.paid()

    await world.refund(payment.id)

    assert world.gateway.given_back() == 0


async def test_money_that_comes_after_the_cancellation_goes_back_by_itself(world: World) -> None:
    payment = await world.start()
    world.cancel_order()
    await world.refund(payment.id)
    world.gateway.pay(payment.link)
    await world.receive_all()

    await world.deliver_events()

    assert world.gateway.given_back() == TOTAL
    assert world.slice()["state"] == "refunded"


async def test_the_event_delivered_ten_times_and_at_once_refunds_once(world: World) -> None:
    paid = await _cancelled(world)

    await asyncio.gather(*(world.refund(paid) for _ in range(10)))
    await world.receive_all()

    assert len(world.gateway.refunds) == 1
    assert world.bus.names().count("payment_refunded") == 1


@pytest.mark.parametrize("fault", ["down", "lost"])
async def test_a_gateway_that_does_not_answer_is_asked_again_under_the_same_id(
    world: World, fault: str
) -> None:
    paid = await _cancelled(world)
    getattr(world.gateway, fault).append("refund")

    with pytest.raises(GatewayUnavailable):
        await world.refund(paid)
    assert (await world.payment(paid)).refunding == TOTAL

    await world.refund(paid)
    assert len(world.gateway.refunds) == 1
    assert (await world.payment(paid)).state is State.REFUNDED


@pytest.mark.parametrize("after", [False, True])
async def test_wherever_the_process_dies_a_redelivery_ends_in_one_refund(after: bool) -> None:
    for step in count(1):
        world = World()
        paid = await _cancelled(world)
        world.database.operations, world.database.dies_in, world.database.after = 0, step, after
        try:
            await world.refund(paid)
        except Death:
            await _refund_again(world, paid)
        else:
            assert step > 5, "nothing was interrupted"
            return


async def _refund_again(world: World, paid: str) -> None:
    await world.refund(paid)
    assert len(world.gateway.refunds) == 1
    assert (await world.payment(paid)).refunded == TOTAL
    assert world.timeline().count("payment_refunded") == 1
    assert _refund_events(world) == 1


def _refund_events(world: World) -> int:
    """The different events that were published or wait in the outbox."""
    ids = {message.id for message in world.bus.messages if "payment_refunded" in message.type}
    outbox = world.database.collection("outbox")
    return len(ids | {id_ for id_, message in outbox.items() if "payment_refunded" in message["type"]})


async def test_a_refund_that_the_bank_keeps_pending_is_ended_by_the_webhook(world: World) -> None:
    paid = await _cancelled(world)
    world.gateway.next_refund = RefundState.PENDING
    await world.refund(paid)
    waiting = await world.payment(paid)
    assert (waiting.state, waiting.refunding, waiting.refunded) == (State.REFUNDING, TOTAL, 0)
    assert world.slice()["state"] == "captured"

    [gateway_id] = world.gateway.refunds
    world.gateway.finish_refund(gateway_id, RefundState.PROCESSED)
    await world.receive_all()
    await world.receive_all()

    assert (await world.payment(paid)).state is State.REFUNDED
    assert world.bus.names().count("payment_refunded") == 1


async def test_a_webhook_that_overtakes_the_answer_ends_the_refund_once(world: World) -> None:
    paid = await _cancelled(world)
    world.gateway.lost.append("refund")
    with pytest.raises(GatewayUnavailable):
        await world.refund(paid)

    await world.receive_all()
    await world.refund(paid)

    assert (await world.payment(paid)).refunded == TOTAL
    assert world.bus.names().count("payment_refunded") == 1


async def test_a_refund_that_the_bank_rejects_is_tried_again_by_the_poller(world: World) -> None:
    paid = await _cancelled(world)
    world.gateway.next_refund = RefundState.FAILED
    await world.refund(paid)
    still_owed = await world.payment(paid)
    assert (still_owed.state, still_owed.refunding, still_owed.refunded) == (State.REFUNDING, TOTAL, 0)

    await world.refund(paid)
    assert len(world.gateway.refunds) == 1, "a redelivered event does not hurry the second try"
    world.wait(minutes=3)
    await world.poll()

    assert (await world.payment(paid)).state is State.REFUNDED
    assert sorted(r["state"] for r in world.database.collection("refunds").values()) == [
        "failed",
        "processed",
    ]
    assert world.gateway.given_back() == TOTAL


async def test_a_refund_that_the_gateway_refuses_stays_pending(world: World) -> None:
    paid = await _cancelled(world)
    [bill] = world.gateway.bills.values()
    bill.refunded = TOTAL

    with pytest.raises(DomainError):
        await world.refund(paid)

    assert (await world.payment(paid)).state is State.REFUNDING


async def test_a_report_about_another_amount_changes_nothing_and_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    paid = await _cancelled(world)
    world.gateway.next_refund = RefundState.PENDING
    await world.refund(paid)
    world.gateway.finish_refund(next(iter(world.gateway.refunds)), RefundState.PROCESSED)
    told = _told(world)

    await world.receive(replace(told, report=replace(told.report, amount=Money(TOTAL * 2))))

    assert (await world.payment(paid)).refunded == 0
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_a_refund_that_is_not_stored_is_to_be_told_again(world: World) -> None:
    paid = await _cancelled(world)
    await world.refund(paid)

    with pytest.raises(NotStoredYet):
        await world.receive(replace(_told(world), refund_id="ref_" + "0" * 32))


async def test_a_refund_never_moves_back_from_its_end(world: World) -> None:
    paid = await _cancelled(world)
    await world.refund(paid)
    told = _told(world)

    await world.receive(replace(told, report=replace(told.report, state=RefundState.FAILED)))
    await world.receive(replace(told, report=replace(told.report, state=RefundState.PENDING)))

    assert (await world.payment(paid)).state is State.REFUNDED
    assert len(world.database.collection("refunds")) == 1
