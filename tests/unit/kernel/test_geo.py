"""The cells that a circle can touch."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, pi, radians, sin

import h3
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.kernel.geo import (
    EARTH_RADIUS_M,
    Point,
    cells_around,
    distance_m,
    distances_m,
    region,
    regions_around,
)

PENTAGON = Point(*h3.cell_to_latlng(h3.get_pentagons(6)[3]))


def walked(start: Point, metres: float, turn: float) -> Point:
    """Return the destination of a straight walk from a point on a sphere."""
    lat, far, bearing = radians(start.lat), metres / EARTH_RADIUS_M, 2 * pi * turn
    to_lat = asin(sin(lat) * cos(far) + cos(lat) * sin(far) * cos(bearing))
    d_lng = atan2(sin(bearing) * sin(far) * cos(lat), cos(far) - sin(lat) * sin(to_lat))
    return Point(degrees(to_lat), (start.lng + degrees(d_lng) + 180) % 360 - 180)


@example(PENTAGON.lat, PENTAGON.lng, 6, 10_000, [(1, n / 12) for n in range(12)])
@example(89.99, 0, 6, 10_000, [(1, n / 12) for n in range(12)])
@example(0, 179.99, 6, 10_000, [(1, n / 12) for n in range(12)])
@given(
    lat=st.floats(-90, 90),
    lng=st.floats(-180, 180),
    resolution=st.sampled_from([4, 6]),
    radius_m=st.integers(1, 20_000),
    walks=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=5, max_size=20),
)
def test_no_point_within_the_radius_is_in_another_cell(
    lat: float, lng: float, resolution: int, radius_m: int, walks: list[tuple[float, float]]
) -> None:
    centre = Point(lat, lng)
    cells = set(cells_around(centre, radius_m, resolution))
    for part, turn in walks:
        point = walked(centre, part * radius_m, turn)
        assert distance_m(centre, point) <= radius_m + 1
        assert h3.latlng_to_cell(point.lat, point.lng, resolution) in cells


@pytest.mark.parametrize(("radius_m", "most"), [(1_000, 4), (5_000, 12), (10_000, 24)])
def test_cells_out_of_reach_are_left_out(radius_m: int, most: int) -> None:
    assert len(cells_around(Point(12.97, 77.59), radius_m, 6)) <= most


@example(PENTAGON.lat, PENTAGON.lng, 20_000, [(1, n / 12) for n in range(12)])
@example(0, 179.99, 20_000, [(1, n / 12) for n in range(12)])
@given(
    lat=st.floats(-85, 85),
    lng=st.floats(-180, 180),
    radius_m=st.integers(1, 20_000),
    walks=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=5, max_size=20),
)
def test_the_regions_around_a_point_hold_every_point_of_the_circle(
    lat: float, lng: float, radius_m: int, walks: list[tuple[float, float]]
) -> None:
    centre = Point(lat, lng)
    reaches = {cell: reach for reach, cell in regions_around(centre, radius_m)}
    assert list(reaches.values()) == sorted(reaches.values())
    for part, turn in walks:
        point = walked(centre, part * radius_m, turn)
        assert reaches[region(point)] <= distance_m(centre, point)


def test_a_circle_within_a_region_has_no_other_region_around_it() -> None:
    centre = Point(*h3.cell_to_latlng(region(Point(12.97, 77.59))))
    assert [cell for _, cell in regions_around(centre, 12_000)] == [region(centre)]


def test_distances_from_one_point_are_the_distances_between_two() -> None:
    here, there = Point(12.97, 77.59), Point(-33.9, 151.2)
    assert distances_m(here)(there.lat, there.lng) == distance_m(there, here)
