"""Less was sent than was paid for: the difference goes back while the order goes on, and never twice."""

from __future__ import annotations

import asyncio

import pytest

from shared.payments.domain import GatewayUnavailable, RefundState, State
from tests.unit.payments.world import ORDER, TOTAL, World

pytestmark = pytest.mark.mission("D5")


def _amounts(world: World) -> list[int]:
    return sorted(refund["amount"]["amount"] for refund in world.database.collection("refunds").values())


async def test_what_is_owed_of_a_running_order_goes_back_and_the_order_goes_on(world: World) -> None:
    paid = await world.paid()
    world.owe(3_000)

    await world.refund(paid.id)

    payment = await world.payment(paid.id)
    assert (payment.state, payment.refunded) == (State.PARTLY_REFUNDED, 3_000)
    assert (world.slice()["state"], world.slice()["refunded"]) == ("partly_refunded", 3_000)
    assert world.order()["fulfilment"] == "placed"
    [event] = world.bus.fields("payment_refunded")
    assert event["amount"] == 3_000


async def test_the_news_of_it_however_often_and_at_once_gives_it_back_once(world: World) -> None:
    paid = await world.paid()
    world.owe(3_000)

    await asyncio.gather(*(world.refund(paid.id) for _ in range(10)))
    await world.poll()

    assert (_amounts(world), world.gateway.given_back()) == ([3_000], 3_000)


async def test_of_news_that_is_lost_the_sweeper_knows_once(world: World) -> None:
    await world.paid()
    world.owe(3_000)

    assert [(await world.poll()).refunds_opened for _ in range(3)] == [1, 0, 0]
    assert world.gateway.given_back() == 3_000
    assert world.order()["refund_at"] is None


async def test_a_second_difference_is_a_refund_of_its_own(world: World) -> None:
    paid = await world.paid()
    for owed in (3_000, 3_500, 9_000):
        world.owe(owed)
        await world.refund(paid.id)
        await world.refund(paid.id)

    assert _amounts(world) == [500, 3_000, 5_500]
    assert (world.gateway.given_back(), world.slice()["refunded"]) == (9_000, 9_000)
    refunded = [message.id for message in world.bus.messages if "payment_refunded" in message.type]
    assert len(set(refunded)) == 3


async def test_a_second_difference_while_the_bank_still_has_the_first_is_not_mixed_with_it(
    world: World,
) -> None:
    paid = await world.paid()
    world.owe(3_000)
    world.gateway.next_refund = RefundState.PENDING
    await world.refund(paid.id)
    world.gateway.next_refund = RefundState.PROCESSED
    world.owe(5_000)
    await world.refund(paid.id)
    assert (await world.payment(paid.id)).refunding == 3_000

    [first] = [id_ for id_, (refund, _) in world.gateway.refunds.items() if refund.amount.amount == 3_000]
    world.gateway.finish_refund(first, RefundState.FAILED)
    await world.receive_all()
    world.wait(minutes=5)
    await world.poll()

    assert (_amounts(world), world.gateway.given_back()) == ([2_000, 3_000, 3_000], 5_000)
    assert world.slice()["refunded"] == 5_000


async def test_a_later_cancellation_gives_back_exactly_the_rest(world: World) -> None:
    paid = await world.paid()
    world.owe(3_000)
    await world.refund(paid.id)
    world.set_order(fulfilment="cancelled", cancellation_fee=10_000)

    await world.refund(paid.id)
    await world.poll()

    assert _amounts(world) == [3_000, TOTAL - 13_000]
    assert (world.slice()["state"], world.slice()["refunded"]) == ("partly_refunded", TOTAL - 10_000)


async def test_a_cancellation_before_the_difference_went_back_is_one_refund_of_all(world: World) -> None:
    await world.paid()
    world.owe(3_000)
    world.cancel_order()

    await world.poll()

    assert (_amounts(world), world.slice()["state"]) == ([TOTAL], "refunded")
    assert (await world.poll()).refunds_opened == 0


async def test_a_gateway_that_is_down_leaves_the_difference_to_the_poller(world: World) -> None:
    paid = await world.paid()
    world.owe(3_000)
    world.gateway.lost.append("refund")
    with pytest.raises(GatewayUnavailable):
        await world.refund(paid.id)
    world.wait(minutes=2)

    await world.poll()

    assert (world.gateway.given_back(), world.slice()["refunded"]) == (3_000, 3_000)


@pytest.mark.parametrize("owed", [-5_000, 0, TOTAL + 1, 10**15])
async def test_no_more_goes_back_than_came_whatever_is_said_to_be_owed(world: World, owed: int) -> None:
    paid = await world.paid()
    world.owe(owed)

    await world.refund(paid.id)

    assert world.gateway.given_back() == (TOTAL if owed > TOTAL else 0)


async def test_an_order_that_owes_but_was_never_paid_gives_nothing_back(world: World) -> None:
    payment = await world.start()
    world.owe(3_000)

    await world.refund(payment.id)

    assert (world.gateway.given_back(), world.database.data(f"orders/{ORDER}")["refund_at"]) == (0, None)
