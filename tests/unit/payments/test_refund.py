"""Refunds."""

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


def _events(world: World) -> RefundWebhook:
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


async def test_a_payment_that_was_never_captured_is_not_refunded(world: World) -> None:
    payment = await world.start()
    world.cancel_order()

    await world.refund(payment.id)

    assert world.gateway.refunds == {}
    assert world.database.collection("refunds") == {}


async def test_an_order_that_was_not_cancelled_is_not_refunded_whatever_an_event_says(world: World) -> None:
    payment = await world.paid()

    await world.refund(payment.id)

    assert world.gateway.refunded_total() == 0


async def test_a_capture_after_the_cancellation_is_refunded_after_its_event(world: World) -> None:
    payment = await world.start()
    world.cancel_order()
    await world.refund(payment.id)
    world.gateway.pay(payment.link)
    await world.receive_all()

    await world.deliver_events()

    assert world.gateway.refunded_total() == TOTAL
    assert world.slice()["state"] == "refunded"


async def test_ten_concurrent_deliveries_of_the_cancellation_refund_once(world: World) -> None:
    paid = await _cancelled(world)

    await asyncio.gather(*(world.refund(paid) for _ in range(10)))
    await world.receive_all()

    assert len(world.gateway.refunds) == 1
    assert world.bus.names().count("payment_refunded") == 1


@pytest.mark.parametrize("fault", ["down", "lost"])
async def test_a_refund_without_an_answer_is_sent_again_with_the_same_id(world: World, fault: str) -> None:
    paid = await _cancelled(world)
    getattr(world.gateway, fault).append("refund")

    with pytest.raises(GatewayUnavailable):
        await world.refund(paid)
    assert (await world.payment(paid)).refunding == TOTAL

    await world.refund(paid)
    assert len(world.gateway.refunds) == 1
    assert (await world.payment(paid)).state is State.REFUNDED


@pytest.mark.parametrize("after", [False, True])
async def test_a_redelivery_ends_in_one_refund_wherever_the_process_died(after: bool) -> None:
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
    """Return how many different refund events were published or are in the outbox."""
    ids = {message.id for message in world.bus.messages if "payment_refunded" in message.type}
    outbox = world.database.collection("outbox")
    return len(ids | {id_ for id_, message in outbox.items() if "payment_refunded" in message["type"]})


async def test_a_webhook_ends_a_refund_that_the_bank_kept_pending(world: World) -> None:
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


async def test_a_webhook_that_arrives_before_the_answer_ends_the_refund_once(world: World) -> None:
    paid = await _cancelled(world)
    world.gateway.lost.append("refund")
    with pytest.raises(GatewayUnavailable):
        await world.refund(paid)

    await world.receive_all()
    await world.refund(paid)

    assert (await world.payment(paid)).refunded == TOTAL
    assert world.bus.names().count("payment_refunded") == 1


async def test_the_reconciler_tries_a_rejected_refund_again(world: World) -> None:
    paid = await _cancelled(world)
    world.gateway.next_refund = RefundState.FAILED
    await world.refund(paid)
    still_owed = await world.payment(paid)
    assert (still_owed.state, still_owed.refunding, still_owed.refunded) == (State.REFUNDING, TOTAL, 0)

    await world.refund(paid)
    assert len(world.gateway.refunds) == 1, "a repeated event does not send the second try early"
    world.wait(minutes=3)
    await world.poll()

    assert (await world.payment(paid)).state is State.REFUNDED
    assert sorted(r["state"] for r in world.database.collection("refunds").values()) == [
        "failed",
        "processed",
    ]
    assert world.gateway.refunded_total() == TOTAL


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
    event = _events(world)

    await world.receive(replace(event, report=replace(event.report, amount=Money(TOTAL * 2))))

    assert (await world.payment(paid)).refunded == 0
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


async def test_the_webhook_of_a_refund_that_is_not_stored_must_be_repeated(world: World) -> None:
    paid = await _cancelled(world)
    await world.refund(paid)

    with pytest.raises(NotStoredYet):
        await world.receive(replace(_events(world), refund_id="ref_" + "0" * 32))


async def test_a_refund_never_leaves_its_final_state(world: World) -> None:
    paid = await _cancelled(world)
    await world.refund(paid)
    event = _events(world)

    await world.receive(replace(event, report=replace(event.report, state=RefundState.FAILED)))
    await world.receive(replace(event, report=replace(event.report, state=RefundState.PENDING)))

    assert (await world.payment(paid)).state is State.REFUNDED
    assert len(world.database.collection("refunds")) == 1
