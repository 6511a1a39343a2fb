"""What an operator ends is refunded: from the operator's request to the refund at the gateway."""

from __future__ import annotations

import pytest

from tests.unit.town import ADMIN, ASHA, OWNER, Town

pytestmark = pytest.mark.mission("E9", "J2")

WHY = {"reason": "the driver vanished"}
DRIVER = "dev"


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Town:
    return Town(monkeypatch)


async def _picked_up(town: Town) -> tuple[str, int]:
    """Return a paid order that a driver has picked up, and what was paid."""
    order = await town.ordered(await town.shop())
    order_id = str(order["id"])
    await town.pay(order_id)
    for step in ("confirm", "prepare", "ready"):
        await town.done(OWNER, "POST", f"/orders/{order_id}/{step}")
    path = f"orders/{order_id}"
    stored = town.database.data(path)
    assigned = {**stored["assignment"], "state": "assigned", "driver_id": DRIVER}
    town.database.seed(path, {**stored, "assignment": assigned})
    await town.done(DRIVER, "POST", f"/driver/orders/{order_id}/picked-up")
    await town.deliver()
    return order_id, int(order["amounts"]["total"])


async def test_an_order_that_an_operator_cancels_after_the_pickup_is_refunded_whole_and_once(
    town: Town,
) -> None:
    order_id, paid = await _picked_up(town)
    for _ in range(2):
        await town.done(ADMIN, "POST", f"/admin/orders/{order_id}/cancel", WHY, key="one-key")
    await town.deliver()
    assert town.gateway.refunded_total() == paid
    assert len(town.gateway.refunds) == 1
    shown = await town.order(order_id, uid=ASHA)
    assert shown["fulfilment"] == "cancelled"


async def test_goods_that_an_operator_recalls_are_refunded_whole_when_they_are_back(town: Town) -> None:
    order_id, paid = await _picked_up(town)
    await town.done(ADMIN, "POST", f"/admin/orders/{order_id}/recall", WHY)
    await town.deliver()
    assert town.gateway.refunded_total() == 0

    await town.done(OWNER, "POST", f"/orders/{order_id}/taken-back")
    await town.deliver()
    assert town.gateway.refunded_total() == paid


async def test_an_order_that_an_operator_gives_to_another_driver_is_not_refunded(town: Town) -> None:
    order_id, _ = await _picked_up(town)
    await town.done(ADMIN, "POST", f"/admin/orders/{order_id}/reassign", WHY)
    await town.deliver()
    assert town.gateway.refunded_total() == 0
    assert (await town.order(order_id))["fulfilment"] == "ready"
