"""Whatever the order, repetition and loss of webhooks and events: one payment is retained, none is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.errors import DomainError, Unavailable
from shared.kernel.money import Money
from shared.kernel.subject import SubjectRef
from shared.payments.domain import ChargeState, RefundState
from shared.payments.ports import ChargeWebhook, WebhookEvent
from tests.unit.payments.world import ORDER_REF, TIP_REF, TOTAL, World

SUBJECTS = st.sampled_from([ORDER_REF, TIP_REF])


async def deliver_webhooks(world: World, webhooks: Sequence[WebhookEvent]) -> None:
    """Deliver webhooks; repeat a refused one after the others, as the provider does."""
    waiting = list(webhooks)
    for _ in range(len(waiting) ** 2 + 1):
        if not waiting:
            return
        event = waiting.pop(0)
        try:
            await world.receive(event)
        except Unavailable:
            waiting.append(event)


def outcome(world: World) -> dict[str, Any]:
    """Return the stored state without times and without the order of the timeline."""
    payments = world.database.collection("payments")
    for payment in payments.values():
        del payment["_changes"], payment["due_at"], payment["reconcile_after"]
    refunds = {id_: refund["state"] for id_, refund in world.database.collection("refunds").items()}
    return {"payments": payments, "refunds": refunds, "slice": world.slice()}


async def _history(order: Sequence[int], cancelled: bool, ref: SubjectRef) -> World:
    """Return a world with one attempt that failed and was then captured; `order` orders its webhooks."""
    world = World(subject_ref=ref)
    payment = await world.start()
    if cancelled:
        world.cancel_order()
    world.gateway.decline(payment.link)
    world.gateway.pay(payment.link)
    webhooks = world.gateway.webhooks
    await deliver_webhooks(world, [webhooks[index] for index in order])
    await deliver_webhooks(world, webhooks)
    await world.deliver_events()
    await deliver_webhooks(
        world, [world.gateway.webhooks[index % len(world.gateway.webhooks)] for index in order]
    )
    return world


@given(st.lists(st.integers(0, 2), max_size=12), st.booleans(), SUBJECTS)
def test_any_order_and_repetition_of_webhooks_ends_in_the_same_state(
    order: list[int], cancelled: bool, ref: SubjectRef
) -> None:
    cancelled = cancelled and ref == ORDER_REF

    async def run() -> None:
        plain, mixed = await _history([], cancelled, ref), await _history(order, cancelled, ref)
        assert outcome(mixed) == outcome(plain)
        assert sorted(set(mixed.bus.names())) == sorted(set(plain.bus.names()))
        assert len(mixed.bus.names()) == len(set(mixed.bus.names()))

    asyncio.run(run())


async def _pay(world: World, index: int) -> None:
    world.gateway.pay(_link(world, index))


async def _pay_other_amount(world: World, index: int) -> None:
    world.gateway.pay(_link(world, index), Money(TOTAL + 3 - index))


async def _charge_again(world: World, index: int) -> None:
    world.gateway.charge_again(_link(world, index), Money(TOTAL + index % 2))


async def _decline(world: World, index: int) -> None:
    world.gateway.decline(_link(world, index))


def _link(world: World, index: int) -> str:
    """Return one of the links that the customer has received."""
    stored = world.database.collection("payments")
    bills = [bill for bill in world.gateway.bills.values() if bill.request.payment_id in stored]
    return bills[index % len(bills)].intent.link


async def _cancel(world: World, index: int) -> None:
    """Cancel the order; the fee is at most what is not due for refund anyway."""
    order = world.order()
    if world.subject_ref == ORDER_REF and order["fulfilment"] != "cancelled":
        fee = min(index * 8_000, TOTAL - order.get("refund_due", 0)) if order["payment"]["captured"] else 0
        world.set_order(fulfilment="cancelled", cancellation_fee=fee)


async def _owe(world: World, index: int) -> None:
    """Let items of the order be unavailable."""
    order = world.order()
    if world.subject_ref == ORDER_REF and order["payment"]["captured"] and order["fulfilment"] != "cancelled":
        world.set_refund_due(min(TOTAL - 1, order.get("refund_due", 0) + 1 + index * 3_000))


async def _receive(world: World, index: int) -> None:
    if world.gateway.webhooks:
        await world.receive(world.gateway.webhooks[index % len(world.gateway.webhooks)])


async def _wait(world: World, index: int) -> None:
    world.wait(minutes=(1, 16)[index % 2])


async def _next_refund(world: World, index: int) -> None:
    world.gateway.next_refund = (RefundState.PENDING, RefundState.FAILED)[index % 2]


async def _finish_refunds(world: World, index: int) -> None:
    _finish_pending(world, (RefundState.PROCESSED, RefundState.FAILED)[index % 2])


async def _break(world: World, index: int) -> None:
    faults = (world.gateway.lost, world.gateway.down)[index % 2]
    faults.append(("create_intent", "fetch", "refund", "fetch_refund")[index // 2 % 4])


ACTIONS: dict[str, Callable[[World, int], Awaitable[object]]] = {
    "start": lambda world, _: world.start(),
    "pay": _pay,
    "pay other amount": _pay_other_amount,
    "charge again": _charge_again,
    "decline": _decline,
    "cancel": _cancel,
    "owe": _owe,
    "receive": _receive,
    "deliver": lambda world, _: _deliver(world),
    "poll": lambda world, _: world.poll(),
    "wait": _wait,
    "next refund": _next_refund,
    "finish_refund refunds": _finish_refunds,
    "break": _break,
}


def _finish_pending(world: World, state: RefundState) -> None:
    for id_, (_, report) in list(world.gateway.refunds.items()):
        if report.state is RefundState.PENDING:
            world.gateway.finish_refund(id_, state)


async def _deliver(world: World) -> None:
    """Deliver every event, and the order's own for the payment that it names."""
    await world.deliver_events()
    paid = world.slice()["payment_id"]
    if paid:
        await world.refund(paid)


