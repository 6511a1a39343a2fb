"""Service zones as admins draw them and as everybody asks for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.firestore.zones import FirestoreZones
from shared.kernel.geo import Point
from tests.fakes.accounts import Caller, seed_operator
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import NOW
from tests.unit.catalogue.conftest import SetClock
from tests.unit.catalogue.shops import put, shop

pytestmark = pytest.mark.mission("B4")

ADMIN = "/api/v1/admin/zones"
ZONES = "/api/v1/zones"
CITY = [[77.5, 12.9], [77.7, 12.9], [77.7, 13.1], [77.5, 13.1], [77.5, 12.9]]
LAKE = [[77.55, 12.95], [77.65, 12.95], [77.65, 13.05], [77.55, 13.05], [77.55, 12.95]]
BODY: dict[str, Any] = {"name": "Centre", "geometry": {"type": "Polygon", "coordinates": [CITY, LAKE]}}


@pytest.fixture
def boss(call: Caller, database: MemoryDatabase) -> Caller:
    seed_operator(database, "boss")
    return call.be("boss")


async def _served(call: Caller, lat: float, lng: float) -> bool:
    return bool((await call("GET", f"{ZONES}/serving?lat={lat}&lng={lng}")).json()["served"])


async def test_before_the_first_zone_everywhere_is_served_and_after_it_only_there(
    call: Caller, boss: Caller, database: MemoryDatabase
) -> None:
    assert await _served(call, 28.6, 77.2)
    made = await boss("POST", ADMIN, BODY, key="k")

    assert made.status_code == 201
    assert made.json()["geometry"] == BODY["geometry"]
    assert await _served(call, 12.92, 77.52)
    assert not await _served(call, 13.0, 77.6)
    assert not await _served(call, 28.6, 77.2)
    answer = (await call("GET", f"{ZONES}/serving?lat=12.92&lng=77.52")).json()
    assert answer == {"served": True, "zones": [{"id": made.json()["id"], "name": "Centre"}]}
    assert await FirestoreZones(database).serves(Point(12.92, 77.52))
    assert not await FirestoreZones(database).serves(Point(28.6, 77.2))


async def test_an_archived_zone_is_not_served_and_opens_nothing(
    call: Caller, boss: Caller, database: MemoryDatabase
) -> None:
    zone = (await boss("POST", ADMIN, BODY, key="k")).json()["id"]
    for _ in range(2):
        assert (await boss("POST", f"{ADMIN}/{zone}/archive")).json()["active"] is False

    assert not await _served(call, 12.92, 77.52)
    assert not await _served(call, 28.6, 77.2)
    assert (await call("GET", ZONES)).json()["zones"] == []
    assert database.data(f"zones/{zone}")["archived_by"] == "boss"


async def test_of_zones_that_overlap_one_is_enough(call: Caller, boss: Caller) -> None:
    first = (await boss("POST", ADMIN, BODY, key="1")).json()["id"]
    await boss("POST", ADMIN, {**BODY, "name": "All"}, key="2")
    await boss("POST", f"{ADMIN}/{first}/archive")
    assert await _served(call, 12.92, 77.52)


async def test_a_retry_draws_no_second_zone(boss: Caller, database: MemoryDatabase) -> None:
    first = await boss("POST", ADMIN, BODY, key="k")
    again = await boss("POST", ADMIN, BODY, key="k")
    other = await boss("POST", ADMIN, {**BODY, "name": "Other"}, key="k")

    assert (first.json(), other.status_code) == (again.json(), 422)
    assert len(database.collection("zones")) == 1
    assert (await boss("POST", ADMIN, BODY)).status_code == 400


async def test_zones_are_listed_page_by_page(call: Caller, boss: Caller, clock: SetClock) -> None:
    for n in range(5):
        clock.at = NOW + timedelta(minutes=n)
        await boss("POST", ADMIN, {**BODY, "name": f"Zone {n}"}, key=f"k{n}")

    first = (await call("GET", f"{ZONES}?page_size=3")).json()
    rest = (await call("GET", f"{ZONES}?page_size=3&page_token={first['next_page_token']}")).json()

    names = [zone["name"] for zone in first["zones"] + rest["zones"]]
    assert names == [f"Zone {n}" for n in reversed(range(5))]
    assert rest["next_page_token"] == ""


@pytest.mark.parametrize("path", [ADMIN, f"{ADMIN}/zon_1/archive"])
async def test_only_an_admin_creates_and_archives(call: Caller, database: MemoryDatabase, path: str) -> None:
    seed_operator(database, "helper", "support", "merchant")
    before = dict(database.docs)
    for uid in ("staff", "helper"):
        assert (await call.be(uid)("POST", path, BODY, key="k")).json()["code"] == "ROLE_MISSING"
    assert (await call.be("")("POST", path, BODY, key="k")).status_code == 401
    assert database.docs == before


async def test_an_unknown_zone_is_404(boss: Caller) -> None:
    answer = await boss("POST", f"{ADMIN}/zon_9/archive")
    assert (answer.status_code, answer.json()["code"]) == (404, "ZONE_NOT_FOUND")


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {},
        {"type": "Point", "coordinates": [77.5, 12.9]},
        {"type": "MultiPolygon", "coordinates": [[CITY]]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "Polygon", "coordinates": [CITY[:-1]]},
        {"type": "Polygon", "coordinates": [[*CITY[:-1], [77.5, 12.9, "800"]]]},
        {"type": "Polygon", "coordinates": [[*CITY[:-1], [77.5]]]},
        {"type": "Polygon", "coordinates": [[["77.5", "12.9"]] * 4]},
        {"type": "Polygon", "coordinates": [[[12.9, 77.5], [12.9, 177.7], [13.1, 77.7], [12.9, 77.5]]]},
        {"type": "Polygon", "coordinates": [[[10**400, 0], [1, 0], [1, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [CITY] * 51},
        {"type": "Polygon", "coordinates": [CITY * 500]},
        {"type": "Polygon", "coordinates": "CITY"},
        {
            "type": "Polygon",
            "coordinates": [[[77.5, 12.9], [77.7, 13.1], [77.7, 12.9], [77.5, 13.1], [77.5, 12.9]]],
        },
    ],
)
async def test_what_is_no_area_is_422(boss: Caller, database: MemoryDatabase, geometry: Any) -> None:
    answer = await boss("POST", ADMIN, {**BODY, "geometry": geometry}, key="k")
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert database.collection("zones") == {}


async def test_a_coordinate_that_json_should_not_have_is_a_client_error(boss: Caller) -> None:
    ring = "[[NaN, 0], [1, 0], [1, 1], [NaN, 0]]"
    raw = f'{{"name": "N", "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}'
    assert (await boss("POST", ADMIN, raw=raw, key="k")).status_code in (400, 422)


@pytest.mark.parametrize(
    "path",
    [
        f"{ZONES}/serving",
        f"{ZONES}/serving?lat=91&lng=0",
        f"{ZONES}/serving?lat=nan&lng=0",
        f"{ZONES}/serving?lat=0",
        f"{ZONES}?page_size=21",
        f"{ZONES}?page_token=x",
    ],
)
async def test_a_question_without_sense_is_422(call: Caller, path: str) -> None:
    assert (await call("GET", path)).status_code == 422
    assert (await call.be("")("GET", path)).status_code == 401


async def test_a_zone_that_cannot_be_read_hides_no_other(
    call: Caller, boss: Caller, database: MemoryDatabase
) -> None:
    made = (await boss("POST", ADMIN, BODY, key="k")).json()
    cells = database.data(f"zones/{made['id']}")["cells"]
    database.seed("zones/zon_odd", {"cells": cells, "active": True})
    assert await _served(call, 12.92, 77.52)


HIGH = [[*position, 905.5] for position in CITY]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Polygon", "coordinates": [HIGH]},
        {"type": "Polygon", "coordinates": [[*CITY[:-1], [77.5, 12.9, -3]]]},
        {"type": "Polygon", "coordinates": [[[*position, 905.5, 17.0] for position in CITY]]},
        {"type": "Polygon", "coordinates": [CITY], "bbox": [77.5, 12.9, 77.7, 13.1]},
        {"type": "Polygon", "coordinates": [HIGH], "bbox": [77.5, 12.9, 0, 77.7, 13.1, 905.5]},
        {
            "bbox": None,
            "coordinates": [CITY[::-1]],
            "type": "Polygon",
            "title": "drawn clockwise",
            "x": {"y": 1},
        },
        {
            "type": "Polygon",
            "coordinates": [CITY],
            "crs": {"type": "name", "properties": {"name": "EPSG:4326"}},
        },
    ],
)
async def test_fault_25_geojson_as_the_standard_has_it_is_accepted_and_what_is_not_needed_dropped(
    call: Caller, boss: Caller, geometry: dict[str, Any]
) -> None:
    made = await boss("POST", ADMIN, {"name": "Centre", "geometry": geometry}, key="k")

    assert made.status_code == 201, made.text
    stored = made.json()["geometry"]
    assert set(stored) == {"type", "coordinates"}
    assert sorted(stored["coordinates"][0]) == sorted(CITY)
    assert await _served(call, 13.0, 77.6)
    assert (await boss("POST", ADMIN, {**BODY, "area": 1}, key="2")).status_code == 422, (
        "our own members are closed"
    )


SWAPPED = [[lat, lng] for lng, lat in CITY]


async def test_fault_25_a_zone_with_swapped_axes_is_created_with_a_warning(
    boss: Caller, database: MemoryDatabase
) -> None:
    put(database, shop())
    body = {"name": "Centre", "geometry": {"type": "Polygon", "coordinates": [SWAPPED]}}
    made = await boss("POST", ADMIN, body, key="k")

    assert (made.status_code, [one["code"] for one in made.json()["warnings"]]) == (
        201,
        ["ZONE_AXES_SWAPPED"],
    )
    assert "longitude first" in made.json()["warnings"][0]["message"]
    assert (await boss("POST", ADMIN, body, key="k")).json() == made.json()


async def test_fault_25_without_any_shop_a_zone_in_the_polar_regions_is_doubted(boss: Caller) -> None:
    body = {"name": "Centre", "geometry": {"type": "Polygon", "coordinates": [SWAPPED]}}

    made = (await boss("POST", ADMIN, body, key="k")).json()
    assert [one["code"] for one in made["warnings"]] == ["ZONE_AXES_SWAPPED"]


async def test_fault_25_a_zone_near_shops_has_no_warning_and_one_far_from_them_has_another(
    boss: Caller, database: MemoryDatabase
) -> None:
    put(database, shop(approved=False, application_outcome=None))
    assert (await boss("POST", ADMIN, BODY, key="k")).json()["warnings"] == []
    far = {"type": "Polygon", "coordinates": [[[lng + 3, lat] for lng, lat in CITY]]}
    made = (await boss("POST", ADMIN, {"name": "Far", "geometry": far}, key="2")).json()
    assert [one["code"] for one in made["warnings"]] == ["ZONE_FAR_FROM_SHOPS"]
