"""The contract of `TipStore`, and of the slice of a tip that payments writes, on each database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from shared.adapters.firestore.payments import FirestorePayments
from shared.adapters.firestore.tips import FirestoreTips
from shared.kernel.decision import Decision
from shared.kernel.order import Fulfilment, PaymentState
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.orders.domain import OrderNotFound
from shared.orders.tips.domain import MAX_TIP_RECORDS, MAX_TIPS, PAYMENT_WINDOW, Tip, TooManyTips
from shared.orders.tips.usecases.tip_driver import TipDriver, tip_driver
from shared.payments.aggregate import PaymentAggregate
from shared.payments.events import TipPaid
from shared.payments.subjects import PaymentSlice, TipNotFound
from tests import builders
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID
from tests.contract.money import PAID, payment
from tests.contract.stores import Ground

pytestmark = pytest.mark.mission("C8")


@pytest.fixture
async def tips(ground: Ground) -> FirestoreTips:
    await ground.put(f"orders/{ORDER_ID}", builders.order(Fulfilment.DELIVERED, driver=DRIVER))
    return FirestoreTips(ground.documents)


async def create(tips: FirestoreTips, amount: int, now: datetime = NOW) -> Tip:
    return await tip_driver(TipDriver(CUSTOMER, ORDER_ID, amount), tips=tips, now=now, idempotency=None)


async def test_tips_are_read_with_their_order_oldest_first(tips: FirestoreTips) -> None:
    made = [await create(tips, amount) for amount in (100, 900, 500)]
    order, given = await tips.list_of_order(ORDER_ID)
    assert (order.id, list(given)) == (ORDER_ID, made)


async def test_concurrent_tips_are_distinct_up_to_the_limit(tips: FirestoreTips) -> None:
    outcomes = await asyncio.gather(*(create(tips, 100 + n) for n in range(8)), return_exceptions=True)
    made = [outcome for outcome in outcomes if isinstance(outcome, Tip)]
    assert sum(isinstance(outcome, TooManyTips) for outcome in outcomes) == 8 - MAX_TIPS
    assert {one.id for one in made} == {one.id for one in (await tips.list_of_order(ORDER_ID))[1]}


async def test_expired_tips_make_room_for_others_up_to_the_limit_of_records(
    tips: FirestoreTips,
) -> None:
    given = [await create(tips, 100 + n, NOW + n * PAYMENT_WINDOW) for n in range(MAX_TIP_RECORDS)]
    with pytest.raises(TooManyTips):
        await create(tips, 900, NOW + MAX_TIP_RECORDS * PAYMENT_WINDOW)

    found = (await tips.list_of_order(ORDER_ID))[1]
    assert [one.id for one in found] == [one.id for one in given]
    states = [Fulfilment.FAILED] * (MAX_TIP_RECORDS - 1) + [Fulfilment.PLACED]
    assert [one.fulfilment for one in found] == states


async def test_an_unknown_order_has_no_tips(tips: FirestoreTips) -> None:
    with pytest.raises(OrderNotFound):
        await tips.list_of_order("ord_unknown")


async def test_payments_writes_its_slice_and_the_timeline_of_a_tip_and_not_the_order(
    ground: Ground, tips: FirestoreTips
) -> None:
    made, before = await create(tips, 900), await ground.data(f"orders/{ORDER_ID}")
    store, ref = FirestorePayments(ground.documents), SubjectRef(ChargeKind.TIP, made.id)

    def capture(aggregate: PaymentAggregate) -> Decision[PaymentAggregate, None]:
        kept = PaymentSlice(PaymentState.CAPTURED, PAID, 900)
        event = TipPaid(
            id="evt_1",
            at=NOW,
            actor="gateway",
            order_id=aggregate.subject.order_id,
            subject_ref=aggregate.subject.ref,
            payment_id=PAID,
            customer_id=CUSTOMER,
            driver_id=aggregate.subject.driver_id,
            amount=900,
            currency="INR",
        )
        paid = payment(subject_ref=ref)
        return Decision(
            replace(aggregate, subject=replace(aggregate.subject, payment=kept), payment=paid), (event,), None
        )

    await store.change(ref, PAID, capture)

    _, [stored] = await tips.list_of_order(ORDER_ID)
    assert (stored.payment.state, stored.payment.captured) == (PaymentState.CAPTURED, 900)
    assert [entry.type for entry in stored.timeline] == ["tip_paid"]
    assert (await store.load(ref)).subject.driver_id == DRIVER
    assert await ground.data(f"orders/{ORDER_ID}") == before
    with pytest.raises(TipNotFound):
        await store.load(SubjectRef(ChargeKind.TIP, "tip_unknown"))
