"""The reconciler refunds what is due when the events are lost."""

from __future__ import annotations

import pytest

from shared.kernel.money import Money
from shared.payments import refunds
from shared.payments.domain import GatewayRefused, GatewayUnavailable, RefundState, State, refund_id
from shared.payments.subjects import UNDELIVERED
from tests.unit.payments.world import ORDER, ORDER_REF, TOTAL, World, order_document


async def _to_reconcile(world: World) -> list[str]:
    orders = await world.store.orders_to_reconcile(world.now, 10)
    payments = await world.store.payments_to_reconcile(world.now, 10)
    return [order.id for order in orders.items] + [payment.id for payment in payments.items]


@pytest.mark.parametrize("end", sorted(UNDELIVERED))
async def test_an_order_that_ended_undelivered_is_refunded_without_any_event(world: World, end: str) -> None:
    payment = await world.paid()
    world.set_order(fulfilment=str(end))

    assert (await world.poll()).refunds_opened == 1

    assert (await world.payment(payment.id)).state is State.REFUNDED
    assert world.slice()["refunded"] == world.gateway.refunded_total() == TOTAL
    assert await _to_reconcile(world) == []


@pytest.mark.parametrize(
    "fulfilment", ["placed", "confirmed", "ready", "picked_up", "delivered", "failed", "returning"]
)
async def test_an_order_that_is_or_may_be_delivered_is_not_refunded(world: World, fulfilment: str) -> None:
    await world.paid()
    world.set_order(fulfilment=fulfilment)

    assert (await world.poll()).refunds_opened == 0

    assert world.gateway.refunded_total() == 0
    world.cancel_order()
    assert await _to_reconcile(world) == [ORDER], "the reconciler finds it once it has ended"


@pytest.mark.parametrize(("fee", "back"), [(0, TOTAL), (600, TOTAL - 600), (-5, TOTAL)])
async def test_the_cancellation_fee_is_retained_and_no_more(world: World, fee: int, back: int) -> None:
    payment = await world.paid()
    world.set_order(fulfilment="cancelled", cancellation_fee=fee)

    await world.poll()
    await world.refund(payment.id)

    assert world.gateway.refunded_total() == world.slice()["refunded"] == back
    assert world.slice()["state"] == ("refunded" if back == TOTAL else "partly_refunded")
    assert len(world.gateway.refunds) == 1


@pytest.mark.parametrize("fee", [TOTAL, TOTAL + 1])
async def test_an_order_whose_fee_is_the_whole_payment_is_reconciled_once(world: World, fee: int) -> None:
    await world.paid()
    world.set_order(fulfilment="cancelled", cancellation_fee=fee)

    assert await _to_reconcile(world) == [ORDER]
    assert (await world.poll()).refunds_opened == 0

    assert await _to_reconcile(world) == []
    assert world.gateway.refunded_total() == 0
    assert world.slice()["state"] == "captured"


async def test_after_the_event_the_reconciler_finds_nothing(world: World) -> None:
    payment = await world.paid()
    world.cancel_order()
    world.gateway.next_refund = RefundState.PENDING
    await world.refund(payment.id)

    assert await _to_reconcile(world) == []
    assert (await world.poll()).refunds_opened == 0
    assert len(world.gateway.refunds) == 1


async def test_an_event_before_the_cancellation_does_not_hide_the_order_from_the_reconciler(
    world: World,
) -> None:
    payment = await world.paid()
    await world.refund(payment.id)
    world.cancel_order()

    assert (await world.poll()).refunds_opened == 1


async def test_a_capture_after_the_cancellation_is_refunded_without_any_event(world: World) -> None:
    payment = await world.start()
    world.cancel_order()
    world.gateway.pay(payment.link)
    await world.receive_all()

    await world.poll()

    assert world.slice()["state"] == "refunded"


async def test_a_duplicate_payment_is_refunded_without_any_event(world: World) -> None:
    first, second = await world.paid_twice()
    assert await _to_reconcile(world) == [first.id]

    assert (await world.poll()).refunds_opened == 1

    assert (await world.payment(first.id)).state is State.REFUNDED
    assert world.slice() == {"state": "captured", "payment_id": second.id, "captured": TOTAL, "refunded": 0}


async def test_an_unmatched_payment_is_refunded_without_any_event(world: World) -> None:
    payment = await world.start()
    world.gateway.pay(payment.link, Money(7))
    await world.receive_all()

    assert (await world.poll()).refunds_opened == 1
    assert (await world.poll()).refunds_opened == 0

    assert world.gateway.refunded_total() == 7


async def test_of_two_reconcilers_that_read_the_same_order_one_opens_the_refund(world: World) -> None:
    payment = await world.paid()
    world.cancel_order()

    opened = [
        await world.store.change(
            ORDER_REF,
            payment.id,
            lambda aggregate: refunds.reconcile(aggregate, "x", world.now),
            refund_ids=[refund_id(payment.id, 1)],
        )
        for _ in range(2)
    ]

    assert [refund is not None for refund in opened] == [True, False]


async def test_a_gateway_that_is_down_leaves_the_refund_to_the_next_batch(world: World) -> None:
    await world.paid()
    world.cancel_order()
    world.gateway.down.append("refund")
    with pytest.raises(GatewayUnavailable):
        await world.poll()

    world.wait(seconds=61)
    await world.poll()

    assert world.gateway.refunded_total() == TOTAL


async def test_an_order_stored_without_the_reconcilers_mark_is_refunded_by_its_event(world: World) -> None:
    payment = await world.paid()
    world.set_order(payment=world.slice(), fulfilment="cancelled")
    old = {name: value for name, value in world.order().items() if name != "cancellation_fee"}
    world.database.seed(f"orders/{ORDER}", old)
    bare = world.database.data(f"payments/{payment.id}")
    for field in ("reconcile_after", "original_payment_id", "unmatched_charge_ids"):
        del bare[field]
    world.database.seed(f"payments/{payment.id}", bare)

    assert (await world.poll()).refunds_opened == 0
    await world.refund(payment.id)

    assert world.slice()["state"] == "refunded"


async def test_an_order_that_cannot_be_reconciled_delays_no_other(world: World) -> None:
    await world.paid()
    world.cancel_order()
    lost = "ord_" + "0" * 32
    marked = {**world.order()["payment"], "payment_id": "pay_" + "0" * 32}
    world.database.seed(
        f"orders/{lost}", {**order_document(), "id": lost, "fulfilment": "cancelled", "payment": marked}
    )

    done = await world.poll()

    assert (done.refunds_opened, done.failed) == (1, 1)
    assert world.gateway.refunded_total() == TOTAL


async def test_a_refund_that_the_gateway_refuses_is_opened_once(world: World) -> None:
    paid = await world.paid()
    world.cancel_order()
    world.gateway.bills[paid.gateway_payment_id].refunded = TOTAL
    for _ in range(3):
        world.wait(minutes=1)
        assert (await world.poll()).failed == 1
    with pytest.raises(GatewayRefused):
        await world.refund(paid.id)

    assert len(world.database.collection("refunds")) == 1
