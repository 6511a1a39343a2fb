"""Zones: no price for an address that was outside all of them at every moment of the request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store, Touched

Box = tuple[float, float, float, float]


class Zones:
    """Remembers which zones were active when. They are all boxes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._active: list[tuple[datetime, tuple[Box, ...]]] = []
        """Since when, and which."""

    def commit(self, touched: Touched, now: datetime) -> Iterator[Fault]:
        """Record a change of the zones."""
        changed = [path for path in touched if path.startswith("zones/")]
        for path in changed:
            before, after = touched[path]
            if before and (after is None or (after["active"] and not before["active"])):
                yield "zone", f"{path} is active again, or is gone"
            elif before and after and before["geometry"] != after["geometry"]:
                yield "zone", f"{path} has another geometry"
        if changed:
            boxes = tuple(_box(zone) for zone in self._store.of("zones").values() if zone["active"])
            self._active.append((now, boxes))

    def faults(self, name: str, place: Document, asked_at: datetime) -> Iterator[Fault]:
        """Yield a place that was in no zone at any time since the process began that priced it."""
        since = [boxes for at, boxes in self._active if at > asked_at]
        before = [boxes for at, boxes in self._active if at <= asked_at]
        if not before:
            return  # there was no zone yet, so that it could go anywhere
        if not any(_within(place, box) for boxes in (before[-1], *since) for box in boxes):
            yield "zone", f"{name} goes to {place['lat']:.4f}, {place['lng']:.4f}, outside of all zones"


def _box(zone: Document) -> Box:
    ring = json.loads(zone["geometry"])["coordinates"][0]
    lngs, lats = [corner[0] for corner in ring], [corner[1] for corner in ring]
    return min(lngs), max(lngs), min(lats), max(lats)


def _within(place: Document, box: Box) -> bool:
    west, east, south, north = box
    return bool(west <= place["lng"] <= east and south <= place["lat"] <= north)
