"""Points on the earth, distances in metres, and the H3 cells that index them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import asin, cos, floor, radians, sin, sqrt

import h3

EARTH_RADIUS_M = 6_371_008.8
AREA_M = 500.0
"""The edge of the squares that stand for addresses which a person may not read exactly."""

METRES_PER_DEGREE = 111_195.0
REGION_RESOLUTION = 4
"""H3 resolution of a region: cells of about 1,770 km², a city each; the shard of the driver index."""

REGION_EDGE_M = 26_000.0
"""The edge of a region, on average."""

BROWSE_RESOLUTION = 6
"""H3 resolution of the cells by which zones are found: edges of about 3.7 km."""

Vector = tuple[float, float, float]
"""A position on the unit sphere, or a direction."""


@dataclass(frozen=True, slots=True)
class Point:
    """A position in degrees, WGS 84."""

    lat: float
    lng: float


def distance_m(a: Point, b: Point) -> float:
    """Return the great-circle distance in metres (haversine, mean earth radius)."""
    return _distance_m(a.lat, a.lng, b.lat, b.lng, cos(radians(b.lat)))


def distances_m(point: Point) -> Callable[[float, float], float]:
    """Return a function from a latitude and a longitude to their distance from a point, for many of them."""
    lat, lng, cos_lat = point.lat, point.lng, cos(radians(point.lat))
    return lambda from_lat, from_lng: _distance_m(from_lat, from_lng, lat, lng, cos_lat)


def _distance_m(a_lat: float, a_lng: float, b_lat: float, b_lng: float, cos_b: float) -> float:
    d_lat, d_lng = radians(b_lat - a_lat), radians(b_lng - a_lng)
    h = sin(d_lat / 2) ** 2 + cos(radians(a_lat)) * cos_b * sin(d_lng / 2) ** 2
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


def regions_around(point: Point, radius_m: float) -> Sequence[tuple[float, str]]:
    """Return every region that a circle of `radius_m` can overlap, each behind its distance in metres.

    They come nearest first, so that the first ones are the regions of any smaller circle. The distance is
    negative inside, and never too long.
    """
    at = _vector(point)
    regions = _regions_around(str(h3.latlng_to_cell(point.lat, point.lng, BROWSE_RESOLUTION)), radius_m)
    found = ((_gap_m(sides, at), cell) for cell, sides in regions)
    return sorted(one for one in found if one[0] <= radius_m)


@lru_cache(maxsize=4096)
def _regions_around(spot: str, radius_m: float) -> Sequence[tuple[str, Sequence[Vector]]]:
    """Return the regions that a circle around any point of a cell can overlap, and their sides."""
    centre = Point(*h3.cell_to_latlng(spot))
    cells = cells_around(centre, radius_m + _reach_m(spot, centre), REGION_RESOLUTION)
    return tuple((cell, _sides(cell)) for cell in cells)


def _touches(cell: str, point: Point, radius_m: float) -> bool:
    """Return whether the circle around a cell, enlarged by 1 %, and the circle around a point overlap."""
    centre = Point(*h3.cell_to_latlng(cell))
    return distance_m(point, centre) <= radius_m + _reach_m(cell, centre)


def _reach_m(cell: str, centre: Point) -> float:
    """Return the radius of the circle around a cell, enlarged by 1 %."""
    return 1.01 * max(distance_m(centre, Point(*corner)) for corner in h3.cell_to_boundary(cell))


def _sides(cell: str) -> Sequence[Vector]:
    """Return, for each side of a cell, the normal of the plane through it and the centre of the earth."""
    corners = [_vector(Point(*corner)) for corner in h3.cell_to_boundary(cell)]
    return [_normal(a, b) for a, b in zip(corners, corners[1:] + corners[:1], strict=True)]


def _gap_m(sides: Sequence[Vector], at: Vector) -> float:
    """Return how far a point lies outside the farthest side of a cell, less 1 % of a region's edge."""
    x, y, z = at
    sine = max(-(x * nx + y * ny + z * nz) for nx, ny, nz in sides)
    return EARTH_RADIUS_M * asin(max(-1.0, min(1.0, sine))) - 0.01 * REGION_EDGE_M


def _vector(point: Point) -> Vector:
    lat, lng = radians(point.lat), radians(point.lng)
    return cos(lat) * cos(lng), cos(lat) * sin(lng), sin(lat)


def _normal(a: Vector, b: Vector) -> Vector:
    x, y, z = a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
    length = sqrt(x * x + y * y + z * z)
    return x / length, y / length, z / length
