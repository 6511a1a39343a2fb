"""The outlines of zones: found by H3 cells, decided exactly by shapely, which only this module loads.

Lines between two corners are straight in degrees, as GeoJSON has it (RFC 7946, 3.1.1). The boundary
belongs to a zone, and so does the boundary of each of its holes.
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
"""Width and height at most; what crosses the antimeridian is wider, and has to be drawn as two zones."""

MAX_OUTLINE_DEGREES = 50

_KM_PER_DEGREE = 111.195
_SAMPLE_DEGREES = 0.01
"""About 1 km, a quarter of a cell's edge: whoever crosses a cell has a sample in it or next to it."""

Ring = Sequence[Sequence[float]]
"""Corners as (longitude, latitude) in degrees, the last one equal to the first."""


class ZoneInvalid(Invalid):
    """This outline is no area that can be served."""

    code = "ZONE_INVALID"
    detail = "This outline is no area that can be served."


def drawn(zone_id: str, name: str, rings: Sequence[Ring], by: str, at: datetime) -> Zone:
    """Return the zone of an outline (the first ring) and its holes. Raises `ZoneInvalid`."""
    area = _area(rings)
    geometry = json.dumps({"type": "Polygon", "coordinates": [[list(xy) for xy in ring] for ring in rings]})
    return Zone(zone_id, name, geometry, tuple(sorted(_cells(area))), by, at)


def covers(zone: Zone, point: Point) -> bool:
    """Say whether a point lies in a zone, on its boundary included."""
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
        raise _invalid(f"The outline is not simple: {explain_validity(area)}.")
    west, south, east, north = area.bounds
    if max(east - west, north - south) > MAX_DEGREES or area.length > MAX_OUTLINE_DEGREES:
        raise _invalid(
            f"A zone is at most {MAX_DEGREES} degrees wide and high, and its outline at most"
            f" {MAX_OUTLINE_DEGREES} degrees long; across the antimeridian, draw two."
        )
    size_km2 = area.area * _KM_PER_DEGREE**2 * cos(radians((south + north) / 2))
    if not MIN_AREA_KM2 <= size_km2 <= MAX_AREA_KM2:
        raise _invalid(f"A zone has from {MIN_AREA_KM2} to {MAX_AREA_KM2} square kilometres.")
    return area


def _ring_faults(rings: Sequence[Ring]) -> Iterator[FieldError]:
    if not 1 <= len(rings) <= MAX_RINGS or sum(map(len, rings)) > MAX_CORNERS:
        said = f"A zone has 1 to {MAX_RINGS} rings and at most {MAX_CORNERS} corners."
        yield FieldError("/geometry/coordinates", said)
    for n, ring in enumerate(rings):
        if len(ring) < 4 or list(ring[0]) != list(ring[-1]):
            said = "A ring has four positions or more, and ends where it began."
            yield FieldError(f"/geometry/coordinates/{n}", said)
        elif not all(-180 <= lng <= 180 and -90 <= lat <= 90 for lng, lat in ring):
            said = "A position is a longitude and a latitude in degrees, in this order."
            yield FieldError(f"/geometry/coordinates/{n}", said)


def _invalid(said: str) -> ZoneInvalid:
    return ZoneInvalid(errors=(FieldError("/geometry/coordinates", said),))


def _cells(area: Polygon) -> set[str]:
    """Return every cell that the area can touch.

    A cell with a point of the area either has its centre in it, or its boundary passes through the
    cell: then a sample of the boundary lies in the cell or in a neighbour.
    """
    outer, *holes = ([(lat, lng) for lng, lat in ring.coords] for ring in (area.exterior, *area.interiors))
    cells = set(h3.h3shape_to_cells(h3.LatLngPoly(outer, *holes), BROWSE_RESOLUTION))
    samples = shapely.get_coordinates(shapely.segmentize(area, _SAMPLE_DEGREES)).tolist()
    for passed in {browse_cell(Point(lat, lng)) for lng, lat in samples}:
        cells.update(h3.grid_disk(passed, 1))
    return cells
