"""A delivery releases its driver in its own commit; dispatch does where it could not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.dispatch import DRIVERS, FirestoreDispatch
from shared.adapters.firestore.orders import FirestoreOrders
from shared.dispatch.domain import Assignment, EscalationReason
from shared.dispatch.usecases.release_driver import ReleaseDriver, update_released
from shared.kernel.decision import Decision
from shared.kernel.order import AssignmentState, Fulfilment
from shared.orders.domain import Order
from tests.builders import NOW, ORDER_ID, order
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.dispatch import MemoryDriverIndex
from tests.unit.dispatch.world import driver

HELD = ("ord_8", ORDER_ID)


class Street:
    """An order on its way with a driver who carries two."""

    def __init__(self, **assignment: Any) -> None:
        self.database = MemoryDatabase()
        self.store = DocumentStore(self.database, MemoryBus(), clock=lambda: NOW)
        self.index = MemoryDriverIndex()
        under_way = Assignment(
            AssignmentState.ASSIGNED, attempt=1, driver_id="asha", has_active_work=True, check_at=NOW
        )
        document = to_document(order(Fulfilment.IN_TRANSIT, driver="asha"))
        document["assignment"] = to_document(replace(under_way, **assignment))
        self.database.seed(f"orders/{ORDER_ID}", document)
        self.database.seed("drivers/asha", to_document(driver("asha", active_orders=HELD)))

    async def step(self, fulfilment: Fulfilment) -> None:
        def decide(before: Order) -> Decision[Order, None]:
            return Decision(replace(before, fulfilment=fulfilment), [], None)

        await FirestoreOrders(self.store).change(ORDER_ID, decide)

    async def hear(self) -> None:
        """Let dispatch hear of the delivery."""
        command = ReleaseDriver("asha", ORDER_ID)
        await update_released(command, store=FirestoreDispatch(self.store), index=self.index)

    def held(self) -> tuple[str, ...]:
        return DRIVERS.parse(self.database.data("drivers/asha")).active_orders

    def assignment(self) -> dict[str, Any]:
        found: dict[str, Any] = self.database.data(f"orders/{ORDER_ID}")["assignment"]
        return found


async def test_the_driver_is_free_with_the_delivery() -> None:
    street = Street()
    await street.step(Fulfilment.DELIVERED)

    assert street.held() == ("ord_8",)
    assert street.assignment()["driver_id"] == "asha"
    assert (street.assignment()["has_active_work"], street.assignment()["check_at"]) == (False, None)
    assert len(street.database.commits) == 1


async def test_dispatch_then_tells_the_index_alone() -> None:
    street = Street()
    await street.step(Fulfilment.DELIVERED)
    commits = len(street.database.commits)
    await street.hear()

    assert len(street.database.commits) == commits
    assert street.index._entries["asha"].availability.load == 1


@pytest.mark.parametrize("fulfilment", [Fulfilment.ARRIVED, Fulfilment.FAILED])
async def test_any_other_step_leaves_the_order_with_its_driver(fulfilment: Fulfilment) -> None:
    street = Street()
    await street.step(fulfilment)

    assert street.held() == HELD
    assert street.assignment()["has_active_work"]


async def test_an_order_that_operators_look_at_is_released_by_dispatch() -> None:
    street = Street(escalated_at=NOW, escalation=EscalationReason.DRIVER_SILENT)
    await street.step(Fulfilment.DELIVERED)
    assert street.held() == HELD

    await street.hear()
    assert street.held() == ("ord_8",)
    assert not street.assignment()["has_active_work"]
    assert street.assignment()["escalated_at"] is None


async def test_a_driver_who_does_not_hold_the_order_stays_as_they_are() -> None:
    street = Street()
    street.database.seed("drivers/asha", to_document(driver("asha", active_orders=("ord_8",))))
    before = street.database.data("drivers/asha")
    await street.step(Fulfilment.DELIVERED)

    assert street.database.data("drivers/asha") == before
    assert street.assignment()["has_active_work"], "dispatch comes to it"
