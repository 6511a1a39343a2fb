"""`Geocoder` in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.profiles.addresses import Location, MapMatch
from shared.profiles.ports import MapUnavailable


@dataclass
class FakeMap:
    """Knows the places that a test adds; `down` is the number of requests without an answer.

    `areas` are the places of which it knows the middle alone.
    """

    places: dict[str, Location] = field(default_factory=dict)
    areas: dict[str, Location] = field(default_factory=dict)
    down: int = 0
    asked: int = 0

    async def locate(self, address: str) -> MapMatch | None:
        self.asked += 1
        if self.down:
            self.down -= 1
            raise MapUnavailable
        name = address.casefold()
        if name in self.areas:
            return MapMatch(self.areas[name], exact=False)
        return MapMatch(self.places[name]) if name in self.places else None
