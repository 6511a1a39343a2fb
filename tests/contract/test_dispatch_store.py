"""One suite for `DispatchStore` (and the drivers' records as tracking reads them): every database alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.adapters.firestore.dispatch import FirestoreDispatch
from shared.adapters.firestore.tracking import FirestoreDriverRecords
from shared.dispatch.domain import Assignment, AssignmentContext, Offer, Place, offer_id
from shared.dispatch.drivers import Driver, DriverStatus, add_order, rate
from shared.dispatch.events import DriverAssigned, OfferExpired
from shared.dispatch.machine import OfferState
from shared.dispatch.ports import Keys
from shared.kernel.decision import Decision
from shared.kernel.errors import WrongState
from shared.kernel.event import event_id
from shared.kernel.idempotency import AlreadyAnswered
from shared.kernel.money import Money
from shared.kernel.order import AssignmentState, Fulfilment
from shared.kernel.vehicle import Vehicle
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, order
from tests.contract.stores import Ground, idempotency

OFFER_ID = "off_1_1"
KEYS = Keys(order=ORDER_ID, offer=OFFER_ID, driver=DRIVER)
SECOND = timedelta(seconds=1)


def driver(**changes: Any) -> Driver:
    base = Driver(DRIVER, "Asha", Vehicle.SCOOTER, approved=True, status=DriverStatus.ONLINE)
    return replace(base, **changes)


def offer(**changes: Any) -> Offer:
    base = Offer(
        id=OFFER_ID,
        order_id=ORDER_ID,
        driver_id=DRIVER,
        attempt=1,
        state=OfferState.OPEN,
        made_at=NOW,
        expires_at=NOW + timedelta(seconds=30),
        distance_m=512.25,
        pay=Money(2_500),
        pickup=Place(12.9784, 77.6408, "100 Feet Road"),
        dropoff=Place(12.9719, 77.6412, "12th Main"),
        merchant_name="Dosa Corner",
    )
    return replace(base, **changes)


def accept(context: AssignmentContext) -> Decision[AssignmentContext, str]:
    """Let the driver of the context have the order, unless the offer was answered before."""
    assert context.order
    assert context.offer
    assert context.driver
    if context.offer.state is not OfferState.OPEN:
        raise WrongState
    fields: Any = {"at": NOW, "actor": context.driver.id, "order_id": context.order.id}
    after = AssignmentContext(
        replace(context.order, assignment=Assignment(AssignmentState.ASSIGNED, 1, context.driver.id)),
        replace(context.offer, state=OfferState.ACCEPTED),
        add_order(context.driver, context.order.id, OFFER_ID),
    )
    assigned = DriverAssigned(
        id=event_id(context.order.id, "assigned"),
        driver_id=context.driver.id,
        customer_id=CUSTOMER,
        merchant_id="mer_1",
        **fields,
    )
    unpublished = OfferExpired(
        id=event_id(context.order.id, "expired"), offer_id=OFFER_ID, driver_id=context.driver.id, **fields
    )
    return Decision(after, [unpublished, assigned], context.driver.id)


@pytest.fixture
def store(ground: Ground) -> FirestoreDispatch:
    return FirestoreDispatch(ground.documents)


@pytest.fixture
async def asked(ground: Ground) -> None:
    """A ready order, offered to a driver."""
    await ground.put(f"orders/{ORDER_ID}", order(Fulfilment.READY))
    await ground.put(f"offers/{OFFER_ID}", offer())
    await ground.put(f"drivers/{DRIVER}", driver())


async def test_a_document_that_does_not_exist_is_none(store: FirestoreDispatch) -> None:
    assert [await store.order("ord_1"), await store.offer("off_1"), await store.driver("asha")] == [None] * 3
    seen = await store.change(KEYS, lambda context: Decision(context, (), context))
    assert (seen.order, seen.offer, seen.driver) == (None, None, None)


async def test_a_decision_sees_only_what_its_keys_name(store: FirestoreDispatch, asked: None) -> None:
    seen = await store.change(Keys(driver=DRIVER), lambda context: Decision(context, (), context))
    assert (seen.order, seen.offer, seen.driver) == (None, None, driver())


async def test_a_decision_is_told_when_the_documents_were_read_and_since_when_its_offer_is_stored(
    store: FirestoreDispatch, asked: None
) -> None:
    seen = await store.change(KEYS, lambda context: Decision(context, (), context))
    again = await store.change(KEYS, lambda context: Decision(context, (), context))
    assert seen.read_at is not None
    assert again.read_at is not None
    assert again.read_at >= seen.read_at
    assert seen.offered_at == again.offered_at is not None


async def test_a_decision_sees_the_outstanding_offer_of_its_driver_and_the_order_of_that_offer(
    ground: Ground, store: FirestoreDispatch, asked: None
) -> None:
    keys = Keys(driver=DRIVER, outstanding=True)
    free = await store.change(keys, lambda context: Decision(context, (), context))
    assert (free.order, free.offer) == (None, None)

    made = offer(id=offer_id(ORDER_ID, 1))
    await ground.put(f"offers/{made.id}", made)
    await ground.put(f"drivers/{DRIVER}", driver(outstanding_offer=made.id))
    seen = await store.change(keys, lambda context: Decision(context, (), context))
    assert (seen.offer, seen.order) == (made, await store.order(ORDER_ID))
    assert seen.offered_at is not None


async def test_a_document_that_is_new_in_the_decision_is_created(store: FirestoreDispatch) -> None:
    made = AssignmentContext(
        offer=offer(), driver=driver(active_orders=("ord_1",), rating_sum=9, rating_count=2)
    )
    await store.change(KEYS, lambda _: Decision(made, (), None))
    assert await store.offer(OFFER_ID) == made.offer
    assert await store.driver(DRIVER) == made.driver


async def test_a_change_stores_order_offer_and_driver_and_publishes_its_events(
    ground: Ground, store: FirestoreDispatch, asked: None
) -> None:
    assert await store.change(KEYS, accept) == DRIVER

    found = AssignmentContext(
        await store.order(ORDER_ID), await store.offer(OFFER_ID), await store.driver(DRIVER)
    )
    assert found.order
    assert found.order.assignment.driver_id == DRIVER
    assert found.offer == offer(state=OfferState.ACCEPTED)
    assert found.driver == add_order(driver(), ORDER_ID, OFFER_ID)
    assert await ground.timeline(ORDER_ID) == ["offer_expired", "driver_assigned"]
    assert ground.bus.names() == ["driver_assigned"]
    assert await ground.ids("outbox") == []


async def test_of_the_order_only_the_assignment_is_written(
    ground: Ground, store: FirestoreDispatch, asked: None
) -> None:
    before = await ground.data(f"orders/{ORDER_ID}")
    ground.database.overtake(f"orders/{ORDER_ID}", payment={"state": "captured", "captured": 5, "mine": 1})
    await store.change(KEYS, accept)
    after = await ground.data(f"orders/{ORDER_ID}")
    assert before
    assert after
    assert after["payment"] == {"state": "captured", "captured": 5, "mine": 1}
    changed = {key for key in after if after[key] != before.get(key)}
    assert changed <= {"payment", "assignment", "timeline", "version", "updated_at"}


async def test_of_many_concurrent_acceptances_of_one_offer_one_succeeds(
    ground: Ground, store: FirestoreDispatch, asked: None
) -> None:
    tries = (store.change(KEYS, accept) for _ in range(5))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [outcome for outcome in outcomes if not isinstance(outcome, WrongState)] == [DRIVER]
    assert ground.bus.names() == ["driver_assigned"]


async def test_a_decision_that_was_overtaken_is_made_again_on_the_present_state(
    ground: Ground, store: FirestoreDispatch, asked: None
) -> None:
    ground.database.overtake(f"offers/{OFFER_ID}", state="withdrawn")
    with pytest.raises(WrongState):
        await store.change(KEYS, accept)
    assert await store.driver(DRIVER) == driver()
    assert ground.bus.names() == []


async def test_one_idempotency_key_accepts_one_order(
    ground: Ground, store: FirestoreDispatch, asked: None
) -> None:
    request = idempotency(lambda who: {"driver": who})
    await store.change(KEYS, accept, request)
    with pytest.raises(AlreadyAnswered) as answered:
        await store.change(KEYS, accept, request)
    assert answered.value.answer == {"driver": DRIVER}


async def test_a_review_counts_once(ground: Ground, store: FirestoreDispatch, asked: None) -> None:
    once_rated = rate(driver(), 4)
    assert await store.count_review(DRIVER, "rev_1", lambda known: rate(known, 4)) == once_rated
    assert await store.count_review(DRIVER, "rev_1", lambda known: rate(known, 4)) == once_rated
    tries = (store.count_review(DRIVER, "rev_2", lambda known: rate(known, 5)) for _ in range(3))
    assert set(await asyncio.gather(*tries)) == {rate(once_rated, 5)}


async def test_a_review_of_an_unknown_driver_counts_for_no_driver(
    ground: Ground, store: FirestoreDispatch
) -> None:
    assert await store.count_review("unknown", "rev_1", lambda known: rate(known, 1)) is None
    assert await ground.ids("drivers") == []


async def test_expired_open_offers_come_oldest_first(ground: Ground, store: FirestoreDispatch) -> None:
    ends = {"off_1": 3, "off_2": 1, "off_3": 2, "off_4": 4}
    for id_, seconds in ends.items():
        await ground.put(f"offers/{id_}", offer(id=id_, expires_at=NOW + seconds * SECOND))
    await ground.put("offers/off_5", offer(id="off_5", expires_at=NOW, state=OfferState.DECLINED))

    async def ids(before: datetime, limit: int = 9) -> list[str]:
        return [found.id for found in (await store.open_offers(before, limit)).items]

    assert await ids(NOW + 4 * SECOND) == ["off_2", "off_3", "off_1"]
    assert await ids(NOW + 9 * SECOND, limit=2) == ["off_2", "off_3"]
    assert await ids(NOW + SECOND) == []


async def test_idle_searches_come_oldest_first(ground: Ground, store: FirestoreDispatch) -> None:
    states = {
        "ord_1": Assignment(AssignmentState.SEARCHING, since=NOW + 2 * SECOND),
        "ord_2": Assignment(AssignmentState.SEARCHING, since=NOW + SECOND),
        "ord_3": Assignment(AssignmentState.ASSIGNED, since=NOW),
        "ord_4": Assignment(AssignmentState.SEARCHING, since=NOW + 3 * SECOND),
    }
    for id_, assignment in states.items():
        await ground.put(f"orders/{id_}", order(Fulfilment.READY, id=id_, assignment=assignment))

    async def ids(since: datetime, limit: int = 9) -> list[str]:
        return [found.id for found in (await store.searching_orders(since, limit)).items]

    assert await ids(NOW + 3 * SECOND) == ["ord_2", "ord_1"]
    assert await ids(NOW + 9 * SECOND, limit=1) == ["ord_2"]
    assert await ids(NOW) == []


async def test_a_document_that_cannot_be_parsed_stops_no_sweep(
    ground: Ground, store: FirestoreDispatch
) -> None:
    await ground.put("offers/off_1", {"state": "open", "expires_at": NOW})
    await ground.put("offers/off_2", offer(id="off_2", expires_at=NOW + SECOND))
    assert [found.id for found in (await store.open_offers(NOW + 9 * SECOND, 9)).items] == ["off_2"]


async def test_tracking_reads_the_availability_of_a_driver(ground: Ground, asked: None) -> None:
    records = FirestoreDriverRecords(ground.database)
    known = await records.availability(DRIVER)
    assert known is not None
    assert (known.driver_id, known.status, known.load, known.version) == (DRIVER, "online", 0, 0)
    assert await records.availability("unknown") is None
