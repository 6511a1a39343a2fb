"""The contract of `PaymentStore`, on each database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from shared.adapters.firestore.payments import FirestorePayments
from shared.kernel.decision import Decision
from shared.kernel.errors import WrongState
from shared.kernel.event import event_id
from shared.kernel.idempotency import AlreadyAnswered, IdempotencyKeyReused
from shared.kernel.order import Fulfilment, PaymentState
from shared.payments.aggregate import PaymentAggregate
from shared.payments.domain import RefundState, State, payment_id, refund_id
from shared.payments.events import PaymentCaptured, PaymentStarted
from shared.payments.subjects import ChargeSubject, OrderNotFound, PaymentSlice
from tests import builders
from tests.builders import CUSTOMER, NOW, ORDER_ID
from tests.contract.money import BACK, ORDER_REF, PAID, PRICE, payment, refund
from tests.contract.stores import Ground, idempotency


def capture(aggregate: PaymentAggregate) -> Decision[PaymentAggregate, str]:
    """Record a capture in the attempt and the order's slice, with two events; raise if there is one."""
    if aggregate.subject.payment.captured:
        raise WrongState
    fields: Any = {
        "at": NOW,
        "actor": "gateway",
        "order_id": ORDER_ID,
        "subject_ref": ORDER_REF,
        "payment_id": PAID,
    }
    started = PaymentStarted(id=event_id(PAID, "started"), **fields)
    captured = PaymentCaptured(
        id=event_id(PAID, "captured"),
        customer_id=CUSTOMER,
        merchant_id="mer_1",
        amount=PRICE.amount,
        currency=PRICE.currency,
        order_cancelled=False,
        **fields,
    )
    after = replace(
        aggregate,
        subject=replace(aggregate.subject, payment=PaymentSlice(PaymentState.CAPTURED, PAID, PRICE.amount)),
        payment=replace(aggregate.payment or payment(), state=State.CAPTURED, captured=PRICE.amount),
    )
    return Decision(after, [started, captured], PAID)


def add_refund(aggregate: PaymentAggregate) -> Decision[PaymentAggregate, RefundState]:
    """Add the refund unless it exists."""
    if BACK in aggregate.refunds:
        return Decision(aggregate, [], RefundState.PROCESSED)
    return Decision(aggregate.with_refund(refund()), [], RefundState.PENDING)


@pytest.fixture
def store(ground: Ground) -> FirestorePayments:
    return FirestorePayments(ground.documents)


@pytest.fixture
async def ordered(ground: Ground) -> None:
    """Store an order that is not paid yet."""
    await ground.put(f"orders/{ORDER_ID}", builders.order(payment=PaymentState.NONE))


async def test_an_unknown_order_has_no_aggregate(ground: Ground, store: FirestorePayments) -> None:
    with pytest.raises(OrderNotFound):
        await store.load(ORDER_REF)
    with pytest.raises(OrderNotFound):
        await store.change(ORDER_REF, PAID, capture)
    assert await store.find(PAID) is None
    assert await ground.ids("payments") == []


async def test_the_aggregate_holds_the_attempt_that_the_order_names(
    ground: Ground, store: FirestorePayments
) -> None:
    other = payment(id=payment_id(ORDER_REF, 2), attempt=2)
    await ground.put(f"payments/{PAID}", payment())
    await ground.put(f"payments/{other.id}", other)
    unpaid = builders.order(payment=PaymentState.NONE)
    await ground.put(f"orders/{ORDER_ID}", replace(unpaid, payment=replace(unpaid.payment, payment_id=None)))
    assert (await store.load(ORDER_REF)).payment is None

    await ground.put(
        f"orders/{ORDER_ID}", replace(unpaid, payment=replace(unpaid.payment, payment_id=other.id))
    )
    aggregate = await store.load(ORDER_REF)
    assert (aggregate.payment, aggregate.subject.price, aggregate.refunds) == (other, PRICE, {})


async def test_a_change_stores_payment_and_slice_and_publishes_the_events(
    ground: Ground, store: FirestorePayments, ordered: None
) -> None:
    before = await ground.data(f"orders/{ORDER_ID}")
    assert await store.change(ORDER_REF, PAID, capture) == PAID

    assert await store.find(PAID) == payment(state=State.CAPTURED, captured=PRICE.amount)
    after = await ground.data(f"orders/{ORDER_ID}")
    assert before
    assert after
    assert (after["payment"]["state"], after["payment"]["captured"]) == ("captured", PRICE.amount)
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed <= {"payment", "timeline", "version", "updated_at"}, "other contexts own the rest"
    assert await ground.timeline(ORDER_ID) == ["payment_started", "payment_captured"]
    assert ground.bus.names() == ["payment_captured"]
    assert await ground.ids("outbox") == []


