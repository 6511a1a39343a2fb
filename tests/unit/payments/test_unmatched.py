"""Unmatched payments are refunded, and the order can still be paid."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from shared.kernel.money import Money
from shared.payments.domain import Charge, ChargeState, Payment, RefundState, State, unmatched_payment_id
from shared.payments.ports import ChargeWebhook
from tests.unit.payments.world import ORDER, ORDER_REF, TOTAL, World

OTHER_AMOUNTS = [Money(TOTAL - 1), Money(TOTAL + 1), Money(TOTAL, "USD")]


def _unmatched(world: World) -> list[dict[str, object]]:
    return [doc for doc in world.database.collection("payments").values() if doc["original_payment_id"]]


async def _paid_with(world: World, amount: Money) -> Payment:
    payment = await world.start()
    world.gateway.pay(payment.link, amount)
    await world.receive_all()
    return payment


@pytest.mark.parametrize("amount", OTHER_AMOUNTS, ids=str)
async def test_a_charge_of_another_amount_is_an_unmatched_payment_and_fails_the_attempt(
    world: World, amount: Money, caplog: pytest.LogCaptureFixture
) -> None:
    payment = await _paid_with(world, amount)

    failed = await world.payment(payment.id)
    assert (failed.state, failed.failure, failed.captured) == (State.FAILED, "charge_mismatch", 0)
    assert failed.due_at is None, "the state at the gateway is final"
    assert world.slice()["state"] == "failed"
    unmatched = await world.payment(unmatched_payment_id(payment.id, payment.gateway_payment_id))
    assert (unmatched.state, unmatched.captured, unmatched.amount) == (State.CAPTURED, amount.amount, amount)
    assert (unmatched.original_payment_id, unmatched.customer_id, unmatched.link) == (payment.id, "asha", "")
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == [
        "charge_mismatch"
    ]


async def test_the_event_names_the_captured_and_the_agreed_amount(world: World) -> None:
    payment = await _paid_with(world, Money(TOTAL + 1))

    [event] = world.bus.fields("unmatched_payment_captured")
    assert (event["amount"], event["currency"]) == (TOTAL + 1, "INR")
    assert (event["agreed_amount"], event["agreed_currency"]) == (TOTAL, "INR")
    assert (event["original_payment_id"], event["gateway_payment_id"]) == (
        payment.id,
        payment.gateway_payment_id,
    )
    assert world.timeline() == ["payment_started", "unmatched_payment_captured", "payment_failed"]


@pytest.mark.parametrize("amount", OTHER_AMOUNTS, ids=str)
async def test_all_of_it_is_refunded_and_the_next_attempt_pays_the_order(world: World, amount: Money) -> None:
    await _paid_with(world, amount)
    await world.deliver_events()
    assert world.gateway.refunded_total() == amount.amount
    assert [unmatched["state"] for unmatched in _unmatched(world)] == ["refunded"]

    second = await world.start()
    world.gateway.pay(second.link)
    await world.receive_all()

    assert second.attempt == 2
    assert world.slice() == {"state": "captured", "payment_id": second.id, "captured": TOTAL, "refunded": 0}
    assert world.gateway.captured() - world.gateway.refunded_total() == TOTAL


async def test_ten_concurrent_deliveries_refund_it_once(world: World) -> None:
    await _paid_with(world, Money(TOTAL + 1))

    await asyncio.gather(*(world.receive_all() for _ in range(9)))
    await asyncio.gather(*(world.deliver_events() for _ in range(9)))

    assert len(_unmatched(world)) == len(world.gateway.refunds) == 1
    assert world.bus.names().count("unmatched_payment_captured") == 1


async def test_a_second_charge_of_a_paid_payment_is_refunded_and_the_first_is_retained(world: World) -> None:
    payment = await world.paid()
    world.gateway.charge_again(payment.link)

    await world.receive_all()
    await world.deliver_events()

    retained = await world.payment(payment.id)
    assert (retained.state, retained.captured, retained.refunded) == (State.CAPTURED, TOTAL, 0)
    assert retained.gateway_payment_id == payment.gateway_payment_id
    assert world.slice() == {"state": "captured", "payment_id": payment.id, "captured": TOTAL, "refunded": 0}
    assert world.gateway.refunded_total() == TOTAL
    assert [refund.gateway_payment_id for refund, _ in world.gateway.refunds.values()] != [
        payment.gateway_payment_id
    ]


@pytest.mark.parametrize("amount", [100, TOTAL])
async def test_a_charge_that_is_not_the_links_own_is_refunded_and_leaves_the_link_open(
    world: World, amount: int
) -> None:
    """The reconciler asks about the link's own charge alone, so no other charge may pay the link."""
    payment = await world.start()
    world.gateway.charge_again(payment.link, Money(amount))
    await world.receive_all()
    assert (await world.payment(payment.id)).state is State.PENDING
    world.gateway.pay(payment.link)

    world.wait(seconds=61)
    await world.poll()
    await world.deliver_events()

    retained = await world.payment(payment.id)
    assert (retained.captured, retained.gateway_payment_id) == (TOTAL, payment.gateway_payment_id)
    assert world.gateway.refunded_total() == amount


