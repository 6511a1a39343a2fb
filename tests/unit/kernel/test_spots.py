"""Spots and the areas that hold them."""

from __future__ import annotations

from itertools import pairwise

import h3
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.kernel.geo import Point, distance_m
from shared.kernel.spots import RESOLUTION, Area, area, areas_around, spot_distance, spot_of

PENTAGON = Point(*h3.cell_to_latlng(h3.get_pentagons(6)[3]))
POINTS = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))


@example(PENTAGON, PENTAGON)
@given(seen_from=POINTS, point=POINTS)
def test_a_cell_holds_its_spots_within_the_distances_it_tells(seen_from: Point, point: Point) -> None:
    spot = spot_of(point)
    away = spot_distance(seen_from, spot)
    for resolution in range(4, RESOLUTION + 1):
        one = area(h3.cell_to_parent(spot, resolution), seen_from)
        assert one.nearest <= away <= one.farthest
        assert one.spots[0] <= spot <= one.spots[1]


@given(point=POINTS)
def test_the_parts_of_a_cell_divide_its_spots(point: Point) -> None:
    whole = area(h3.cell_to_parent(spot_of(point), 9), point)
    spans = sorted(part.spots for part in whole.parts(point))
    assert (spans[0][0], spans[-1][1]) == whole.spots
    assert all(last < first for (_, last), (first, _) in pairwise(spans))


@example(PENTAGON, 3_000, 0.9, 0.3)
@given(point=POINTS, radius=st.integers(1, 10_000), part=st.floats(0, 1), turn=st.floats(0, 1))
def test_the_areas_around_a_point_hold_every_spot_within_the_radius(
    point: Point, radius: int, part: float, turn: float
) -> None:
    bounded = Point(max(-85.0, min(85.0, point.lat)), point.lng)
    there = Point(bounded.lat + part * radius / 111_195.0 * (1 - 2 * turn), bounded.lng)
    if distance_m(bounded, there) <= radius:
        spot = spot_of(there)
        assert any(one.spots[0] <= spot <= one.spots[1] for one in areas_around(bounded, radius))


@pytest.mark.parametrize("radius", [1, 100, 2_000, 5_000, 10_000])
def test_few_areas_are_looked_at(radius: int) -> None:
    assert len(areas_around(Point(12.97, 77.59), radius)) <= 19


def test_a_spot_is_an_area_of_its_own() -> None:
    spot = spot_of(Point(12.97, 77.59))
    assert Area(spot, 0, 0).spots == (spot, spot)
    assert Area(spot, 0, 0).is_spot
