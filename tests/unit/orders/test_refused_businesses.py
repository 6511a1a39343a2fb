"""Businesses whose orders the operator does not accept: medicine, until its requirements are enforced."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.kernel.order import Business
from shared.orders.ordering import BusinessNotOpen
from tests.fakes.runtime import NOW
from tests.unit.town import ASHA, DOSA, HOME, OWNER, Town

pytestmark = pytest.mark.mission("C1", "C2")

REASON = (
    "Medical orders are not accepted until prescriptions, identity checks and "
    "proofs of delivery are enforced."
)
SERIES = {"items": [DOSA], "dropoff": HOME, "rule": "FREQ=DAILY", "starts_at": str(NOW + timedelta(days=2))}
ACCEPTED: dict[str, Any] = {"refused_businesses": {}}


def _refused(answer: httpx.Response, reason: str = REASON) -> bool:
    problem = answer.json()
    return (answer.status_code, problem["code"], problem["detail"]) == (409, "BUSINESS_NOT_OPEN", reason)


async def test_fault_19_an_order_of_medicine_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = Town(monkeypatch)
    shop = await town.shop(business="med")

    assert _refused(await town.quote(shop))
    assert _refused(await town.quote(shop, scheduled_for=(NOW + timedelta(hours=3)).isoformat()))
    series = await town.call(ASHA, "POST", "/recurrences", {"merchant_id": shop, **SERIES}, key="series-1")
    assert _refused(series)


async def test_fault_19_no_quote_order_or_series_from_before_places_an_order_of_medicine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = Town(monkeypatch, settings=ACCEPTED)
    shop = await before.shop(business="med")
    placed, held = await before.ordered(shop), (await before.quote(shop)).json()
    series = await before.done(ASHA, "POST", "/recurrences", {"merchant_id": shop, **SERIES})

    now = Town(monkeypatch)
    now.database.docs.update(before.database.docs)

    assert _refused(await now.place(held["id"]))
    assert _refused(await now.call(ASHA, "POST", f"/orders/{placed['id']}/reorder", {}))
    now.clock.forward(days=1, hours=23)
    await now.place_occurrences()
    after = await now.done(ASHA, "GET", f"/recurrences/{series['id']}")
    assert (after["placed"], after["skipped"]) == (0, "BUSINESS_NOT_OPEN")


async def test_fault_19_a_pharmacy_prepares_its_shop_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town(monkeypatch)

    shop = await town.shop(business="med")

    await town.done(OWNER, "PUT", f"/merchants/{shop}/hours", {"timezone": "Asia/Kolkata"})
    await town.done(OWNER, "PUT", f"/merchants/{shop}/stock/itm_cake", {"on_hand": 5})
    assert (await town.done(OWNER, "GET", f"/merchants/{shop}"))["business"] == "med"


@pytest.mark.parametrize("business", ["food", "local"])
async def test_orders_of_other_businesses_are_accepted(
    monkeypatch: pytest.MonkeyPatch, business: str
) -> None:
    town = Town(monkeypatch)
    assert (await town.ordered(await town.shop(business=business)))["business"] == business


async def test_the_operator_names_the_businesses_and_the_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town(monkeypatch, settings={"refused_businesses": {Business.LOCAL: "No shops before May."}})

    assert _refused(await town.quote(await town.shop(business="local")), "No shops before May.")
    assert (await town.ordered(await town.shop(business="med")))["business"] == "med"
    assert BusinessNotOpen.code == "BUSINESS_NOT_OPEN"
