"""Whatever the order, repetition and loss of what is told: one charge is kept, none is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.errors import DomainError, Unavailable
from shared.payments.domain import RefundState
from shared.payments.ports import Notice
from tests.unit.payments.world import TOTAL, World


async def tell(world: World, notices: Sequence[Notice]) -> None:
    """Bring notices; one that is not taken is brought again after the others, as the provider does."""
    waiting = list(notices)
    for _ in range(len(waiting) ** 2 + 1):
        if not waiting:
            return
        notice = waiting.pop(0)
        try:
            await world.hear(notice)
        except Unavailable:
            waiting.append(notice)


def outcome(world: World) -> dict[str, Any]:
    """What is the same however it came about: the times and the order of the timeline are not."""
    payments = world.database.collection("payments")
    for payment in payments.values():
        del payment["_changes"], payment["due_at"]
    refunds = {id_: refund["state"] for id_, refund in world.database.collection("refunds").items()}
    return {"payments": payments, "refunds": refunds, "slice": world.slice()}


async def _history(told: Sequence[int], cancelled: bool) -> World:
    """One attempt that fails, then brings money after all; its webhooks come as `told` says."""
    world = World()
    payment = await world.start()
    if cancelled:
        world.cancel_order()
    world.gateway.decline(payment.link)
    world.gateway.pay(payment.link)
    notices = world.gateway.notices
    await tell(world, [notices[index] for index in told])
    await tell(world, notices)
    await world.deliver_events()
    await tell(world, [world.gateway.notices[index % len(world.gateway.notices)] for index in told])
    return world


@given(st.lists(st.integers(0, 2), max_size=12), st.booleans())
def test_any_order_and_repetition_of_webhooks_ends_in_the_same_state(
    told: list[int], cancelled: bool
) -> None:
    async def run() -> None:
        plain, mixed = await _history([], cancelled), await _history(told, cancelled)
        assert outcome(mixed) == outcome(plain)
        assert sorted(set(mixed.bus.names())) == sorted(set(plain.bus.names()))
        assert len(mixed.bus.names()) == len(set(mixed.bus.names()))

    asyncio.run(run())


async def _pay(world: World, index: int) -> None:
    world.gateway.pay(_link(world, index))


async def _decline(world: World, index: int) -> None:
    world.gateway.decline(_link(world, index))


def _link(world: World, index: int) -> str:
    bills = list(world.gateway.bills.values())
    return bills[index % len(bills)].intent.link


async def _cancel(world: World, _: int) -> None:
    world.cancel_order()


async def _hear(world: World, index: int) -> None:
    if world.gateway.notices:
        await world.hear(world.gateway.notices[index % len(world.gateway.notices)])


async def _wait(world: World, index: int) -> None:
    world.wait(minutes=(1, 16)[index % 2])


async def _next_refund(world: World, index: int) -> None:
    world.gateway.next_refund = (RefundState.PENDING, RefundState.FAILED)[index % 2]


async def _settle(world: World, index: int) -> None:
    _settle_pending(world, (RefundState.PROCESSED, RefundState.FAILED)[index % 2])


async def _break(world: World, index: int) -> None:
    faults = (world.gateway.lost, world.gateway.down)[index % 2]
    faults.append(("create_intent", "fetch", "refund", "fetch_refund")[index // 2 % 4])


ACTIONS: dict[str, Callable[[World, int], Awaitable[object]]] = {
    "start": lambda world, _: world.start(),
    "pay": _pay,
    "decline": _decline,
    "cancel": _cancel,
    "hear": _hear,
    "deliver": lambda world, _: _deliver(world),
    "poll": lambda world, _: world.poll(),
    "wait": _wait,
    "next refund": _next_refund,
    "settle refunds": _settle,
    "break": _break,
}


def _settle_pending(world: World, state: RefundState) -> None:
    for id_, (_, report) in list(world.gateway.refunds.items()):
        if report.state is RefundState.PENDING:
            world.gateway.settle(id_, state)


async def _deliver(world: World) -> None:
    """Every event, and the cancellation for whichever payment the order names."""
    await world.deliver_events()
    paid = world.slice()["payment_id"]
    if world.order()["fulfilment"] == "cancelled" and paid:
        await world.refund(paid)


def _check_books(world: World) -> None:
    """The invariants that hold after every step."""
    payments = world.database.collection("payments").values()
    for payment in payments:
        assert payment["captured"] in (0, TOTAL)
        assert payment["refunding"] + payment["refunded"] <= payment["captured"]
        assert min(payment["refunding"], payment["refunded"]) >= 0
    assert world.slice()["captured"] in (0, TOTAL)
    assert world.gateway.given_back() <= world.gateway.captured()
    refunded = [message.id for message in world.bus.messages if "payment_refunded" in message.type]
    assert len(refunded) == len(set(refunded))


async def _calm(world: World) -> None:
    """The faults stop; every notice and event comes, and the poller runs for ten hours."""
    world.gateway.down.clear()
    world.gateway.lost.clear()
    world.gateway.next_refund = RefundState.PROCESSED
    for _ in range(20):
        _settle_pending(world, RefundState.PROCESSED)
        world.wait(minutes=30)
        await world.poll_patiently()
        await _deliver(world)
        _check_books(world)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(0, 7)), max_size=40))
def test_whatever_happens_one_charge_is_kept_and_all_other_money_goes_back(
    actions: list[tuple[str, int]],
) -> None:
    async def run() -> None:
        world = World()
        await world.start()
        for action, index in actions:
            with contextlib.suppress(DomainError):
                await ACTIONS[action](world, index)
            _check_books(world)
        await _calm(world)
        kept = world.gateway.captured() - world.gateway.given_back()
        cancelled = world.order()["fulfilment"] == "cancelled"
        assert kept == (0 if cancelled or not world.gateway.captured() else TOTAL)
        assert world.slice()["captured"] - world.slice()["refunded"] == kept

    asyncio.run(run())
