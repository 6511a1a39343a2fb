"""The geometry of zones: which polygons are valid, what they cover, and the cells that find them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from math import cos, hypot, pi, radians, sin
from typing import Any

import h3
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.catalogue.coverage import cell_of, covers
from shared.catalogue.geometry import new_zone
from shared.catalogue.zones import MAX_CORNERS, Ring, Zone, ZoneInvalid, ZoneNotFound, archive
from shared.kernel.geo import Point

pytestmark = pytest.mark.mission("B4")

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CITY: Ring = [(77.5, 12.9), (77.7, 12.9), (77.7, 13.1), (77.5, 13.1), (77.5, 12.9)]
LAKE: Ring = [(77.55, 12.95), (77.65, 12.95), (77.65, 13.05), (77.55, 13.05), (77.55, 12.95)]


def zone(*rings: Ring) -> Zone:
    return new_zone("zon_1", "Centre", rings, "boss", NOW)


def square(west: float, south: float, side: float) -> Ring:
    east, north = west + side, south + side
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


class TestCovering:
    @pytest.mark.parametrize(
        ("lat", "lng", "inside"),
        [
            (12.92, 77.52, True),
            (13.0, 77.6, False),
            (12.89, 77.6, False),
            (12.9, 77.6, True),
            (12.9, 77.5, True),
            (12.95, 77.6, True),
            (12.9500001, 77.6, False),
            (12.8999999, 77.6, False),
            (-12.92, 77.52, False),
            (77.52, 12.92, False),
        ],
    )
    def test_the_boundary_belongs_to_a_zone_and_a_hole_does_not(
        self, lat: float, lng: float, inside: bool
    ) -> None:
        assert covers(zone(CITY, LAKE), Point(lat, lng)) is inside

    def test_the_direction_of_a_ring_does_not_matter(self) -> None:
        backwards = zone(list(reversed(CITY)), list(reversed(LAKE)))
        assert covers(backwards, Point(12.92, 77.52))
        assert not covers(backwards, Point(13.0, 77.6))
        assert backwards.cells == zone(CITY, LAKE).cells

    def test_the_geometry_keeps_every_digit(self) -> None:
        coordinates = zone(CITY, LAKE).polygon["coordinates"]
        assert coordinates == [[list(corner) for corner in ring] for ring in (CITY, LAKE)]


def _star(lng: float, lat: float, radii: list[float]) -> Ring:
    """A simple polygon around a point, with the given radii in degrees."""
    corners = [
        (lng + r * cos(2 * pi * n / len(radii)), lat + r * sin(2 * pi * n / len(radii)))
        for n, r in enumerate(radii)
    ]
    return [*corners, corners[0]]


CORNERS = st.integers(0, 6).map(lambda step: 77.1 + step / 10)
"""Few, so that points often lie on corners, on their level and on lines, which no rounding may move."""


@given(
    ring=st.lists(st.tuples(CORNERS, CORNERS), min_size=3, max_size=9, unique=True),
    asked=st.lists(st.tuples(CORNERS | st.floats(77, 78), CORNERS | st.floats(77, 78)), min_size=5),
    along=st.floats(0, 1),
)
def test_it_says_the_same_as_shapely_in_any_valid_polygon(
    ring: list[tuple[float, float]], asked: list[tuple[float, float]], along: float
) -> None:
    area = shapely.Polygon(ring)
    assume(area.is_valid)
    drawn = Zone("zon_1", "", shapely.to_geojson(area), (), "boss", NOW)
    middles = [(a[0] + (b[0] - a[0]) * along, a[1] + (b[1] - a[1]) * along) for a, b in pairwise(ring)]
    for lng, lat in (*asked, *ring, *middles):
        assert covers(drawn, Point(lat, lng)) is area.covers(shapely.Point(lng, lat))


@given(
    lng=st.floats(-170, 170),
    lat=st.floats(-75, 75),
    radii=st.lists(st.floats(0.002, 0.4), min_size=3, max_size=12),
    inside=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=20),
)
def test_every_point_of_a_zone_is_found_by_its_cell(
    lng: float, lat: float, radii: list[float], inside: list[tuple[float, float]]
) -> None:
    a_zone = zone(_star(lng, lat, radii))
    cells = set(a_zone.cells)
    for turn, reach in inside:
        r = max(radii) * reach
        point = Point(lat + r * sin(2 * pi * turn), lng + r * cos(2 * pi * turn))
        if covers(a_zone, point):
            assert cell_of(point) in cells


def test_a_zone_far_smaller_than_a_cell_is_found() -> None:
    tiny = zone(square(77.5946, 12.9716, 0.001))
    assert covers(tiny, Point(12.9721, 77.5951))
    assert cell_of(Point(12.9721, 77.5951)) in tiny.cells


def test_a_cell_is_found_when_the_boundary_cuts_only_its_tip() -> None:
    cell = cell_of(Point(12.97, 77.59))
    (centre_lat, centre_lng), (lat, lng) = h3.cell_to_latlng(cell), h3.cell_to_boundary(cell)[0]
    length = hypot(lat - centre_lat, lng - centre_lng)
    out = ((lng - centre_lng) / length, (lat - centre_lat) / length)
    start = (lng - out[0] / 1_000, lat - out[1] / 1_000)

    def corner(along: float, outwards: float) -> tuple[float, float]:
        return start[0] - out[1] * along + out[0] * outwards, start[1] + out[0] * along + out[1] * outwards

    ring = [corner(-0.0148, 0), corner(0.0148, 0), corner(0.0148, 0.05), corner(-0.0148, 0.05)]
    point = Point(lat - out[1] / 2_000, lng - out[0] / 2_000)
    beside = zone([*ring, ring[0]])
    assert cell_of(point) == cell
    assert covers(beside, point)
    assert cell in beside.cells


class TestDrawing:
    @pytest.mark.parametrize(
        "rings",
        [
            [],
            [[]],
            [[(77.5, 12.9), (77.7, 12.9), (77.5, 12.9)]],
            [CITY[:-1]],
            [[(77.5, 12.9), (77.7, 13.1), (77.7, 12.9), (77.5, 13.1), (77.5, 12.9)]],
            [CITY, square(77.4, 12.8, 0.05)],
            [CITY, square(77.69, 13.0, 0.05)],
            [CITY, LAKE, square(77.6, 13.0, 0.01)],
            [[(77.5, 12.9)] * 5],
            [[(77.5, 12.9), (77.6, 12.9), (77.7, 12.9), (77.5, 12.9)]],
            [square(77.5, 12.9, 0.0001)],
            [square(77.5, 12.9, 2)],
            [[(-179, 0), (179, 0), (179, 1), (-179, 1), (-179, 0)]],
            [[(77.5, 12.9), (83.5, 12.9), (83.5, 12.91), (77.5, 12.91), (77.5, 12.9)]],
            [square(179.9, 0, 0.2)],
            [square(0, 89.9, 0.2)],
            [[(float("nan"), 0), (1, 0), (1, 1), (float("nan"), 0)]],
            [[(float("inf"), 0), (1, 0), (1, 1), (float("inf"), 0)]],
            [CITY, *(square(77.51 + n / 1000, 12.91, 0.0005) for n in range(50))],
        ],
    )
    def test_what_is_no_area_is_refused(self, rings: Any) -> None:
        with pytest.raises(ZoneInvalid) as refusal:
            zone(*rings)
        assert refusal.value.errors

    def test_too_many_corners_are_refused(self) -> None:
        round_one = _star(77.6, 13.0, [0.2] * MAX_CORNERS)
        assert len(round_one) == MAX_CORNERS + 1
        with pytest.raises(ZoneInvalid):
            zone(round_one)
        zone(_star(77.6, 13.0, [0.2] * (MAX_CORNERS - 1)))

    def test_a_boundary_that_is_too_long_is_refused(self) -> None:
        lower = [(77 + n / 1000, 10.0 + 3 * (n % 2)) for n in range(200)]
        with pytest.raises(ZoneInvalid):
            zone([*lower, (77.2, 14.0), (77.0, 14.0), lower[0]])

    def test_a_zone_at_the_edge_of_the_map_is_valid(self) -> None:
        for west, south in ((-180, 10), (179.8, 10), (10, 89.7), (10, -90)):
            at_edge = zone(square(west, south, 0.2))
            assert cell_of(Point(south + 0.1, west + 0.1)) in at_edge.cells

    def test_its_size_is_bounded_where_degrees_are_narrow_too(self) -> None:
        zone(square(10, 60, 2))
        assert cos(radians(61)) < 0.5
        with pytest.raises(ZoneInvalid):
            zone(square(10, 0, 2))


class TestArchive:
    def test_an_archived_zone_keeps_who_and_when_and_a_repetition_changes_nothing(self) -> None:
        once = archive(zone(CITY), "boss", NOW)
        assert (once.active, once.archived_by, once.archived_at) == (False, "boss", NOW)
        assert archive(once, "other", NOW) is once

    def test_an_unknown_zone_cannot_be_archived(self) -> None:
        with pytest.raises(ZoneNotFound):
            archive(None, "boss", NOW)
