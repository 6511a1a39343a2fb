"""Positions: the driver location index has a driver where the driver is, whatever the phone sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.kernel.geo import Point, distance_m
from tests.simulation.invariants.orders import Fault

SCATTER_M = 1.0


def faults(places: Mapping[str, Point], known: Mapping[str, Point]) -> Iterator[Fault]:
    """Yield the drivers whom the index has where they never were."""
    for uid, point in known.items():
        metres = distance_m(places[uid], point)
        if metres > SCATTER_M:
            yield "place", f"{uid} is {metres:.0f} m from where the index has them"
