"""Points on the earth, distances in metres, and the H3 cells that index them."""

from __future__ import annotations

from dataclasses import dataclass
from math import asin, cos, floor, radians, sin, sqrt

import h3

EARTH_RADIUS_M = 6_371_008.8
AREA_M = 500.0
"""The edge of the squares that stand for addresses which a person may not read exactly."""

METRES_PER_DEGREE = 111_195.0
REGION_RESOLUTION = 4
"""H3 resolution of a region: cells of about 1,770 km², a city each; the shard of the driver index."""

BROWSE_RESOLUTION = 6
"""H3 resolution of the cells by which zones are found: edges of about 3.7 km."""


@dataclass(frozen=True, slots=True)
class Point:
    """A position in degrees, WGS 84."""

    lat: float
    lng: float


def distance_m(a: Point, b: Point) -> float:
    """Return the great-circle distance in metres (haversine, mean earth radius)."""
    d_lat, d_lng = radians(b.lat - a.lat), radians(b.lng - a.lng)
    h = sin(d_lat / 2) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(d_lng / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(h)))


def area_of(point: Point) -> Point:
    """Return the centre of the square of about `AREA_M` that contains a point.

    The squares are fixed on the earth, so that many areas of one place reveal no more than one.
    """
    lat = _centre(point.lat, AREA_M / METRES_PER_DEGREE)
    narrowing = max(cos(radians(lat)), 0.01)
    lng = _centre(point.lng, AREA_M / METRES_PER_DEGREE / narrowing)
    return Point(lat, min(180.0, max(-180.0, lng)))


def _centre(degrees: float, step: float) -> float:
    return round((floor(degrees / step) + 0.5) * step, 5)


def region(point: Point) -> str:
    """Return the region of a point: its H3 cell at `REGION_RESOLUTION`."""
    return str(h3.latlng_to_cell(point.lat, point.lng, REGION_RESOLUTION))


def browse_cell(point: Point) -> str:
    """Return the cell by which the zones around a point are found."""
    return str(h3.latlng_to_cell(point.lat, point.lng, BROWSE_RESOLUTION))


def regions_near(point: Point) -> list[str]:
    """Return the region of a point, and each region next to it."""
    return sorted(map(str, h3.grid_disk(region(point), 1)))


def cells_around(point: Point, radius_m: float, resolution: int) -> list[str]:
    """Return every cell of `resolution` that a circle of `radius_m` can overlap, sorted.

    From any point in a cell, k rings of neighbours cover at least k edge lengths; the smallest cells of a
    resolution have edges of 0.8 times the average. Most cells of the outer rings do not overlap the circle
    (two thirds for a radius of 10 km at resolution 6) and are removed.
    """
    edge_m = 0.8 * h3.average_hexagon_edge_length(resolution, unit="m")
    rings = int(radius_m // edge_m) + 1
    near = h3.grid_disk(h3.latlng_to_cell(point.lat, point.lng, resolution), rings)
    return sorted(cell for cell in near if _touches(cell, point, radius_m))


def _touches(cell: str, point: Point, radius_m: float) -> bool:
    """Return whether the circle around a cell, enlarged by 1 %, and the circle around a point overlap."""
    centre = Point(*h3.cell_to_latlng(cell))
    cell_m = max(distance_m(centre, Point(*corner)) for corner in h3.cell_to_boundary(cell))
    return distance_m(point, centre) <= radius_m + 1.01 * cell_m
