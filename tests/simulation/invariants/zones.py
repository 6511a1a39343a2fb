"""Zones: nothing is priced for an address that was outside all of them whenever it could be looked up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store, Touched

Box = tuple[float, float, float, float]


class Zones:
    """Remembers which zones stood when; they are all boxes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stood: list[tuple[datetime, tuple[Box, ...]]] = []
        """From when on, and which."""

    def commit(self, touched: Touched, now: datetime) -> Iterator[Fault]:
        """See a map that changed."""
        changed = [path for path in touched if path.startswith("zones/")]
        for path in changed:
            before, after = touched[path]
            if before and (after is None or (after["active"] and not before["active"])):
                yield "zone", f"{path} stands again, or is gone"
            elif before and after and before["geometry"] != after["geometry"]:
                yield "zone", f"{path} was drawn anew"
        if changed:
            boxes = tuple(_box(zone) for zone in self._store.of("zones").values() if zone["active"])
            self._stood.append((now, boxes))

    def faults(self, name: str, place: Document, asked_at: datetime) -> Iterator[Fault]:
        """Yield a place that was in no zone at any time since the process began that priced it."""
        since = [boxes for at, boxes in self._stood if at > asked_at]
        before = [boxes for at, boxes in self._stood if at <= asked_at]
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
