"""A local shop from its opening to a picked basket, as its staff is notified and asked."""

from __future__ import annotations

import pytest

from tests.unit.town import OWNER, Town

pytestmark = pytest.mark.mission("A6", "C2")


async def test_fault_19_a_local_shop_opens_without_a_food_or_drug_licence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = Town(monkeypatch, settings={"documents_required": True})

    shop = await town.shop(business="local")

    assert (await town.done(OWNER, "GET", f"/merchants/{shop}"))["open_now"]


async def test_fault_19_a_licence_is_asked_for_where_the_operator_configures_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    required = {"documents_required": True, "required_licences": {"local": {"food_licence"}}}
    town = Town(monkeypatch, settings=required)

    with pytest.raises(AssertionError, match="LICENCE_MISSING"):
        await town.shop(business="local")


async def test_fault_19_a_basket_that_takes_a_quarter_of_an_hour_is_confirmed_picked_and_then_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = Town(monkeypatch)
    town.person(OWNER)
    shop = await town.shop(business="local")
    order = await town.ordered(shop)
    await town.pay(order["id"])
    await town.deliver()
    assert ("payment_captured.merchant", "New order", "A paid order is waiting for you to confirm it.") in (
        town.inbox(OWNER)
    )

    await town.done(OWNER, "POST", f"/orders/{order['id']}/confirm")
    await town.done(OWNER, "POST", f"/orders/{order['id']}/prepare")
    town.clock.forward(minutes=15)
    await town.sweep()
    assert (await town.order(order["id"]))["fulfilment"] == "preparing"
    ready = await town.done(OWNER, "POST", f"/orders/{order['id']}/ready")

    assert ready["fulfilment"] == "ready"
