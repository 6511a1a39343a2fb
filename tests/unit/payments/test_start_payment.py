"""A customer starts a payment."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from shared.kernel.idempotency import AlreadyAnswered, IdempotencyKeyReused, IdempotentRequest
from shared.kernel.order import Fulfilment
from shared.payments import charges
from shared.payments.domain import GatewayUnavailable, PaymentDeclined, PaymentInProgress, State, payment_id
from shared.payments.subjects import CLOSED, AlreadyPaid, OrderClosed, OrderNotFound
from tests.unit.payments.world import ORDER_REF, TOTAL, UNKNOWN_ORDER, Death, World

pytestmark = pytest.mark.mission("D1")


def _once(id_: str = "idm_1", fingerprint: str = "f") -> IdempotentRequest:
    return IdempotentRequest(id_, fingerprint, lambda payment: {"id": payment.id})


async def test_the_amount_is_the_orders_total_and_the_gateway_receives_our_ids(world: World) -> None:
    payment = await world.start()

    [bill] = world.gateway.bills.values()
    assert (bill.request.amount.amount, bill.request.amount.currency) == (TOTAL, "INR")
    assert (bill.request.payment_id, bill.request.subject_ref) == (payment.id, ORDER_REF)
    assert payment.link == bill.intent.link


async def test_a_started_payment_is_in_the_order_and_its_timeline_but_is_not_published(
    world: World,
) -> None:
    payment = await world.start()

    assert world.slice() == {"state": "pending", "payment_id": payment.id, "captured": 0, "refunded": 0}
    assert world.timeline() == ["payment_started"]
    assert world.bus.messages == []
    assert world.order()["assignment"] == {"state": "none", "attempt": 0}


async def test_the_order_of_another_customer_is_as_unknown_as_no_order(world: World) -> None:
    with pytest.raises(OrderNotFound):
        await world.start(uid="mallory")
    with pytest.raises(OrderNotFound):
        await world.start(subject_ref=UNKNOWN_ORDER)

    assert world.gateway.bills == {}


@pytest.mark.parametrize("fulfilment", sorted(CLOSED))
async def test_an_order_that_has_ended_cannot_be_paid(world: World, fulfilment: Fulfilment) -> None:
    world.set_order(fulfilment=fulfilment.value)

    with pytest.raises(OrderClosed):
        await world.start()

    assert world.gateway.calls == []


async def test_a_paid_order_is_not_paid_again(world: World) -> None:
    await world.paid()

    with pytest.raises(AlreadyPaid):
        await world.start()

    assert len(world.gateway.bills) == 1


async def test_a_refunded_order_is_not_paid_again(world: World) -> None:
    payment = await world.paid()
    world.cancel_order()
    await world.refund(payment.id)

    with pytest.raises(AlreadyPaid):
        await world.start()


async def test_a_second_click_gets_the_same_link_and_the_gateway_is_not_asked(world: World) -> None:
    first = await world.start()
    calls = len(world.gateway.calls)

    assert await world.start() == first
    assert len(world.gateway.calls) == calls


async def test_ten_concurrent_requests_get_one_link(world: World) -> None:
    payments = await asyncio.gather(*(world.start(idempotency=_once(f"idm_{n}")) for n in range(10)))

    assert len({(payment.id, payment.link) for payment in payments}) == 1
    assert len(world.gateway.bills) == 1
    assert world.timeline() == ["payment_started"]


async def test_a_repeated_request_gets_the_first_response_even_after_the_order_was_paid(world: World) -> None:
    payment = await world.start(idempotency=_once())
    world.gateway.pay(payment.link)
    await world.receive_all()

    with pytest.raises(AlreadyAnswered) as replayed:
        await world.start(idempotency=_once())

    assert replayed.value.answer == {"id": payment.id}


async def test_the_same_key_for_another_request_is_refused(world: World) -> None:
    await world.start(idempotency=_once())

    with pytest.raises(IdempotencyKeyReused):
        await world.start(idempotency=_once(fingerprint="g"))


@pytest.mark.parametrize("fault", ["down", "lost"])
async def test_after_a_gateway_failure_the_order_can_still_be_paid(world: World, fault: str) -> None:
    getattr(world.gateway, fault).append("create_intent")

    with pytest.raises(GatewayUnavailable):
        await world.start(idempotency=_once())
    assert world.slice()["state"] == "none"
    assert world.database.collection("payments") == {}

    payment = await world.start(idempotency=_once())
    assert payment.id == payment_id(ORDER_REF, 1)
    assert len(world.gateway.bills) == 1


async def test_a_declined_request_is_a_failed_attempt_and_the_order_can_still_be_paid(world: World) -> None:
    world.gateway.declines = 1

    with pytest.raises(PaymentDeclined):
        await world.start()
    declined = await world.payment(payment_id(ORDER_REF, 1))
    assert (declined.state, declined.failure, declined.due_at) == (State.FAILED, "declined", None)
    assert world.slice()["state"] == "failed"
    assert world.timeline() == ["payment_failed"]

    assert (await world.start()).attempt == 2


async def test_a_decline_does_not_undo_the_attempt_of_a_concurrent_request(world: World) -> None:
    payment = await world.start()

    await world.store.change(ORDER_REF, payment.id, lambda aggregate: charges.decline(aggregate, payment))

    assert await world.payment(payment.id) == payment
    assert world.slice()["state"] == "pending"


@pytest.mark.parametrize("after", [False, True])
async def test_a_retry_finds_one_payment_wherever_the_process_died(after: bool) -> None:
    for step in count(1):
        world = World()
        world.database.dies_in, world.database.after = step, after
        try:
            await world.start(idempotency=_once())
        except Death:
            await _start_again(world)
        else:
            assert step > 2, "nothing was interrupted"
            return


async def _start_again(world: World) -> None:
    try:
        payment = await world.start(idempotency=_once())
    except AlreadyAnswered as answered:
        payment = await world.payment(answered.answer["id"])
    assert list(world.database.collection("payments")) == [payment.id]
    assert len(world.gateway.bills) == 1
    assert world.timeline() == ["payment_started"]


async def test_after_a_failure_the_next_attempt_has_another_link(world: World) -> None:
    first = await world.failed()

    second = await world.start()

    assert (first.attempt, second.attempt) == (1, 2)
    assert second.id == payment_id(ORDER_REF, 2)
    assert second.link != first.link
    assert world.slice()["payment_id"] == second.id


async def test_an_expired_link_without_money_fails_before_the_next_link_is_created(world: World) -> None:
    first = await world.start()
    world.wait(minutes=16)

    second = await world.start()

    assert second.attempt == 2
    expired = await world.payment(first.id)
    assert (expired.state, expired.failure) == (State.FAILED, "expired")


async def test_the_capture_of_an_expired_link_is_recorded_instead_of_charging_again(world: World) -> None:
    first = await world.start()
    world.gateway.pay(first.link)
    world.wait(minutes=16)

    with pytest.raises(AlreadyPaid):
        await world.start()

    assert world.slice()["state"] == "captured"
    assert len(world.gateway.bills) == 1


async def test_no_second_link_is_created_while_the_bank_decides_on_an_expired_one(world: World) -> None:
    first = await world.start()
    world.gateway.authorise(first.link)
    world.wait(minutes=16)

    with pytest.raises(PaymentInProgress):
        await world.start()

    assert len(world.gateway.bills) == 1


async def test_no_second_link_is_created_while_the_state_of_the_expired_one_is_unknown(
    world: World,
) -> None:
    first = await world.start()
    world.wait(minutes=16)
    world.gateway.down.append("fetch")

    with pytest.raises(GatewayUnavailable):
        await world.start()

    assert (await world.payment(first.id)).state is State.PENDING


async def test_no_second_link_is_created_while_the_bank_decides_on_a_failed_one(world: World) -> None:
    first = await world.failed()
    world.gateway.authorise(first.link)

    with pytest.raises(PaymentInProgress):
        await world.start()

    assert len(world.gateway.bills) == 1


async def test_the_capture_of_a_failed_link_is_recorded_instead_of_charging_again(
    world: World,
) -> None:
    first = await world.failed()
    world.gateway.pay(first.link)

    with pytest.raises(AlreadyPaid):
        await world.start()

    assert (await world.payment(first.id)).state is State.CAPTURED
    assert len(world.gateway.bills) == 1


async def test_no_second_link_is_created_while_the_state_of_a_failed_one_is_unknown(
    world: World,
) -> None:
    await world.failed()
    world.gateway.down.append("fetch")

    with pytest.raises(GatewayUnavailable):
        await world.start()

    assert len(world.gateway.bills) == 1
