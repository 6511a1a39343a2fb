"""Spots: the finest H3 cells, less than a metre across, by which things on the map are found.

The spots of any coarser cell follow one another, because their indexes begin alike. So one stored spot
answers for cells of every size: large ones where little is there, and ever smaller ones where it is dense.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import h3

from shared.kernel.geo import Point, distance_m

RESOLUTION = 15
COARSEST = 4
"""Cells with edges of about 26 km."""

REACH = 1.25
"""How far from the centre of a cell its spots can be, in terms of its farthest corner.

Cells do not hold their children exactly. The centres of these are 1/√7 of the distance between neighbouring
cells from their parent's, and so on: in all 1.05 times the distance of its corners.
"""

_MILLIMETRES = 1_000


@dataclass(frozen=True, slots=True)
class Area:
    """A cell, and how near and how far its spots can be from some point, in millimetres."""

    cell: str
    nearest: int
    farthest: int

    @property
    def is_spot(self) -> bool:
        """Return whether it is a single spot."""
        return int(h3.get_resolution(self.cell)) == RESOLUTION

    @property
    def spots(self) -> tuple[str, str]:
        """Return the first and the last spot of the cell."""
        first = h3.str_to_int(h3.cell_to_center_child(self.cell, RESOLUTION))
        digits = RESOLUTION - h3.get_resolution(self.cell)
        last = first | int("110" * digits or "0", 2)
        return str(h3.int_to_str(first)), str(h3.int_to_str(last))

    def parts(self, point: Point) -> Iterator[Area]:
        """Yield the cells of the next resolution in this one."""
        finer = h3.get_resolution(self.cell) + 1
        return (area(cell, point) for cell in h3.cell_to_children(self.cell, finer))


def spot_of(point: Point) -> str:
    """Return the spot of a point."""
    return str(h3.latlng_to_cell(point.lat, point.lng, RESOLUTION))


def spot_distance(point: Point, spot: str) -> int:
    """Return the distance from a point to the centre of a spot in millimetres."""
    return round(distance_m(point, Point(*h3.cell_to_latlng(spot))) * _MILLIMETRES)


def area(cell: str, point: Point) -> Area:
    """Return a cell as seen from a point."""
    centre = Point(*h3.cell_to_latlng(cell))
    away = spot_distance(point, cell)
    if h3.get_resolution(cell) == RESOLUTION:
        return Area(cell, away, away)
    corner = max(distance_m(centre, Point(*corner)) for corner in h3.cell_to_boundary(cell))
    reach = int(REACH * corner * _MILLIMETRES) + 1
    return Area(cell, max(0, away - reach), away + reach)


def areas_around(point: Point, radius_m: float) -> list[Area]:
    """Return few large cells that hold every spot within a radius."""
    resolution = COARSEST
    while h3.average_hexagon_edge_length(resolution + 1, unit="m") >= radius_m / 1.5:
        resolution += 1
        if resolution == RESOLUTION - 1:
            break
    edge_m = 0.8 * h3.average_hexagon_edge_length(resolution, unit="m")
    near = h3.grid_disk(h3.latlng_to_cell(point.lat, point.lng, resolution), int(radius_m // edge_m) + 2)
    areas = (area(cell, point) for cell in near)
    return [one for one in areas if one.nearest <= radius_m * _MILLIMETRES]
