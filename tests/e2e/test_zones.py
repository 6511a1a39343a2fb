"""Where orders are delivered: zones that an admin creates and archives.

Each town lies in a zone of its own, so a zone created here is out of the others' way.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.scene import ZONE_DEGREES, ApiClient, Town, ok, refused, square

pytestmark = [pytest.mark.emulator, pytest.mark.mission("B4")]

OUTSIDE = 0.12
"""Degrees north of the shop: 13 km, near enough to be driven to, and outside the town's zone."""


def _beyond(town: Town) -> dict[str, Any]:
    dropoff = {"lat": town.lat + OUTSIDE, "lng": town.lng, "address": "Farm Road"}
    return town.wish(dropoff=dropoff)


async def _serving(person: ApiClient, town: Town, north: float = OUTSIDE) -> dict[str, Any]:
    return ok(await person.get("/zones/serving", lat=town.lat + north, lng=town.lng))


async def test_an_address_outside_is_refused_with_the_reason_until_a_zone_reaches_it(town: Town) -> None:
    customer = await town.person()
    starts_at = (datetime.now(UTC) + timedelta(hours=23)).isoformat()
    series = _beyond(town) | {"rule": "FREQ=DAILY", "starts_at": starts_at}
    problem = refused(await customer.post("/quotes", _beyond(town), key=None), 422, "OUTSIDE_SERVICE_ZONE")
    assert "zone" in problem["detail"]
    refused(await customer.post("/recurrences", series), 422, "OUTSIDE_SERVICE_ZONE")
    assert await _serving(customer, town) == {"served": False, "zones": []}
    assert (await _serving(customer, town, north=ZONE_DEGREES))["served"]  # the boundary belongs to it
    ok(await customer.post("/quotes", town.wish(), key=None))

    zone = await town.serve(town.lat + OUTSIDE, town.lng, 0.01)

    assert await _serving(customer, town) == {"served": True, "zones": [{"id": zone, "name": "Town"}]}
    order_id = await town.place(customer, dropoff=_beyond(town)["dropoff"])
    for _ in range(2):
        assert ok(await town.admin.post(f"/admin/zones/{zone}/archive"))["active"] is False
    refused(await customer.post("/quotes", _beyond(town), key=None), 422, "OUTSIDE_SERVICE_ZONE")
    ok(await customer.get(f"/orders/{order_id}"))  # what was placed is brought


async def test_a_hole_in_a_zone_is_not_served(town: Town) -> None:
    customer = await town.person()
    inner = square(town.lat + OUTSIDE, town.lng, 0.002)["coordinates"][0]
    outer = square(town.lat + OUTSIDE, town.lng, 0.01)["coordinates"][0]
    ring = {"type": "Polygon", "coordinates": [outer, inner]}
    ok(await town.admin.post("/admin/zones", {"name": "Around the lake", "geometry": ring}))

    assert (await _serving(customer, town))["served"] is False
    assert (await _serving(customer, town, north=OUTSIDE - 0.005))["served"] is True
    refused(await customer.post("/quotes", _beyond(town), key=None), 422, "OUTSIDE_SERVICE_ZONE")


async def test_a_second_click_draws_no_second_zone_and_pages_show_each_once(town: Town) -> None:
    zone = {"name": "Harbour", "geometry": square(town.lat + 1, town.lng, 0.01)}
    clicks = [await town.admin.post("/admin/zones", zone, key="draw") for _ in range(2)]
    assert len({ok(click)["id"] for click in clicks}) == 1
    other = zone | {"name": "Port"}
    refused(await town.admin.post("/admin/zones", other, key="draw"), 422, "IDEMPOTENCY_KEY_REUSED")

    customer, seen, token = await town.person(), [], ""
    while True:
        page = ok(await customer.get("/zones", page_size=2, page_token=token))
        seen += [shown["id"] for shown in page["zones"]]
        if not (token := page["next_page_token"]):
            break
    assert len(seen) == len(set(seen))
    assert seen.count(ok(clicks[0])["id"]) == 1


async def test_what_is_no_area_and_who_is_no_admin_are_refused(town: Town) -> None:
    lat, lng = town.lat + 1, town.lng
    bow_tie = [[lng, lat], [lng + 1, lat + 1], [lng + 1, lat], [lng, lat + 1], [lng, lat]]
    unclosed = [[lng, lat], [lng + 1, lat], [lng + 1, lat + 1], [lng, lat + 1]]
    swapped = [[lat, 91.0], [lat + 1, 91.0], [lat + 1, 92.0], [lat, 91.0]]
    rings: list[Any] = [[bow_tie], [unclosed], [swapped], [[[lng, lat]] * 4], [], "everywhere", [[[lng]] * 4]]
    rings += [square(lat, lng, 3)["coordinates"], square(lat, lng, 1e-9)["coordinates"]]

    for coordinates in rings:
        body = {"name": "Nowhere", "geometry": {"type": "Polygon", "coordinates": coordinates}}
        problem = refused(await town.admin.post("/admin/zones", body), 422)
        assert problem["errors"][0]["pointer"].startswith("/geometry/coordinates")
    fair = {"name": "Mine", "geometry": square(lat, lng, 0.01)}
    for nobody in (await town.person(), town.staff):
        refused(await nobody.post("/admin/zones", fair), 403, "ROLE_MISSING")
    refused(await town.admin.post("/admin/zones/zon_unheard_of/archive"), 404, "ZONE_NOT_FOUND")
    refused(await town.admin.get("/zones/serving", lat="NaN", lng=0), 422)
