"""`Geocoder` over a geocoding API of Google's shape.

Reference: https://developers.google.com/maps/documentation/geocoding/requests-geocoding
"""

from __future__ import annotations

import time
import unicodedata
from collections import OrderedDict
from collections.abc import Callable

import httpx
from pydantic import BaseModel, Field, ValidationError

from shared.kernel.errors import Unavailable
from shared.profiles.addresses import Location

TIMEOUT = httpx.Timeout(4.0, connect=2.0)
KEPT_S = 24 * 3_600
KEPT = 2_000
"""How many addresses are remembered, and for how long; places do not move, but maps are corrected."""

REGION = "in"


class MapUnavailable(Unavailable):
    """The map does not answer; try again, or send the coordinates."""

    code = "MAP_UNAVAILABLE"
    detail = "The map does not answer; try again, or send the coordinates."


class _Position(BaseModel):
    lat: float = Field(ge=-90, le=90)
    lng: float = Field(ge=-180, le=180)


class _Geometry(BaseModel):
    location: _Position


class _Result(BaseModel):
    geometry: _Geometry


class _Answer(BaseModel):
    status: str
    results: list[_Result] = []


class GoogleMaps:
    """Asks the map, and remembers what it answered; also that it knew no such place."""

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        client: httpx.AsyncClient | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/maps/api/geocode/json"
        self._key = key
        self._client = client or httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)
        self._clock = clock
        self._known: OrderedDict[str, tuple[Location | None, float]] = OrderedDict()

    async def locate(self, address: str) -> Location | None:
        """See `Geocoder.locate`; the best match counts. Raises `MapUnavailable`."""
        name = " ".join(unicodedata.normalize("NFKC", address).casefold().split())
        point, until = self._known.get(name, (None, 0.0))
        if self._clock() < until:
            self._known.move_to_end(name)
            return point
        found = await self._ask(address)
        self._known[name] = (found, self._clock() + KEPT_S)
        self._known.move_to_end(name)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found

    async def _ask(self, address: str) -> Location | None:
        """A key that is refused is a fault of ours, which the person can only wait out."""
        wanted = {"address": address, "region": REGION, "key": self._key}
        try:
            response = await self._client.get(self._url, params=wanted)
            answer = _Answer.model_validate_json(response.content)
        except (httpx.RequestError, ValidationError) as error:
            raise MapUnavailable from error
        if answer.status == "ZERO_RESULTS":
            return None
        if not response.is_success or answer.status != "OK" or not answer.results:
            raise MapUnavailable
        found = answer.results[0].geometry.location
        return Location(found.lat, found.lng)
