"""Escalations: which problems of drivers reach operators, and when an escalation ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.dispatch_events import main as events_main
from functions.dispatch_events import routes as events_routes
from shared.dispatch.domain import EscalationReason
from shared.dispatch.usecases.check_assignment import CheckAssignment, check_assignment
from shared.dispatch.usecases.release_driver import ReleaseDriver, release_driver
from shared.edge import events
from shared.orders.events import OrderDeliveryFailed, OrderRedeliveryStarted
from tests.builders import CUSTOMER, ORDER_ID
from tests.fakes.runtime import run_on
from tests.unit.dispatch.test_handover import amend, close, sweep
from tests.unit.dispatch.world import World

pytestmark = pytest.mark.mission("E9", "J2")

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def taken(offered: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """An order that asha has accepted."""
    await offered.accept("asha")
    run_on(events_main.app, offered.runtime(), monkeypatch, **offered.ports())
    return offered


def _happened(world: World, kind: type[OrderDeliveryFailed | OrderRedeliveryStarted], **more: Any) -> Any:
    return kind(
        id="evt",
        at=world.now,
        actor="asha",
        order_id=ORDER_ID,
        customer_id=CUSTOMER,
        driver_id="asha",
        **more,
    )


async def fail(world: World, reason: str, *, deliver_event: bool = True) -> None:
    """Let the delivery fail, as the driver reports it."""
    amend(world, fulfilment="failed", failure=reason)
    if deliver_event:
        failed = _happened(world, OrderDeliveryFailed, merchant_id="mer_1", reason=reason, attempt=1)
        await events.given(events_routes.HANDLERS[OrderDeliveryFailed], events_main.app.state)(failed)


@pytest.mark.parametrize("problem", ["breakdown", "unsafe", "damaged", "wrong_items"])
async def test_a_problem_after_the_pickup_goes_to_operators_at_once_and_once(
    taken: World, problem: str
) -> None:
    for _ in range(3):
        await fail(taken, problem)
    [report] = taken.bus.fields("order_escalated")
    assert (report["reason"], report["driver_id"]) == (problem, "asha")
    assert taken.assignment().escalation == problem
    assert taken.assignment().escalated_at == taken.now


@pytest.mark.parametrize("reason", ["customer_absent", "refused", "address_wrong", "no_valid_id"])
async def test_a_failure_at_the_door_is_the_drivers_to_carry_on(taken: World, reason: str) -> None:
    await fail(taken, reason)
    assert taken.bus.fields("order_escalated") == []
    assert taken.assignment().escalated_at is None


async def test_the_sweep_reports_a_problem_whose_event_was_lost(taken: World) -> None:
    await fail(taken, "breakdown", deliver_event=False)
    taken.wait(10 * MINUTE)
    await sweep(taken)
    assert taken.assignment().escalation is EscalationReason.BREAKDOWN


async def test_a_problem_stays_with_operators_while_the_goods_come_back(taken: World) -> None:
    await fail(taken, "damaged")
    amend(taken, fulfilment="returning")
    for _ in range(12):
        taken.wait(MINUTE)
        await taken.ping("asha")
        await sweep(taken)
    assert taken.assignment().escalation is EscalationReason.DAMAGED


async def _redelivered(world: World) -> None:
    amend(world, fulfilment="in_transit", failure=None)
    await world.ping("asha")
    started = _happened(world, OrderRedeliveryStarted, attempt=2)
    await events.given(events_routes.HANDLERS[OrderRedeliveryStarted], events_main.app.state)(started)


async def _returned(world: World) -> None:
    amend(world, fulfilment="returned")
    await release_driver(ReleaseDriver("asha", ORDER_ID), store=world.store, index=world.index)


async def _delivered(world: World) -> None:
    amend(world, fulfilment="delivered")
    await release_driver(ReleaseDriver("asha", ORDER_ID), store=world.store, index=world.index)


async def _cancelled(world: World) -> None:
    amend(world, fulfilment="cancelled")
    await world.handle_cancellation("asha")


async def _given_to_another(world: World) -> None:
    amend(world, fulfilment="ready", failure=None, replaced_drivers=["asha"])
    await check_assignment(CheckAssignment(ORDER_ID, "asha"), ports=world, now=world.now)


async def _account_opened(world: World) -> None:
    await close(world, "asha", closed=False)


async def _heard_again(world: World) -> None:
    world.wait(10 * MINUTE)
    await world.ping("asha")
    await sweep(world)


async def _problem(world: World) -> None:
    await fail(world, "breakdown")


async def _account_closed(world: World) -> None:
    amend(world, fulfilment="in_transit")
    await close(world, "asha")


async def _silent(world: World) -> None:
    amend(world, fulfilment="in_transit")
    for _ in range(12):
        await sweep(world)
        world.wait(MINUTE)


ENDS = [_returned, _delivered, _cancelled, _given_to_another]


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (_problem, _redelivered),
        (_account_closed, _account_opened),
        (_silent, _heard_again),
        *((begin, end) for begin in (_problem, _account_closed, _silent) for end in ENDS),
    ],
)
async def test_an_escalation_ends_with_its_reason(
    taken: World, begin: Callable[[World], Awaitable[None]], end: Callable[[World], Awaitable[None]]
) -> None:
    await begin(taken)
    assert taken.assignment().escalated_at is not None
    await end(taken)
    assert (taken.assignment().escalation, taken.assignment().escalated_at) == (None, None)


async def test_a_problem_that_comes_again_is_reported_again(taken: World) -> None:
    await fail(taken, "breakdown")
    taken.wait(MINUTE)
    await _redelivered(taken)
    taken.wait(MINUTE)
    await fail(taken, "breakdown")
    reports = taken.bus.fields("order_escalated")
    assert [report["reason"] for report in reports] == ["breakdown", "breakdown"]
    assert len({report["id"] for report in reports}) == 2


async def test_an_order_without_a_driver_is_no_concern_once_a_driver_has_accepted(offered: World) -> None:
    path = f"orders/{ORDER_ID}"
    order = offered.database.data(path)
    offered.database.seed(path, {**order, "assignment": {**order["assignment"], "escalated_at": offered.now}})
    offered.change_search(escalation=EscalationReason.NO_DRIVER)
    await offered.accept("asha")
    assert (offered.assignment().escalation, offered.assignment().escalated_at) == (None, None)
