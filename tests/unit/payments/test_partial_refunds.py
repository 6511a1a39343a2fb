"""Refunds of a difference while the order runs."""

from __future__ import annotations

import asyncio

import pytest

from shared.payments.domain import GatewayUnavailable, RefundState, State
from tests.unit.payments.world import ORDER, TOTAL, World

pytestmark = pytest.mark.mission("D5")


def _amounts(world: World) -> list[int]:
    return sorted(refund["amount"]["amount"] for refund in world.database.collection("refunds").values())


async def test_a_refund_that_is_due_while_the_order_runs_does_not_end_the_order(world: World) -> None:
    paid = await world.paid()
    world.set_refund_due(3_000)

    await world.refund(paid.id)

    payment = await world.payment(paid.id)
    assert (payment.state, payment.refunded) == (State.PARTLY_REFUNDED, 3_000)
    assert (world.slice()["state"], world.slice()["refunded"]) == ("partly_refunded", 3_000)
    assert world.order()["fulfilment"] == "placed"
    [event] = world.bus.fields("payment_refunded")
    assert event["amount"] == 3_000


async def test_ten_concurrent_deliveries_of_the_event_refund_once(world: World) -> None:
    paid = await world.paid()
    world.set_refund_due(3_000)

    await asyncio.gather(*(world.refund(paid.id) for _ in range(10)))
    await world.poll()

    assert (_amounts(world), world.gateway.refunded_total()) == ([3_000], 3_000)


async def test_the_reconciler_opens_a_refund_whose_event_is_lost_once(world: World) -> None:
    await world.paid()
    world.set_refund_due(3_000)

    assert [(await world.poll()).refunds_opened for _ in range(3)] == [1, 0, 0]
    assert world.gateway.refunded_total() == 3_000
    assert world.order()["refund_at"] is None


async def test_a_second_difference_is_a_refund_of_its_own(world: World) -> None:
    paid = await world.paid()
    for due in (3_000, 3_500, 9_000):
        world.set_refund_due(due)
        await world.refund(paid.id)
        await world.refund(paid.id)

    assert _amounts(world) == [500, 3_000, 5_500]
    assert (world.gateway.refunded_total(), world.slice()["refunded"]) == (9_000, 9_000)
    refunded = [message.id for message in world.bus.messages if "payment_refunded" in message.type]
    assert len(set(refunded)) == 3


async def test_a_second_difference_while_the_first_is_pending_is_a_refund_of_its_own(
    world: World,
) -> None:
    paid = await world.paid()
    world.set_refund_due(3_000)
    world.gateway.next_refund = RefundState.PENDING
    await world.refund(paid.id)
    world.gateway.next_refund = RefundState.PROCESSED
    world.set_refund_due(5_000)
    await world.refund(paid.id)
    assert (await world.payment(paid.id)).refunding == 3_000

    [first] = [id_ for id_, (refund, _) in world.gateway.refunds.items() if refund.amount.amount == 3_000]
    world.gateway.finish_refund(first, RefundState.FAILED)
    await world.receive_all()
    world.wait(minutes=5)
    await world.poll()

    assert (_amounts(world), world.gateway.refunded_total()) == ([2_000, 3_000, 3_000], 5_000)
    assert world.slice()["refunded"] == 5_000


async def test_a_later_cancellation_refunds_exactly_the_rest(world: World) -> None:
    paid = await world.paid()
    world.set_refund_due(3_000)
    await world.refund(paid.id)
    world.set_order(fulfilment="cancelled", cancellation_fee=10_000)

    await world.refund(paid.id)
    await world.poll()

    assert _amounts(world) == [3_000, TOTAL - 13_000]
    assert (world.slice()["state"], world.slice()["refunded"]) == ("partly_refunded", TOTAL - 10_000)


async def test_a_cancellation_before_the_difference_was_refunded_is_one_refund_of_all(world: World) -> None:
    await world.paid()
    world.set_refund_due(3_000)
    world.cancel_order()

    await world.poll()

    assert (_amounts(world), world.slice()["state"]) == ([TOTAL], "refunded")
    assert (await world.poll()).refunds_opened == 0


async def test_a_gateway_that_is_down_leaves_the_difference_to_the_reconciler(world: World) -> None:
    paid = await world.paid()
    world.set_refund_due(3_000)
    world.gateway.lost.append("refund")
    with pytest.raises(GatewayUnavailable):
        await world.refund(paid.id)
    world.wait(minutes=2)

    await world.poll()

    assert (world.gateway.refunded_total(), world.slice()["refunded"]) == (3_000, 3_000)


@pytest.mark.parametrize("due", [-5_000, 0, TOTAL + 1, 10**15])
async def test_a_refund_never_exceeds_the_captured_amount_whatever_is_due(world: World, due: int) -> None:
    paid = await world.paid()
    world.set_refund_due(due)

    await world.refund(paid.id)

    assert world.gateway.refunded_total() == (TOTAL if due > TOTAL else 0)


async def test_an_unpaid_order_with_a_refund_due_refunds_nothing(world: World) -> None:
    payment = await world.start()
    world.set_refund_due(3_000)

    await world.refund(payment.id)

    assert (world.gateway.refunded_total(), world.database.data(f"orders/{ORDER}")["refund_at"]) == (0, None)
