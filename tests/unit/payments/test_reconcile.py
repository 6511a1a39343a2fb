"""The reconciler finds the state of every payment when all webhooks are lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.kernel.subject import ChargeKind, SubjectRef
from shared.payments import charges, refunds
from shared.payments.domain import LATE_MONEY, GatewayUnavailable, RefundState, State
from tests.unit.payments.world import TOTAL, World, order_document

pytestmark = pytest.mark.mission("D4")


async def test_a_capture_is_found_within_two_minutes_without_any_webhook(world: World) -> None:
    payment = await world.start()
    await world.poll()
    assert "fetch" not in world.gateway.calls, "a new payment has time for its webhook"
    world.gateway.pay(payment.link)

    world.wait(seconds=61)
    await world.poll()

    assert world.slice()["state"] == "captured"
    assert world.bus.names() == ["payment_captured"]


async def test_a_failure_is_found_without_any_webhook(world: World) -> None:
    payment = await world.start()
    world.gateway.decline(payment.link)

    world.wait(seconds=61)
    await world.poll()

    assert (await world.payment(payment.id)).failure == "payment_cancelled"


async def test_an_unused_link_fails_when_it_expires(world: World) -> None:
    payment = await world.start()

    for _ in range(14):
        world.wait(seconds=61)
        await world.poll()
        assert (await world.payment(payment.id)).state is State.PENDING
    world.wait(seconds=61)
    await world.poll()

    assert (await world.payment(payment.id)).failure == "expired"
    assert world.slice()["state"] == "failed"


async def test_a_late_capture_of_a_failed_payment_is_found(world: World) -> None:
    payment = await world.failed()
    world.gateway.pay(payment.link)

    world.wait(minutes=2)
    await world.poll()

    assert world.slice()["state"] == "captured"


async def test_a_failed_payment_is_checked_at_growing_intervals_until_the_checks_stop(world: World) -> None:
    payment = await world.failed()

    end = world.now + LATE_MONEY + timedelta(days=2)
    while world.now < end:
        world.wait(minutes=30)
        await world.poll()

    assert world.gateway.calls.count("fetch") < 40
    assert (await world.payment(payment.id)).due_at is None


async def test_a_captured_payment_is_not_checked(world: World) -> None:
    await world.paid()
    world.wait(days=1)

    assert (await world.poll()).checked == 0


@pytest.mark.parametrize("fault", ["down", "lost"])
async def test_a_refund_whose_request_failed_is_sent_again(world: World, fault: str) -> None:
    payment = await world.paid()
    world.cancel_order()
    getattr(world.gateway, fault).append("refund")
    with pytest.raises(GatewayUnavailable):
        await world.refund(payment.id)

    world.wait(seconds=61)
    await world.poll()

    assert (await world.payment(payment.id)).state is State.REFUNDED
    assert len(world.gateway.refunds) == 1


async def test_a_pending_refund_is_checked_until_it_ends(world: World) -> None:
    payment = await world.paid()
    world.cancel_order()
    world.gateway.next_refund = RefundState.PENDING
    await world.refund(payment.id)
    world.wait(seconds=61)
    await world.poll()
    assert (await world.payment(payment.id)).refunding == TOTAL

    world.gateway.finish_refund(next(iter(world.gateway.refunds)), RefundState.PROCESSED)
    world.wait(seconds=61)
    await world.poll()

    assert (await world.payment(payment.id)).state is State.REFUNDED


async def test_of_two_reconcilers_that_read_the_same_payment_one_leases_it(world: World) -> None:
    await world.start()
    world.wait(seconds=61)
    [seen] = (await world.store.due_payments(world.now, 10)).items

    won = [
        await world.store.change(
            seen.subject_ref, seen.id, lambda aggregate: charges.lease(aggregate, seen, world.now)
        )
        for _ in range(2)
    ]

    assert won == [True, False]
    assert (await world.poll()).checked == 0


async def test_of_two_reconcilers_that_read_the_same_refund_one_leases_it(world: World) -> None:
    payment = await world.paid()
    world.cancel_order()
    world.gateway.next_refund = RefundState.PENDING
    await world.refund(payment.id)
    world.wait(seconds=61)
    [seen] = (await world.store.due_refunds(world.now, 10)).items

    won = [
        await world.store.change(
            seen.subject_ref,
            seen.payment_id,
            lambda aggregate: refunds.lease(aggregate, seen, world.now),
            refund_ids=[seen.id],
        )
        for _ in range(2)
    ]

    assert won == [True, False]
    assert (await world.poll()).checked == 0


async def test_a_gateway_that_is_down_fails_the_batch_and_the_next_one_continues(world: World) -> None:
    payment = await world.start()
    world.gateway.pay(payment.link)
    world.gateway.down.append("fetch")
    world.wait(seconds=61)

    with pytest.raises(GatewayUnavailable):
        await world.poll()
    world.wait(seconds=61)
    await world.poll()

    assert world.slice()["state"] == "captured"


async def test_a_refused_refund_delays_no_other_item(world: World) -> None:
    refused = await world.paid()
    world.cancel_order()
    world.gateway.bills[refused.gateway_payment_id].refunded = TOTAL
    world.gateway.down.append("refund")
    with pytest.raises(GatewayUnavailable):
        await world.refund(refused.id)
    other = "ord_" + "c" * 32
    world.database.seed(f"orders/{other}", {**order_document(), "id": other})
    world.wait(seconds=1)
    pending = await world.start(subject_ref=SubjectRef(ChargeKind.ORDER, other))
    world.gateway.pay(pending.link)

    world.wait(seconds=70)
    assert (await world.poll()).checked == 2

    assert (await world.payment(pending.id)).state is State.CAPTURED
    assert (await world.payment(refused.id)).state is State.REFUNDING
