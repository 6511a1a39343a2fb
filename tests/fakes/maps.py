"""`Geocoder` in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.profiles.addresses import Location
from shared.profiles.ports import MapUnavailable


@dataclass
class FakeMap:
    """Knows the places that a test adds; `down` is the number of requests without an answer."""

    places: dict[str, Location] = field(default_factory=dict)
    down: int = 0
    asked: int = 0

    async def locate(self, address: str) -> Location | None:
        self.asked += 1
        if self.down:
            self.down -= 1
            raise MapUnavailable
        return self.places.get(address.casefold())
