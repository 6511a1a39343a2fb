"""What one completed order costs, counted on the running stack (goals: performance.md, "cost")."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from emulators.firestore_meter import FirestoreMeter
from emulators.stack.ports import PortLease
from tests.e2e.scene import Person, Town, eventually, ok, town
from tests.stack import RunningStack, StackFactory

pytestmark = pytest.mark.emulator

PRICES_PER_MILLION = {"reads": 0.3, "writes": 0.9, "deletes": 0.1, "task_operations": 0.4, "requests": 0.4}
"""USD per million operations, list prices of 2026."""


@pytest.fixture
async def meter() -> AsyncIterator[FirestoreMeter]:
    with PortLease(["meter"]) as lease:
        meter = FirestoreMeter(lease.ports["meter"])
        await meter.start()
        yield meter
        await meter.stop()


async def _counters(stack: RunningStack) -> dict[str, Any]:
    async with asyncio.timeout(10):
        import httpx

        async with httpx.AsyncClient(timeout=5) as http:
            counters: dict[str, Any] = (await http.get(f"http://{stack.addresses['oidc']}/counters")).json()
    return counters


def _totals(counters: dict[str, Any], meter: FirestoreMeter) -> Counter[str]:
    """Fold the counters into the quantities that have a price."""
    tasks = counters["cloud_tasks"]
    return Counter(
        {
            **meter.counts,
            "messages": sum(counters["eventarc"]["topics"].values()),
            "task_operations": tasks["created"] + tasks["dispatched"] + tasks["deleted"],
            "requests": sum(counters["gateway"].values()),
        }
    )


async def _deliver(place: Town, customer: Person, driver: Person) -> str:
    order_id = await place.place(customer)
    payment = ok(await customer.post("/payments", {"order_id": order_id, "method": "upi_intent"}))
    upi = place.stack.env["UPI_API_URL"]
    (
        await place.http.post(f"{upi}/upi/app/pay", json={"link": payment["link"], "approve": True})
    ).raise_for_status()

    async def confirmed() -> bool:
        return (await place.staff.post(f"/orders/{order_id}/confirm")).is_success

    await eventually(confirmed)
    for step in ("prepare", "ready"):
        ok(await place.staff.post(f"/orders/{order_id}/{step}"))
    offer_id = f"off_{order_id.removeprefix('ord_')}_1"

    async def accepted() -> bool:
        return (await driver.post(f"/driver/offers/{offer_id}/accept")).is_success

    await eventually(accepted)
    for step in ("picked-up", "in-transit", "delivered"):
        ok(await driver.post(f"/driver/orders/{order_id}/{step}"))
    return order_id


async def _quiet(meter: FirestoreMeter, stack: RunningStack, customer: Person, order_id: str) -> None:
    """Return once the delivery has been told and nothing moves any more."""

    async def told() -> bool:
        inbox = ok(await customer.get("/me/notifications"))["notifications"]
        return any(n["order_id"] == order_id and n["template"] == "order_delivered.customer" for n in inbox)

    await eventually(told)


async def test_an_order_costs_what_the_budget_says(
    meter: FirestoreMeter, isolated_stack: StackFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = await asyncio.to_thread(
        isolated_stack, isolated=False, environment={"FIRESTORE_EMULATOR_HOST": meter.address}
    )
    meter.target = stack.env["FIRESTORE_EMULATOR_HOST"]
    async with town(stack) as place:
        customer, driver = await place.person(), await place.driver()
        for person in (customer, driver, place.staff):
            ok(await person.post("/me/devices", {"token": f"phone-{person.uid}", "platform": "android"}))
        before = _totals(await _counters(stack), meter)
        meter.by_document.clear()
        order_id = await _deliver(place, customer, driver)
        spent = dict(meter.by_document)
        await _quiet(meter, stack, customer, order_id)
        spent = dict(meter.by_document)
        cost = _totals(await _counters(stack), meter)
        cost.subtract(before)

    usd = sum(PRICES_PER_MILLION.get(name, 0) * number for name, number in cost.items())
    with capsys.disabled():
        print(f"\ncost per completed order: {json.dumps(dict(sorted(cost.items())))}")  # noqa: T201
        print(f"list price: {usd:.2f} USD per million orders")  # noqa: T201
        print(f"by document: {json.dumps(dict(sorted(spent.items())))}")  # noqa: T201
