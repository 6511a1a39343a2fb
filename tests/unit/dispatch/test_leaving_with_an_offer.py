"""Drivers who take no orders any more while an offer is open: it ends at once, and is no miss."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from functions.dispatch_api import main as api_main
from functions.dispatch_events import main as events_main
from functions.dispatch_events import routes as events_routes
from shared.adapters.firestore.database import Write
from shared.dispatch.domain import OfferNotOpen
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.events import OfferWithdrawn
from shared.dispatch.machine import OfferState
from shared.dispatch.usecases.check_driver_documents import CheckDriverDocuments, check_driver_documents
from shared.edge import events
from shared.kernel.order import AssignmentState
from shared.schema import schema
from tests.fakes.runtime import run_on
from tests.unit.dispatch.test_routes import ROLES, Tokens, client_of, signed
from tests.unit.dispatch.world import World

GO_OFFLINE = "/api/v1/driver/go-offline"


@pytest.fixture
async def api(offered: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    ports = {"store": offered.store, "driver_documents": offered.driver_documents}
    run_on(api_main.app, offered.runtime(), monkeypatch, tokens=Tokens, roles=lambda: ROLES, **ports)
    run_on(events_main.app, offered.runtime(), monkeypatch, **offered.ports())
    async with client_of(api_main.app) as client:
        yield client


async def deliver_withdrawal(world: World) -> None:
    """Deliver the event that the offer was withdrawn to `dispatch_events`."""
    [message] = [m for m in world.bus.messages if m.type == OfferWithdrawn.TYPE]
    event = schema(OfferWithdrawn).validate_json(message.data)
    handler = events_routes.HANDLERS[OfferWithdrawn]
    await events.given(handler, events_main.app.state)(event)


async def test_fault_32_an_open_offer_ends_at_once_when_its_driver_goes_offline_and_the_next_is_asked(
    api: httpx.AsyncClient, offered: World
) -> None:
    made = offered.now
    gone = await api.post(GO_OFFLINE, headers=signed("asha"))
    assert (gone.status_code, gone.json()["status"], gone.json()["offers_made"]) == (200, "offline", 0)
    assert offered.offer().state is OfferState.WITHDRAWN
    await deliver_withdrawal(offered)
    assert (offered.offer(2).driver_id, offered.offer(2).made_at) == ("bala", made)


async def test_fault_32_an_offer_that_ended_because_its_driver_left_is_no_miss(
    api: httpx.AsyncClient, offered: World
) -> None:
    before = offered.driver("asha")
    await api.post(GO_OFFLINE, headers=signed("asha"))
    driver = offered.driver("asha")
    assert (driver.consecutive_timeouts, driver.outstanding_offer) == (0, None)
    assert driver.acceptance == pytest.approx(0.8)
    assert driver.version == before.version + 1
    offered.wait(timedelta(minutes=1))
    await offered.expire()
    assert offered.driver("asha").consecutive_timeouts == 0


async def test_the_driver_who_left_can_get_an_offer_as_soon_as_they_are_back(
    api: httpx.AsyncClient, offered: World
) -> None:
    await api.post(GO_OFFLINE, headers=signed("asha"))
    await api.post("/api/v1/driver/go-online", json={"lat": 12.9716, "lng": 77.6412}, headers=signed("asha"))
    assert offered.assignment().excluded_drivers == ()
    assert offered.driver("asha").can_receive_offer()


async def test_an_offer_whose_time_is_over_is_left_to_its_expiry(
    api: httpx.AsyncClient, offered: World
) -> None:
    offered.wait(timedelta(seconds=30))
    await api.post(GO_OFFLINE, headers=signed("asha"))
    assert offered.offer().state is OfferState.OPEN
    await offered.expire()
    assert offered.driver("asha").consecutive_timeouts == 1


async def test_an_accepted_order_stays_with_a_driver_who_goes_offline(
    api: httpx.AsyncClient, offered: World
) -> None:
    await offered.accept("asha")
    gone = await api.post(GO_OFFLINE, headers=signed("asha"))
    assert gone.json()["active_orders"] == [offered.order().id]
    assert offered.assignment().state is AssignmentState.ASSIGNED


async def test_the_offer_of_a_cancelled_order_ends_with_the_drivers_departure_too(offered: World) -> None:
    await offered.cancel()
    await offered.leave("asha")
    assert offered.offer().state is OfferState.WITHDRAWN
    assert "offer_withdrawn" not in offered.bus.names()


async def test_a_driver_who_accepts_just_before_keeps_the_order(offered: World) -> None:
    commit = offered.database.commit

    async def first(writes: list[Write]) -> None:
        offered.database.commit = commit  # type: ignore[method-assign]
        await offered.accept("asha")
        await commit(writes)

    offered.database.commit = first  # type: ignore[assignment, method-assign]
    driver = await offered.leave("asha")
    assert (driver.status, driver.active_orders) == (DriverStatus.OFFLINE, (offered.order().id,))
    assert offered.offer().state is OfferState.ACCEPTED


async def test_an_acceptance_after_the_departure_is_refused(offered: World) -> None:
    await offered.leave("asha")
    with pytest.raises(OfferNotOpen):
        await offered.accept("asha")


async def test_fault_32_documents_that_end_withdraw_the_open_offer_as_well(offered: World) -> None:
    class Ended:
        async def valid_until(self, uid: str, now: object) -> object:
            return offered.now

    await check_driver_documents(
        CheckDriverDocuments("asha"),
        store=offered.store,
        index=offered.index,
        driver_documents=Ended(),  # type: ignore[arg-type]
        now=offered.now,
    )
    assert offered.offer().state is OfferState.WITHDRAWN
    assert (offered.driver("asha").status, offered.driver("asha").consecutive_timeouts) == ("offline", 0)
    assert offered.assignment().state is AssignmentState.SEARCHING
