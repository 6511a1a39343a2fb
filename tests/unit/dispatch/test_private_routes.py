"""The private functions of dispatch: events, tasks, scheduled sweeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from functions.dispatch_cron import main as cron_main
from functions.dispatch_events import main as events_main
from functions.dispatch_events import routes as events_routes
from functions.dispatch_tasks import main as tasks_main
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.events import OfferDeclined
from shared.dispatch.machine import OfferState
from shared.edge import events, oidc
from shared.kernel.event import Event
from shared.kernel.order import AssignmentState, Fulfilment
from shared.orders.events import OrderCancelled, OrderDelivered, OrderReady, OrderReturned
from shared.reviews.events import ReviewPosted
from tests.builders import CUSTOMER, NOW, ORDER_ID, STAFF
from tests.fakes.runtime import run_on
from tests.unit.dispatch.world import World


def client_of(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://waybill.test", timeout=5)


@pytest.fixture(autouse=True)
def wired(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for app in (events_main.app, tasks_main.app, cron_main.app):
        run_on(app, world.runtime(), monkeypatch, **world.ports())


async def handle(event: Event) -> None:
    """Deliver an event to `dispatch_events`."""
    await events.given(events_routes.HANDLERS[type(event)], events_main.app.state)(event)


def signed(uid: str, key: str | None = None) -> dict[str, str]:
    return {"Authorization": f"Bearer {uid}"} | ({"Idempotency-Key": key} if key else {})


async def test_an_order_that_is_ready_gets_an_offer(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    event = OrderReady(
        id="evt", at=NOW, actor=STAFF, order_id=ORDER_ID, customer_id=CUSTOMER, merchant_id="mer_1"
    )
    for _ in range(10):
        await handle(event)
    assert len(world.offers()) == 1


async def test_a_declined_offer_goes_to_the_next_driver(world: World) -> None:
    world.add_order()
    await world.add_driver("asha", 100)
    await world.add_driver("bala", 2_500)
    await world.search()
    await world.decline("asha")
    event = OfferDeclined(
        id="evt", at=NOW, actor="asha", order_id=ORDER_ID, offer_id=world.offer().id, driver_id="asha"
    )
    for _ in range(10):
        await handle(event)
    assert [offer.driver_id for offer in world.offers()] == ["asha", "bala"]


async def test_a_cancelled_or_delivered_order_releases_its_driver(world: World) -> None:
    world.add_order()
    await world.add_driver("asha", active_orders=("ord_2",))
    await world.search()
    await world.accept("asha")
    await world.cancel()
    people: dict[str, Any] = {"customer_id": CUSTOMER, "merchant_id": "mer_1", "driver_id": "asha"}
    cancelled = OrderCancelled(
        id="e1", at=NOW, actor=CUSTOMER, order_id=ORDER_ID, payment_id=None, reason="", **people
    )
    delivered = OrderDelivered(id="e2", at=NOW, actor="asha", order_id="ord_2", **people)
    await handle(cancelled)
    await handle(delivered)
    assert world.driver("asha").active_orders == ()


async def test_repeated_return_events_release_the_driver(world: World) -> None:
    await world.add_driver("asha", active_orders=("ord_2", ORDER_ID))
    world.add_order(Fulfilment.RETURNED, driver="asha")
    event = OrderReturned(
        id="e1",
        at=NOW,
        actor=STAFF,
        order_id=ORDER_ID,
        customer_id=CUSTOMER,
        merchant_id="mer_1",
        driver_id="asha",
        payment_id=None,
        cancellation_fee=0,
        currency="INR",
    )
    for _ in range(10):
        await handle(event)
    assert world.driver("asha").active_orders == ("ord_2",)


@pytest.mark.parametrize(("side", "count"), [("customer_of_driver", 1), ("customer_of_merchant", 0)])
async def test_only_reviews_of_drivers_count_for_drivers(world: World, side: str, count: int) -> None:
    await world.add_driver("asha")
    event = ReviewPosted(
        id="evt",
        at=NOW,
        actor=CUSTOMER,
        review_id="rev_1",
        order_id=ORDER_ID,
        author_id=CUSTOMER,
        subject_id="asha",
        side=side,
        stars=5,
    )
    for _ in range(10):
        await handle(event)
    assert world.driver("asha").rating_count == count


@pytest.fixture
async def tasks(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    async def let_in(token: str, *_: object) -> None:
        if token != "platform":
            raise oidc.InvokerNotTrusted

    monkeypatch.setattr(oidc, "check_invoker", let_in)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo-waybill")
    async with client_of(tasks_main.app) as client:
        yield client


@pytest.fixture
async def cron(tasks: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the scheduler's function, which admits the same invoker."""
    async with client_of(cron_main.app) as client:
        yield client


async def test_the_task_of_an_offer_is_refused_early_and_then_expires_it(
    tasks: httpx.AsyncClient, world: World
) -> None:
    world.add_order()
    await world.add_driver("asha")
    await world.search()
    body = {"offer_id": world.offer().id}
    early = await tasks.post("/tasks/offer-expired", json=body, headers=signed("platform"))
    assert early.status_code == 425
    world.wait(timedelta(seconds=30))
    due = await tasks.post("/tasks/offer-expired", json=body, headers=signed("platform"))
    assert (due.status_code, due.json()) == (200, {"state": "expired"})
    assert world.offer().state is OfferState.EXPIRED


async def test_the_task_of_a_search_runs_its_attempt(tasks: httpx.AsyncClient, world: World) -> None:
    world.add_order()
    await world.search()
    await world.add_driver("asha")
    body = {"order_id": ORDER_ID, "search_attempt": 1}
    response = await tasks.post("/tasks/search-again", json=body, headers=signed("platform"))
    assert response.json() == {"outcome": "offered"}


async def test_tasks_are_taken_from_the_platform_alone(tasks: httpx.AsyncClient) -> None:
    for headers in ({}, signed("asha")):
        response = await tasks.post("/tasks/search-again", json={}, headers=headers)
        assert response.status_code == 401


async def test_the_sweep_of_offers_returns_its_counts(cron: httpx.AsyncClient, world: World) -> None:
    world.add_order()
    await world.add_driver("asha", status=DriverStatus.OFFLINE)
    await world.search()
    world.wait(timedelta(seconds=46))
    swept = await cron.post("/cron/sweep-offers", headers=signed("platform"))
    counts = {queue: (result["seen"], result["done"]) for queue, result in swept.json().items()}
    assert counts == {"offers": (0, 0), "searches": (1, 1)}
    assert world.assignment().state is AssignmentState.SEARCHING


async def test_the_sweep_of_orders_returns_its_counts(cron: httpx.AsyncClient, world: World) -> None:
    world.add_order()
    world.wait(timedelta(seconds=46))
    swept = await cron.post("/cron/sweep-orders", headers=signed("platform"))
    counts = {queue: (result["seen"], result["done"]) for queue, result in swept.json().items()}
    assert counts == {"unsearched": (1, 1), "reopened": (0, 0), "ended": (0, 0)}
    assert world.assignment().state is AssignmentState.SEARCHING