def _check_invariants(world: World) -> None:
    """Assert the invariants that hold after every step."""
    payments = world.database.collection("payments").values()
    for payment in payments:
        assert payment["captured"] in (0, payment["amount"]["amount"])
        assert payment["original_payment_id"] or payment["amount"]["amount"] == TOTAL
        assert payment["refunding"] + payment["refunded"] <= payment["captured"]
        assert min(payment["refunding"], payment["refunded"]) >= 0
    assert world.slice()["captured"] in (0, TOTAL)
    _check_retained(world)
    for bill in world.gateway.bills.values():
        assert bill.refunded <= (
            bill.charge.amount.amount if bill.charge.state is ChargeState.CAPTURED else 0
        )
    refunded = [message.id for message in world.bus.messages if "payment_refunded" in message.type]
    assert len(refunded) == len(set(refunded))


def _check_retained(world: World) -> None:
    """Assert that no more is refunded of the retained payment than is due."""
    order, paid = world.order(), world.slice()["payment_id"]
    retained = order.get("cancellation_fee", 0) if order["fulfilment"] == "cancelled" else TOTAL
    if order["fulfilment"] != "cancelled":
        retained -= order.get("refund_due", 0)
    payment = world.database.collection("payments").get(paid, {"captured": 0})
    if payment["captured"]:
        assert payment["refunding"] + payment["refunded"] <= TOTAL - retained


async def _receive_unmatched(world: World) -> None:
    """Deliver the webhooks of unmatched charges, which no reconciler asks about."""
    links = {bill.intent.gateway_payment_id for bill in world.gateway.bills.values()}
    for event in list(world.gateway.webhooks):
        if isinstance(event, ChargeWebhook) and event.charge.gateway_payment_id not in links:
            await world.receive(event)


async def _recover(world: World, events: bool) -> None:
    """Stop the faults and run the reconciler for ten hours, with or without the events."""
    world.gateway.down.clear()
    world.gateway.lost.clear()
    world.gateway.next_refund = RefundState.PROCESSED
    await _receive_unmatched(world)
    for _ in range(20):
        _finish_pending(world, RefundState.PROCESSED)
        world.wait(minutes=30)
        await world.poll_and_ignore_failure()
        if events:
            await _deliver(world)
        _check_invariants(world)


def _has_matched_charge(world: World) -> bool:
    """Say whether a charge with the agreed amount was captured."""
    paid = [bill for bill in world.gateway.bills.values() if bill.charge.state is ChargeState.CAPTURED]
    own = [bill.charge for bill in paid if bill.charge.gateway_payment_id == bill.intent.gateway_payment_id]
    return any(charge.amount == Money(TOTAL) for charge in own)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(0, 7)), max_size=40),
    st.booleans(),
    SUBJECTS,
)
def test_whatever_happens_one_payment_is_retained_and_all_other_money_is_refunded(
    actions: list[tuple[str, int]], events: bool, ref: SubjectRef
) -> None:
    async def run() -> None:
        world = World(subject_ref=ref)
        await world.start()
        for action, index in actions:
            with contextlib.suppress(DomainError):
                await ACTIONS[action](world, index)
            _check_invariants(world)
        await _recover(world, events)
        retained = world.gateway.captured() - world.gateway.refunded_total()
        order = world.order()
        cancelled = order["fulfilment"] == "cancelled"
        due = order.get("cancellation_fee", 0) if cancelled else TOTAL - order.get("refund_due", 0)
        assert retained == (due if _has_matched_charge(world) else 0)
        assert world.slice()["captured"] - world.slice()["refunded"] == retained

    asyncio.run(run())