async def test_of_many_concurrent_captures_one_is_stored(
    ground: Ground, store: FirestorePayments, ordered: None
) -> None:
    tries = (store.change(ORDER_REF, PAID, capture) for _ in range(5))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [outcome for outcome in outcomes if not isinstance(outcome, WrongState)] == [PAID]
    assert ground.bus.names() == ["payment_captured"]


async def test_a_decision_over_outdated_documents_is_repeated_over_the_current_ones(
    ground: Ground, store: FirestorePayments, ordered: None
) -> None:
    ground.database.overtake(f"orders/{ORDER_ID}", fulfilment="cancelled")
    seen: list[Fulfilment] = []

    def decide(aggregate: PaymentAggregate) -> Decision[PaymentAggregate, str]:
        seen.append(aggregate.subject.fulfilment)
        return capture(aggregate)

    await store.change(ORDER_REF, PAID, decide)
    assert seen == [Fulfilment.PLACED, Fulfilment.CANCELLED]
    assert (await ground.data(f"orders/{ORDER_ID}") or {})["fulfilment"] == "cancelled"


async def test_a_decision_that_raises_stores_nothing(
    ground: Ground, store: FirestorePayments, ordered: None
) -> None:
    def refuse(_: PaymentAggregate) -> Decision[PaymentAggregate, None]:
        raise WrongState

    before = await ground.data(f"orders/{ORDER_ID}")
    with pytest.raises(WrongState):
        await store.change(ORDER_REF, PAID, refuse, refund_ids=[BACK])
    assert await ground.data(f"orders/{ORDER_ID}") == before
    assert await ground.ids("payments") == await ground.ids("refunds") == []


async def test_two_concurrent_changes_create_one_refund(
    ground: Ground, store: FirestorePayments, ordered: None
) -> None:
    tries = (store.change(ORDER_REF, PAID, add_refund, refund_ids=[BACK]) for _ in range(2))
    assert sorted(await asyncio.gather(*tries)) == [RefundState.PENDING, RefundState.PROCESSED]
    assert await ground.ids("refunds") == [BACK]


async def test_a_decision_reads_and_changes_the_named_refunds(
    ground: Ground, store: FirestorePayments, ordered: None
) -> None:
    unknown = refund_id(PAID, 2)
    await ground.put(f"refunds/{BACK}", refund())
    seen: list[PaymentAggregate] = []

    def decide(aggregate: PaymentAggregate) -> Decision[PaymentAggregate, None]:
        seen.append(aggregate)
        return Decision(aggregate.with_refund(refund(state=RefundState.PROCESSED)), [], None)

    for _ in range(2):
        await store.change(ORDER_REF, PAID, decide, refund_ids=[BACK, unknown])
    assert [dict(aggregate.refunds) for aggregate in seen] == [
        {BACK: refund()},
        {BACK: refund(state=RefundState.PROCESSED)},
    ]


async def test_an_idempotency_key_pays_once_and_is_checked_on_load(
    ground: Ground, store: FirestorePayments, ordered: None
) -> None:
    request = idempotency(lambda paid: {"id": paid})
    assert (await store.load(ORDER_REF, request)).payment is None
    await store.change(ORDER_REF, PAID, capture, idempotency=request)

    for again in (
        store.load(ORDER_REF, request),
        store.change(ORDER_REF, PAID, capture, idempotency=request),
    ):
        with pytest.raises(AlreadyAnswered) as answered:
            await again
        assert answered.value.answer == {"id": PAID}
    with pytest.raises(IdempotencyKeyReused):
        await store.load(ORDER_REF, idempotency(lambda paid: {"id": paid}, "another body"))


async def test_an_order_is_loaded_as_a_charge_subject(store: FirestorePayments, ordered: None) -> None:
    order = (await store.load(ORDER_REF)).subject
    assert isinstance(order, ChargeSubject)
    assert (order.customer_id, order.merchant_id, order.fulfilment) == (
        CUSTOMER,
        "mer_1",
        Fulfilment.PLACED,
    )
