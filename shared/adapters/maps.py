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

from shared.profiles.addresses import Location, MapMatch
from shared.profiles.ports import MapUnavailable

TIMEOUT = httpx.Timeout(4.0, connect=2.0)
CACHE_SECONDS = 24 * 3_600
CACHE_SIZE = 2_000
"""The size of the cache and how long an entry lives. Places do not move, but maps are corrected."""

REGION = "in"
APPROXIMATE = "APPROXIMATE"
"""The location type of a town, a neighbourhood or a postal code; streets, houses and places have others."""


class _Position(BaseModel):
    lat: float = Field(ge=-90, le=90)
    lng: float = Field(ge=-180, le=180)


class _Geometry(BaseModel):
    location: _Position
    location_type: str = APPROXIMATE


class _Result(BaseModel):
    geometry: _Geometry
    partial_match: bool = False

    @property
    def match(self) -> MapMatch:
        """The position; not exact for the middle of an area, or where a part of the address is unknown."""
        found = self.geometry.location
        exact = self.geometry.location_type != APPROXIMATE and not self.partial_match
        return MapMatch(Location(found.lat, found.lng), exact)


class _Answer(BaseModel):
    status: str
    results: list[_Result] = []


class GoogleMaps:
    """A client of the geocoding API with a cache, also for addresses that it does not know."""

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
        self._cache: OrderedDict[str, tuple[MapMatch | None, float]] = OrderedDict()

    async def locate(self, address: str) -> MapMatch | None:
        """See `Geocoder.locate`. Returns the best match. Raises `MapUnavailable`."""
        name = " ".join(unicodedata.normalize("NFKC", address).casefold().split())
        point, until = self._cache.get(name, (None, 0.0))
        if self._clock() < until:
            self._cache.move_to_end(name)
            return point
        found = await self._request(address)
        self._cache[name] = (found, self._clock() + CACHE_SECONDS)
        self._cache.move_to_end(name)
        while len(self._cache) > CACHE_SIZE:
            self._cache.popitem(last=False)
        return found

    async def _request(self, address: str) -> MapMatch | None:
        """Return the best match. A refused API key raises `MapUnavailable` too: it is our fault."""
        params = {"address": address, "region": REGION, "key": self._key}
        try:
            response = await self._client.get(self._url, params=params)
            answer = _Answer.model_validate_json(response.content)
        except (httpx.RequestError, ValidationError) as error:
            raise MapUnavailable from error
        if answer.status == "ZERO_RESULTS":
            return None
        if not response.is_success or answer.status != "OK" or not answer.results:
            raise MapUnavailable
        return answer.results[0].match
