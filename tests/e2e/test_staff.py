"""The staff of a merchant: hired and dismissed through the API."""

from __future__ import annotations

import pytest

from tests.e2e.scene import ApiClient, Town, ok, refused

pytestmark = [pytest.mark.emulator, pytest.mark.mission("B1", "C3")]


async def _listed(person: ApiClient, **query: str) -> list[str]:
    return [order["id"] for order in ok(await person.get("/orders", role="merchant", **query))["orders"]]


async def test_fault_02_a_dismissed_employee_reads_and_moves_nothing_from_that_moment(town: Town) -> None:
    customer, employee = await town.person(), await town.person("Meera Nair")
    ok(await town.staff.request("PUT", f"/merchants/{town.merchant_id}/staff/{employee.uid}"))
    order_id = await town.place(customer)
    await town.pay(customer, order_id)
    ok(await employee.post(f"/orders/{order_id}/confirm", key=None))
    assert order_id in await _listed(employee)

    ok(await town.staff.request("DELETE", f"/merchants/{town.merchant_id}/staff/{employee.uid}"))

    for path in ("", "/events", "/cancellation"):
        refused(await employee.get(f"/orders/{order_id}{path}"), 404, "ORDER_NOT_FOUND")
    for step in ("prepare", "ready", "taken-back"):
        refused(await employee.post(f"/orders/{order_id}/{step}", key=None), 404, "ORDER_NOT_FOUND")
    cancel = await employee.post(f"/orders/{order_id}/cancel", {"reason": "sold out"})
    refused(cancel, 404, "ORDER_NOT_FOUND")
    assert await _listed(employee) == await _listed(employee, merchant_id=town.merchant_id) == []
    refused(await employee.get(f"/merchants/{town.merchant_id}/staff"), 404, "MERCHANT_NOT_FOUND")
    assert ok(await town.staff.post(f"/orders/{order_id}/prepare", key=None))["fulfilment"] == "preparing"


async def test_a_new_employee_sees_the_open_orders_and_is_notified_of_the_next_steps(town: Town) -> None:
    customer, employee = await town.person(), await town.person("Meera Nair")
    order_id = await town.place(customer)
    refused(await employee.get(f"/orders/{order_id}"), 404, "ORDER_NOT_FOUND")

    ok(await town.staff.request("PUT", f"/merchants/{town.merchant_id}/staff/{employee.uid}"))

    assert ok(await employee.get(f"/orders/{order_id}"))["fulfilment"] == "placed"
    assert await _listed(employee, merchant_id=town.merchant_id) == [order_id]
    await town.pay(customer, order_id)

    await town.told(employee, "payment_captured.merchant")
    assert ok(await employee.post(f"/orders/{order_id}/confirm", key=None))["fulfilment"] == "confirmed"
