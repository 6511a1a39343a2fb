"""The geometry of zones: H3 cells find candidates, shapely decides. Only this module loads shapely.

Lines between two corners are straight in degrees (RFC 7946, 3.1.1). The boundary of a polygon belongs to
the zone, and so does the boundary of each hole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from math import cos, radians

import h3
import shapely
from shapely.geometry import Polygon, shape
from shapely.validation import explain_validity

from shared.catalogue.zones import Zone
from shared.kernel.errors import FieldError, Invalid
from shared.kernel.geo import BROWSE_RESOLUTION, Point, browse_cell

MAX_CORNERS = 2_000
MAX_RINGS = 50
MAX_AREA_KM2 = 30_000
MIN_AREA_KM2 = 0.001
MAX_DEGREES = 5
"""The greatest width and height. An area across the antimeridian is wider: it needs two zones."""

MAX_BOUNDARY_DEGREES = 50

_KM_PER_DEGREE = 111.195
_SAMPLE_DEGREES = 0.01
"""About 1 km, a quarter of a cell's edge: a line that crosses a cell has a sample in it or next to it."""

Ring = Sequence[Sequence[float]]
"""Corners as (longitude, latitude) in degrees, the last one equal to the first."""


class ZoneInvalid(Invalid):
    """The polygon is not valid as a zone."""

    code = "ZONE_INVALID"
    detail = "The polygon is not valid as a zone. Correct the fields that `errors` names."


def new_zone(zone_id: str, name: str, rings: Sequence[Ring], by: str, at: datetime) -> Zone:
    """Return the zone of a polygon: the exterior ring, then its holes. Raises `ZoneInvalid`."""
    area = _area(rings)
    geometry = json.dumps({"type": "Polygon", "coordinates": [[list(xy) for xy in ring] for ring in rings]})
    return Zone(zone_id, name, geometry, tuple(sorted(_cells(area))), by, at)


def middle_of(rings: Sequence[Ring]) -> Point:
    """Return the middle of the box around the exterior ring of a valid polygon."""
    west, south, east, north = Polygon(rings[0]).bounds
    return Point((south + north) / 2, (west + east) / 2)


def covers(zone: Zone, point: Point) -> bool:
    """Return whether a point lies in a zone or on its boundary."""
    return bool(shape(zone.polygon).covers(shapely.Point(point.lng, point.lat)))


def cell_of(point: Point) -> str:
    """Return the cell by which the zones around a point are found."""
    return browse_cell(point)


def _area(rings: Sequence[Ring]) -> Polygon:
    faults = list(_ring_faults(rings))
    if faults:
        raise ZoneInvalid(errors=tuple(faults))
    area = Polygon(rings[0], rings[1:])
    if not area.is_valid:
        raise _invalid(f"The polygon is not valid: {explain_validity(area)}.")
    west, south, east, north = area.bounds
    if max(east - west, north - south) > MAX_DEGREES or area.length > MAX_BOUNDARY_DEGREES:
        raise _invalid(
            f"A zone is at most {MAX_DEGREES} degrees wide and high, and its boundary at most"
            f" {MAX_BOUNDARY_DEGREES} degrees long. Create two zones for an area across the antimeridian."
        )
    size_km2 = area.area * _KM_PER_DEGREE**2 * cos(radians((south + north) / 2))
    if not MIN_AREA_KM2 <= size_km2 <= MAX_AREA_KM2:
        raise _invalid(f"A zone has from {MIN_AREA_KM2} to {MAX_AREA_KM2} square kilometres.")
    return area


def _ring_faults(rings: Sequence[Ring]) -> Iterator[FieldError]:
    if not 1 <= len(rings) <= MAX_RINGS or sum(map(len, rings)) > MAX_CORNERS:
        message = f"A zone has 1 to {MAX_RINGS} rings and at most {MAX_CORNERS} corners."
        yield FieldError("/geometry/coordinates", message)
    for n, ring in enumerate(rings):
        if len(ring) < 4 or list(ring[0]) != list(ring[-1]):
            message = "A ring has four or more positions, and the last one equals the first."
            yield FieldError(f"/geometry/coordinates/{n}", message)
        elif not all(-180 <= lng <= 180 and -90 <= lat <= 90 for lng, lat in ring):
            message = "A position is a longitude and a latitude in degrees, in this order."
            yield FieldError(f"/geometry/coordinates/{n}", message)


def _invalid(message: str) -> ZoneInvalid:
    return ZoneInvalid(errors=(FieldError("/geometry/coordinates", message),))


def _cells(area: Polygon) -> set[str]:
    """Return every cell that the area can touch.

    When a cell touches the area, the centre of the cell lies in the area, or the boundary of the area
    passes through the cell. In the second case a sample of the boundary lies in the cell or in a neighbour.
    """
    outer, *holes = ([(lat, lng) for lng, lat in ring.coords] for ring in (area.exterior, *area.interiors))
    cells = set(h3.h3shape_to_cells(h3.LatLngPoly(outer, *holes), BROWSE_RESOLUTION))
    samples = shapely.get_coordinates(shapely.segmentize(area, _SAMPLE_DEGREES)).tolist()
    for cell in {browse_cell(Point(lat, lng)) for lng, lat in samples}:
        cells.update(h3.grid_disk(cell, 1))
    return cells
