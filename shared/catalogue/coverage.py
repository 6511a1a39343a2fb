"""Whether a point lies in a zone: exact, and without a geometry library, because every order asks.

Lines between two corners are straight in degrees (RFC 7946, 3.1.1). The boundary of a polygon belongs to
the zone, and so does the boundary of each hole.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from shared.catalogue.zones import Zone
from shared.kernel.geo import Point, browse_cell

Position = Sequence[float]
"""A longitude and a latitude in degrees."""

_ROUNDING = 4e-16
"""Relative to its two products, the greatest error of the difference in `_side` (Shewchuk 1997: 3.33e-16)."""


def cell_of(point: Point) -> str:
    """Return the cell by which the zones around a point are found."""
    return browse_cell(point)


def covers(zone: Zone, point: Point) -> bool:
    """Return whether a point lies in a zone or on its boundary.

    A ray from the point to the east crosses the rings of a valid polygon an odd number of times if the point
    lies in the polygon, whether the rings bound the polygon or its holes.
    """
    inside = False
    at = (point.lng, point.lat)
    for ring in zone.polygon["coordinates"]:
        for a, b in pairwise(ring):
            if _is_beside(a, b, at):
                side = _side(a, b, at)
                if side == 0:
                    return True
                inside ^= (side > 0) is (b[1] > a[1])
            elif _is_on_level(a, b, at):
                return True
    return inside


def _is_beside(a: Position, b: Position, at: Position) -> bool:
    """Return whether the latitude of a point lies between two corners, the northern one excluded."""
    return (a[1] <= at[1]) is not (b[1] <= at[1])


def _is_on_level(a: Position, b: Position, at: Position) -> bool:
    """Return whether a point is the northern corner, or lies between two corners of its own latitude."""
    if a[1] == b[1] == at[1]:
        return min(a[0], b[0]) <= at[0] <= max(a[0], b[0])
    return (a[0], a[1]) == (at[0], at[1]) or (b[0], b[1]) == (at[0], at[1])


def _side(a: Position, b: Position, at: Position) -> float:
    """Return a number above zero if a point lies left of the line from `a` to `b`, zero if on it."""
    left, right = (b[0] - a[0]) * (at[1] - a[1]), (b[1] - a[1]) * (at[0] - a[0])
    side = left - right
    if abs(side) > _ROUNDING * (abs(left) + abs(right)):
        return side
    ax, ay, bx, by, x, y = (Fraction(value) for value in (*a[:2], *b[:2], *at))
    exact = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    return float((exact > 0) - (exact < 0))
