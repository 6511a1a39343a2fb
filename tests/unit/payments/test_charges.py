"""The gateway reports captures and failures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.kernel.subject import ChargeKind, SubjectRef
from shared.payments.domain import Charge, ChargeState, NotStoredYet, State
from shared.payments.ports import ChargeWebhook
from tests.unit.payments.world import MERCHANT, ORDER, ORDER_REF, TOTAL, UNKNOWN_ORDER, World

pytestmark = pytest.mark.mission("D1", "D4")


def _captured(world: World, **changes: object) -> ChargeWebhook:
    event = next(
        n
        for n in world.gateway.webhooks
        if isinstance(n, ChargeWebhook) and n.charge.state is ChargeState.CAPTURED
    )
    return replace(event, charge=replace(event.charge, **changes))  # type: ignore[arg-type]


async def test_a_capture_is_recorded_in_the_payment_and_the_order_and_published(world: World) -> None:
    payment = await world.paid()

    assert (payment.state, payment.captured, payment.due_at) == (State.CAPTURED, TOTAL, None)
    assert world.slice() == {"state": "captured", "payment_id": payment.id, "captured": TOTAL, "refunded": 0}
    assert world.timeline() == ["payment_started", "payment_captured"]
    [event] = world.bus.fields("payment_captured")
    assert event["order_id"] == ORDER
    assert event["amount"] == TOTAL
    assert event["merchant_id"] == MERCHANT
    assert event["order_cancelled"] is False


async def test_ten_deliveries_of_a_webhook_have_one_effect(world: World) -> None:
    payment = await world.paid()
    before = (await world.payment(payment.id), world.order())

    for _ in range(9):
        await world.receive_all()

    assert (await world.payment(payment.id), world.order()) == before
    assert world.bus.names() == ["payment_captured"]


async def test_an_authorisation_alone_changes_nothing(world: World) -> None:
    payment = await world.start()
    world.gateway.authorise(payment.link)
    await world.receive_all()

    assert await world.payment(payment.id) == payment


async def test_after_a_failure_the_order_can_be_paid_again(world: World) -> None:
    payment = await world.failed()

    failed = await world.payment(payment.id)
    assert (failed.state, failed.failure) == (State.FAILED, "payment_cancelled")
    assert world.slice()["state"] == "failed"
    assert world.timeline() == ["payment_started", "payment_failed"]


async def test_a_failure_that_is_reported_after_the_capture_is_ignored(world: World) -> None:
    payment = await world.start()
    world.gateway.decline(payment.link)
    world.gateway.pay(payment.link)
    failed, _, captured = world.gateway.webhooks

    await world.receive(captured, failed)

    assert (await world.payment(payment.id)).state is State.CAPTURED
    assert world.slice()["state"] == "captured"
    assert "payment_failed" not in world.timeline()


async def test_a_capture_after_a_failure_counts(world: World) -> None:
    payment = await world.start()
    world.gateway.decline(payment.link)
    world.gateway.pay(payment.link)

    await world.receive_all()

    captured = await world.payment(payment.id)
    assert (captured.state, captured.failure) == (State.CAPTURED, "")
    assert world.slice()["captured"] == TOTAL


async def test_the_capture_event_says_when_the_order_was_cancelled_before(world: World) -> None:
    payment = await world.start()
    world.cancel_order()
    world.gateway.pay(payment.link)
    await world.receive_all()

    [event] = world.bus.fields("payment_captured")
    assert event["order_cancelled"] is True


async def test_the_webhook_of_a_payment_that_is_not_stored_yet_must_be_repeated(world: World) -> None:
    payment = await world.start()
    world.gateway.pay(payment.link)
    unknown = replace(_captured(world), payment_id="pay_" + "0" * 32)

    with pytest.raises(NotStoredYet):
        await world.receive(unknown)


async def test_a_webhook_for_an_unknown_order_is_accepted_and_logged(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    payment = await world.start()
    world.gateway.pay(payment.link)

    await world.receive(replace(_captured(world), subject_ref=UNKNOWN_ORDER))

    assert "webhook_for_unknown_order" in [record.message for record in caplog.records]
    assert (await world.payment(payment.id)).state is State.PENDING


async def test_the_failure_of_an_attempt_that_was_never_stored_is_accepted(world: World) -> None:
    payment = await world.start()
    world.gateway.pay(payment.link)
    captured = _captured(world)
    failed = replace(captured.charge, state=ChargeState.FAILED)

    await world.receive(replace(captured, payment_id="pay_" + "0" * 32, charge=failed))

    assert (await world.payment(payment.id)).state is State.PENDING


async def test_a_payment_of_another_order_is_not_captured_for_this_one(world: World) -> None:
    payment = await world.start()
    world.gateway.pay(payment.link)
    other = "ord_" + "e" * 32
    world.database.seed(f"orders/{other}", {**world.order(), "id": other})

    with pytest.raises(NotStoredYet):
        await world.receive(replace(_captured(world), subject_ref=SubjectRef(ChargeKind.ORDER, other)))

    assert (await world.payment(payment.id)).state is State.PENDING


async def test_a_late_capture_of_an_old_attempt_pays_an_unpaid_order(world: World) -> None:
    first = await world.failed()
    await world.start()
    world.gateway.pay(first.link)

    await world.receive_all()

    assert world.slice() == {"state": "captured", "payment_id": first.id, "captured": TOTAL, "refunded": 0}


async def test_a_late_failure_of_an_old_attempt_does_not_change_the_new_one(world: World) -> None:
    first = await world.start()
    world.wait(minutes=16)
    second = await world.start()
    charge = Charge(first.gateway_payment_id, ChargeState.FAILED, first.amount, "payment_timed_out")

    await world.receive(ChargeWebhook(first.id, ORDER_REF, charge))

    assert world.slice()["payment_id"] == second.id
    assert world.slice()["state"] == "pending"


async def test_a_link_that_fails_after_an_old_attempt_paid_leaves_the_order_paid(world: World) -> None:
    first = await world.failed()
    second = await world.start()
    world.gateway.pay(first.link)
    world.gateway.decline(second.link)

    await world.receive_all()

    assert (await world.payment(second.id)).state is State.FAILED
    assert world.slice() == {"state": "captured", "payment_id": first.id, "captured": TOTAL, "refunded": 0}


async def test_of_two_captured_attempts_one_is_retained_and_the_other_refunded(
    world: World,
) -> None:
    first, second = await world.paid_twice()
    await world.deliver_events()

    assert world.slice() == {"state": "captured", "payment_id": second.id, "captured": TOTAL, "refunded": 0}
    assert (await world.payment(first.id)).state is State.REFUNDED
    assert world.gateway.captured() - world.gateway.refunded_total() == TOTAL
    assert world.bus.names().count("payment_captured") == 1
