"""Orders that leave their driver: handed back, silent, replaced by operators, or the account closed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, cast

import httpx
import pytest

from functions.dispatch_api import main as api_main
from functions.dispatch_cron import main as cron_main
from functions.dispatch_events import main as events_main
from functions.dispatch_events import routes as events_routes
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.dispatch.domain import EscalationReason, OrderNotFound
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.handover import HandBackReason, OrderAlreadyPickedUp
from shared.dispatch.machine import OfferState
from shared.dispatch.usecases.close_driver import CloseDriver, close_driver
from shared.dispatch.usecases.sweep_drivers import sweep_drivers
from shared.edge import events
from shared.identity.events import AccountClosed
from shared.kernel.access import AccountDisabled
from shared.kernel.batch import Batch, BatchResult
from shared.kernel.order import AssignmentState, Fulfilment
from shared.orders.events import OrderReassigned
from shared.schema import schema
from tests.builders import CUSTOMER, ORDER_ID
from tests.fakes.runtime import run_on
from tests.unit.dispatch.test_routes import ROLES, Tokens, client_of, signed
from tests.unit.dispatch.world import World

pytestmark = pytest.mark.mission("E9")

HAND_BACK = f"/api/v1/driver/assignments/{ORDER_ID}/hand-back"
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def taken(offered: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """An order that asha has accepted; bala is near."""
    await offered.accept("asha")
    ports = {"store": offered.store, "driver_documents": offered.driver_documents}
    run_on(api_main.app, offered.runtime(), monkeypatch, tokens=Tokens, roles=lambda: ROLES, **ports)
    for app in (events_main.app, cron_main.app):
        run_on(app, offered.runtime(), monkeypatch, **offered.ports())
    return offered


@pytest.fixture
async def api(taken: World) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(api_main.app) as client:
        yield client


async def deliver(world: World, name: str) -> None:
    """Deliver the latest event of a name to `dispatch_events`."""
    message = next(m for m in reversed(world.bus.messages) if m.type.split(".")[2] == name)
    [kind] = [kind for kind in events_routes.HANDLERS if message.type == kind.TYPE]
    event = schema(cast(Any, kind)).validate_json(message.data)
    await events.given(events_routes.HANDLERS[kind], events_main.app.state)(event)


def amend(world: World, **fields: Any) -> None:
    """Change fields of the order, as another context does."""
    path = f"orders/{ORDER_ID}"
    world.database.seed(path, {**world.database.data(path), **fields})


async def sweep(world: World) -> BatchResult:
    """Run the sweep of assigned orders."""
    return await sweep_drivers(ports=world, batch=Batch(clock=lambda: world.now))


async def close(world: World, uid: str, *, closed: bool = True) -> None:
    """Close an account, and tell dispatch."""
    world.database.seed(f"auth/{uid}", {"uid": uid, "disabled": closed})
    await close_driver(
        CloseDriver(uid), ports=world, accounts=FirestoreRoles(world.database), clock=lambda: world.now
    )


# handing back


async def test_an_order_that_is_handed_back_goes_to_another_driver(
    api: httpx.AsyncClient, taken: World
) -> None:
    answer = await api.post(HAND_BACK, json={"reason": "breakdown"}, headers=signed("asha", "k1"))
    assert (answer.status_code, answer.json()["active_orders"]) == (200, [])
    assert taken.assignment().state is AssignmentState.SEARCHING
    [event] = taken.bus.fields("driver_handed_back")
    assert (event["driver_id"], event["reason"]) == ("asha", "breakdown")
    await deliver(taken, "driver_handed_back")
    assert taken.offer(2).driver_id == "bala"


async def test_it_is_not_offered_to_the_same_driver_again_in_any_search(taken: World) -> None:
    await taken.hand_back("asha")
    await taken.leave("bala")
    for _ in range(3):
        await taken.ping("asha")
        await taken.search(search_attempt=taken.assignment().search_attempt)
        taken.wait(30 * timedelta(seconds=1))
    assert len(taken.offers()) == 1
    assert taken.assignment().excluded_drivers == ()


@pytest.mark.parametrize(
    ("reason", "made", "accepted"),
    [
        (HandBackReason.BREAKDOWN, 0, 0),
        (HandBackReason.GOODS_NOT_READY, 0, 0),
        (HandBackReason.NO_TIME, 1, 0),
    ],
)
async def test_the_acceptance_figures_stay_fair(
    taken: World, reason: HandBackReason, made: int, accepted: int
) -> None:
    driver = await taken.hand_back("asha", reason=reason)
    assert (driver.offers_made, driver.offers_accepted) == (made, accepted)


async def test_an_order_of_another_driver_is_not_found(api: httpx.AsyncClient, taken: World) -> None:
    answer = await api.post(HAND_BACK, json={"reason": "other"}, headers=signed("bala"))
    assert (answer.status_code, answer.json()["code"]) == (404, "ORDER_NOT_FOUND")
    assert taken.assignment().driver_id == "asha"


async def test_an_order_is_handed_back_once(taken: World) -> None:
    await taken.hand_back("asha")
    with pytest.raises(OrderNotFound):
        await taken.hand_back("asha")


async def test_after_the_pickup_it_is_too_late(api: httpx.AsyncClient, taken: World) -> None:
    amend(taken, fulfilment="picked_up")
    answer = await api.post(HAND_BACK, json={"reason": "accident"}, headers=signed("asha"))
    assert (answer.status_code, answer.json()["code"]) == (409, OrderAlreadyPickedUp.code)


async def test_the_same_key_gets_the_same_answer(api: httpx.AsyncClient, taken: World) -> None:
    answers = [
        await api.post(HAND_BACK, json={"reason": "unsafe"}, headers=signed("asha", "k1")) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert len(taken.bus.fields("driver_handed_back")) == 1


# silence


async def test_a_driver_who_is_silent_for_ten_minutes_is_reported_once(taken: World) -> None:
    for _ in range(25):
        await sweep(taken)
        taken.wait(MINUTE)
    reports = taken.bus.fields("order_escalated")
    assert [(report["reason"], report["driver_id"]) for report in reports] == [("driver_silent", "asha")]
    assert taken.assignment().escalation is EscalationReason.DRIVER_SILENT
    assert taken.assignment().escalated_at is not None
    assert taken.assignment().check_at is not None


async def test_a_driver_who_reports_their_position_is_not_silent(taken: World) -> None:
    for _ in range(30):
        await taken.ping("asha")
        await sweep(taken)
        taken.wait(MINUTE)
    assert taken.bus.fields("order_escalated") == []


async def test_a_driver_who_is_heard_again_is_no_concern_any_more(taken: World) -> None:
    for _ in range(12):
        await sweep(taken)
        taken.wait(MINUTE)
    for _ in range(12):
        await taken.ping("asha")
        await sweep(taken)
        taken.wait(MINUTE)
    assert (taken.assignment().escalation, taken.assignment().silent_since) == (None, None)


async def test_a_flushed_index_makes_no_driver_silent(taken: World) -> None:
    for _ in range(9):
        await taken.ping("asha")
        await sweep(taken)
        taken.wait(MINUTE)
    taken.wait(5 * MINUTE)
    taken.index.flush()
    await sweep(taken)
    for _ in range(8):
        await taken.ping("asha")
        await sweep(taken)
        taken.wait(MINUTE)
    assert taken.bus.fields("order_escalated") == []


async def test_each_order_is_looked_at_about_once_in_ten_minutes(taken: World) -> None:
    looked = 0
    for _ in range(40):
        await taken.ping("asha")
        looked += (await sweep(taken)).seen
        taken.wait(MINUTE)
    assert looked <= 6


# replaced by operators


async def test_an_order_whose_driver_operators_replaced_goes_to_another_one(taken: World) -> None:
    amend(taken, replaced_drivers=["asha"])
    event = OrderReassigned(
        id="evt",
        at=taken.now,
        actor="op",
        order_id=ORDER_ID,
        customer_id=CUSTOMER,
        merchant_id="mer_1",
        driver_id="asha",
    )
    for _ in range(3):
        await events.given(events_routes.HANDLERS[OrderReassigned], events_main.app.state)(event)
    await deliver(taken, "driver_replaced")
    assert taken.offer(2).driver_id == "bala"
    assert taken.driver("asha").active_orders == ()


async def test_the_sweep_replaces_the_driver_when_the_event_was_lost(taken: World) -> None:
    amend(taken, replaced_drivers=["asha"])
    taken.wait(10 * MINUTE)
    await sweep(taken)
    assert taken.assignment().state is AssignmentState.SEARCHING


# closed accounts


async def test_fault_05_a_closed_driver_leaves_dispatch_at_once(offered: World) -> None:
    await close(offered, "asha")
    driver = offered.driver("asha")
    assert (driver.closed, driver.status, driver.outstanding_offer) == (True, DriverStatus.OFFLINE, None)
    assert offered.offer().state is OfferState.WITHDRAWN
    assert driver.consecutive_timeouts == 0
    assert not driver.can_take_order()
    with pytest.raises(AccountDisabled):
        driver.check_can_take_order()


async def test_fault_05_an_order_before_its_pickup_is_searched_for_again(taken: World) -> None:
    await close(taken, "asha")
    assert taken.assignment().state is AssignmentState.SEARCHING
    await deliver(taken, "driver_replaced")
    assert taken.offer(2).driver_id == "bala"
    assert taken.driver("asha").active_orders == ()


async def test_fault_05_an_order_after_its_pickup_goes_to_operators_with_its_reason(taken: World) -> None:
    amend(taken, fulfilment="in_transit")
    for _ in range(2):
        await close(taken, "asha")
    assert taken.assignment().state is AssignmentState.ASSIGNED
    assert taken.assignment().escalation is EscalationReason.DRIVER_ACCOUNT_CLOSED
    [report] = taken.bus.fields("order_escalated")
    assert report["reason"] == "driver_account_closed"
    check_at = taken.assignment().check_at
    assert check_at is not None
    assert check_at > taken.now


async def test_fault_05_a_search_does_not_find_a_closed_driver(taken: World) -> None:
    await close(taken, "bala")
    other = taken.add_order(id="ord_2")
    taken.wait(timedelta(seconds=30))
    await taken.search(other)
    assert taken.offers()[-1].driver_id != "bala"


async def test_fault_05_the_event_of_the_closing_reaches_dispatch(taken: World) -> None:
    taken.database.seed("auth/asha", {"uid": "asha", "disabled": True})
    event = AccountClosed(id="evt", at=taken.now, actor="op", user_id="asha")
    await events.given(events_routes.HANDLERS[AccountClosed], events_main.app.state)(event)
    assert taken.driver("asha").closed


async def test_an_account_that_was_opened_again_lets_its_driver_go_online(taken: World) -> None:
    await close(taken, "asha")
    await close(taken, "asha", closed=False)
    driver = taken.driver("asha")
    assert (driver.closed, driver.status) == (False, DriverStatus.OFFLINE)


async def test_a_closed_account_of_no_driver_changes_nothing(taken: World) -> None:
    before = len(taken.database.commits)
    await close(taken, "someone")
    assert len(taken.database.commits) == before


async def test_the_sweep_finds_a_closed_driver_whose_event_was_lost(taken: World) -> None:
    path = "drivers/asha"
    taken.database.seed(path, {**taken.database.data(path), "closed": True})
    taken.wait(10 * MINUTE)
    await sweep(taken)
    assert taken.assignment().state is AssignmentState.SEARCHING


# nobody takes it


async def test_fault_19_an_order_that_no_driver_takes_is_escalated_with_its_reason(world: World) -> None:
    world.add_order()
    await world.search()
    began: datetime = world.now
    while world.assignment().state is not AssignmentState.UNASSIGNABLE:
        world.wait(30 * timedelta(seconds=1))
        await world.search(search_attempt=world.assignment().search_attempt)
    [report] = world.bus.fields("order_escalated")
    assert (report["reason"], report["driver_id"]) == ("no_driver", None)
    assert world.assignment().escalation is EscalationReason.NO_DRIVER
    assert world.assignment().escalated_at is not None
    assert world.now - began <= timedelta(minutes=11)
    assert world.order().fulfilment is Fulfilment.READY
