"""The geometry of new zones: whether a polygon is valid, and the H3 cells by which it is found.

Only this module loads shapely, and only drawing a zone loads this module; see `coverage` for what every
order asks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from math import cos, radians

import h3
import shapely
from shapely.geometry import Polygon
from shapely.validation import explain_validity

from shared.catalogue.zones import MAX_CORNERS, MAX_RINGS, Ring, Zone, ZoneInvalid
from shared.kernel.errors import FieldError
from shared.kernel.geo import BROWSE_RESOLUTION, Point, browse_cell

MAX_AREA_KM2 = 30_000
MIN_AREA_KM2 = 0.001
MAX_DEGREES = 5
"""The greatest width and height. An area across the antimeridian is wider: it needs two zones."""

MAX_BOUNDARY_DEGREES = 50

_KM_PER_DEGREE = 111.195
_SAMPLE_DEGREES = 0.01
"""About 1 km, a quarter of a cell's edge: a line that crosses a cell has a sample in it or next to it."""


def new_zone(zone_id: str, name: str, rings: Sequence[Ring], by: str, at: datetime) -> Zone:
    """Return the zone of a polygon: the exterior ring, then its holes. Raises `ZoneInvalid`."""
    area = _area(rings)
    geometry = json.dumps({"type": "Polygon", "coordinates": [[list(xy) for xy in ring] for ring in rings]})
    return Zone(zone_id, name, geometry, tuple(sorted(_cells(area))), by, at)


def middle_of(rings: Sequence[Ring]) -> Point:
    """Return the middle of the box around the exterior ring of a valid polygon."""
    west, south, east, north = Polygon(rings[0]).bounds
    return Point((south + north) / 2, (west + east) / 2)


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