async def test_the_first_reported_amount_of_a_charge_counts(world: World) -> None:
    """A gateway that reports another amount later moves no money a second time."""
    payment = await _paid_with(world, Money(TOTAL - 1))
    event = [n for n in world.gateway.webhooks if isinstance(n, ChargeWebhook)][-1]

    await world.receive(replace(event, charge=replace(event.charge, amount=Money(TOTAL))))
    await world.receive(replace(event, charge=replace(event.charge, amount=Money(TOTAL * 9))))

    assert (await world.payment(payment.id)).captured == 0
    assert [unmatched["captured"] for unmatched in _unmatched(world)] == [TOTAL - 1]


@pytest.mark.parametrize("amount", [0, -TOTAL])
async def test_a_charge_of_zero_refunds_nothing_and_still_ends_the_attempt(world: World, amount: int) -> None:
    payment = await world.start()
    world.gateway.pay(payment.link)
    event = [n for n in world.gateway.webhooks if isinstance(n, ChargeWebhook)][-1]

    await world.receive(replace(event, charge=replace(event.charge, amount=Money(amount))))
    await world.deliver_events()

    assert (await world.payment(payment.id)).state is State.FAILED
    assert _unmatched(world) == []
    assert world.gateway.refunds == {}


async def test_an_unmatched_charge_of_a_failed_attempt_is_refunded_too(world: World) -> None:
    payment = await world.start()
    world.gateway.decline(payment.link)
    world.gateway.pay(payment.link, Money(1))

    await world.receive_all()
    await world.deliver_events()

    assert (await world.payment(payment.id)).failure == "payment_cancelled"
    assert world.gateway.refunded_total() == 1
    assert world.timeline().count("payment_failed") == 1


async def test_the_reconciler_finds_an_unmatched_charge_whose_webhook_is_lost(world: World) -> None:
    payment = await world.start()
    world.gateway.pay(payment.link, Money(TOTAL + 5))

    for _ in range(3):
        world.wait(seconds=61)
        await world.poll()

    assert world.gateway.refunded_total() == TOTAL + 5
    assert world.gateway.calls.count("fetch") == 1


async def test_a_webhook_ends_the_refund_of_an_unmatched_payment(world: World) -> None:
    payment = await _paid_with(world, Money(TOTAL + 1))
    world.gateway.next_refund = RefundState.PENDING
    await world.deliver_events()
    assert world.gateway.bills[payment.gateway_payment_id].charge.state is ChargeState.CAPTURED

    world.gateway.finish_refund(next(iter(world.gateway.refunds)), RefundState.PROCESSED)
    await world.receive_all()

    assert [unmatched["state"] for unmatched in _unmatched(world)] == ["refunded"]
    [event] = world.bus.fields("payment_refunded")
    assert (event["order_id"], event["amount"]) == (ORDER, TOTAL + 1)
    assert world.slice()["refunded"] == 0, "the slice holds the order's own payment"


async def test_the_failure_of_another_charge_leaves_the_link_open(world: World) -> None:
    payment = await world.start()
    charge = Charge("pay_another", ChargeState.FAILED, payment.amount, "payment_cancelled")

    await world.receive(ChargeWebhook(payment.id, ORDER_REF, charge))

    assert (await world.payment(payment.id)).state is State.PENDING
    assert world.slice()["state"] == "pending"
