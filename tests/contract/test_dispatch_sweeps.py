"""One suite for the queries of the sweeps of dispatch: fake, simulation and emulator."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.dispatch import FirestoreDispatch
from shared.adapters.firestore.dispatch_orders import MAX_RANKINGS
from shared.dispatch.domain import Assignment, AssignmentContext
from shared.dispatch.ports import Keys
from shared.dispatch.scoring import Proposal, Ranking, Score, Weights
from shared.kernel.decision import Decision
from shared.kernel.order import AssignmentState, Fulfilment, PaymentState
from tests.builders import CUSTOMER, NOW, order
from tests.contract.stores import Ground

SECOND = timedelta(seconds=1)


@pytest.fixture
def store(ground: Ground) -> FirestoreDispatch:
    return FirestoreDispatch(ground.documents)


async def put(
    ground: Ground,
    name: str,
    seconds: float,
    fulfilment: Fulfilment = Fulfilment.READY,
    payment: PaymentState = PaymentState.CAPTURED,
    **assignment: Any,
) -> None:
    """Store an order that nothing has happened to since so many seconds after NOW."""
    document = to_document(order(fulfilment, payment, id=name, updated_at=NOW + seconds * SECOND))
    await ground.put(f"orders/{name}", {**document, "assignment": to_document(Assignment(**assignment))})


async def test_orders_that_wait_in_a_state_come_oldest_first(
    ground: Ground, store: FirestoreDispatch
) -> None:
    await put(ground, "ord_1", 3)
    await put(ground, "ord_2", 1, payment=PaymentState.HELD)
    await put(ground, "ord_3", 2)
    await put(ground, "ord_4", 0, payment=PaymentState.PENDING)
    await put(ground, "ord_5", 0, fulfilment=Fulfilment.PREPARING)
    await put(ground, "ord_6", 0, state=AssignmentState.UNASSIGNABLE)
    await put(ground, "ord_7", 9)

    async def ids(state: AssignmentState, limit: int = 9) -> list[str]:
        return [found.id for found in (await store.waiting_orders(state, NOW + 9 * SECOND, limit)).items]

    assert await ids(AssignmentState.NONE) == ["ord_2", "ord_3", "ord_1"]
    assert await ids(AssignmentState.NONE, limit=2) == ["ord_2", "ord_3"]
    assert await ids(AssignmentState.UNASSIGNABLE) == ["ord_6"]


async def test_ended_orders_with_active_work_come_oldest_first(
    ground: Ground, store: FirestoreDispatch
) -> None:
    held: dict[str, Any] = {"state": AssignmentState.ASSIGNED, "driver_id": "asha", "has_active_work": True}
    await put(ground, "ord_1", 3, Fulfilment.DELIVERED, **held)
    await put(ground, "ord_2", 1, Fulfilment.CANCELLED, **held)
    await put(ground, "ord_3", 2, Fulfilment.RETURNED, **held)
    await put(ground, "ord_4", 0, Fulfilment.IN_TRANSIT, **held)
    await put(ground, "ord_5", 0, Fulfilment.DELIVERED, **{**held, "has_active_work": False})
    await put(ground, "ord_6", 9, Fulfilment.DELIVERED, **held)
    found = (await store.ended_orders(NOW + 9 * SECOND, 9)).items
    assert [order.id for order in found] == ["ord_2", "ord_3", "ord_1"]
    assert [order.id for order in (await store.ended_orders(NOW + 9 * SECOND, 1)).items] == ["ord_2"]


async def test_an_order_stored_without_the_active_work_field_is_read_and_not_swept(
    ground: Ground, store: FirestoreDispatch
) -> None:
    await put(ground, "ord_1", 0, Fulfilment.DELIVERED, state=AssignmentState.ASSIGNED, driver_id="asha")
    stored = await ground.data("orders/ord_1")
    assert stored is not None
    del stored["assignment"]["has_active_work"]
    await ground.put("orders/ord_1", stored)
    assert (await store.ended_orders(NOW + SECOND, 9)).items == []
    found = await store.order("ord_1")
    assert found is not None
    assert not found.assignment.has_active_work


async def test_the_users_who_are_not_matched_are_read_from_their_review_record(
    ground: Ground, store: FirestoreDispatch
) -> None:
    assert await store.not_matched(CUSTOMER) == frozenset()
    await ground.put(f"review_records/{CUSTOMER}", {"uid": CUSTOMER, "not_matched": ["asha", "bala"]})
    assert await store.not_matched(CUSTOMER) == {"asha", "bala"}


async def test_the_rankings_of_the_latest_offers_stand_with_the_search_of_their_order(
    ground: Ground, store: FirestoreDispatch
) -> None:
    await put(ground, "ord_1", 0)
    terms = Score(0.9, 1.0, 0.9, 0.8, 1.0, Weights())

    def ranking(n: int) -> Ranking:
        return Ranking(f"off_{n}", "ord_1", "asha", NOW, 1, (Proposal("ord_1", "asha", 120.5, terms),))

    def offered(context: AssignmentContext, n: int) -> Decision[AssignmentContext, None]:
        assert context.order
        after = replace(context.order, assignment=replace(context.order.assignment, attempt=n))
        return Decision(AssignmentContext(after, ranking=ranking(n)), (), None)

    for attempt in range(1, MAX_RANKINGS + 3):
        await store.change(Keys(order="ord_1"), partial(offered, n=attempt))
    kept = (await ground.data("orders/ord_1/private/search") or {})["rankings"]
    assert kept == [to_document(ranking(n)) for n in range(3, MAX_RANKINGS + 3)]
    assert "rankings" not in (await ground.data("orders/ord_1") or {})["assignment"]
