"""One suite for `Geocoder`: the fake and the adapter, over the map's emulator, behave alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

import httpx
import pytest

from emulators.providers.maps.gazetteer import LOCALITIES
from emulators.providers.maps.server import MapsProvider
from shared.adapters.maps import CACHE_SECONDS, CACHE_SIZE, GoogleMaps
from shared.profiles.addresses import Location, MapMatch
from shared.profiles.ports import Geocoder, MapUnavailable
from tests.fakes.maps import FakeMap
from tests.patience import HANG_SECONDS

ROAD = MapMatch(Location(12.9784, 77.6408))
INDIRANAGAR = MapMatch(Location(12.9719, 77.6412), exact=False)


class Service(Protocol):
    """A map under test."""

    map: Geocoder

    async def fail(self, times: int) -> None:
        """Let the next questions go unanswered."""
        ...


class Fake:
    """The fake as a service."""

    def __init__(self) -> None:
        self.fake = FakeMap(
            {"100 feet road, indiranagar": ROAD.location}, {"indiranagar, bengaluru": INDIRANAGAR.location}
        )
        self.map: Geocoder = self.fake

    async def fail(self, times: int) -> None:
        self.fake.down = times


class Google:
    """The adapter over the emulator."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.map: Geocoder = GoogleMaps(url, "key", client=client)
        self._control = client

    async def fail(self, times: int) -> None:
        rule = {"target": "geocode", "action": "fail", "times": times}
        (await self._control.post("/_control/script", json=rule)).raise_for_status()


@pytest.fixture
async def provider() -> AsyncIterator[tuple[MapsProvider, httpx.AsyncClient]]:
    provider = MapsProvider(0)
    await provider.start()
    async with httpx.AsyncClient(base_url=provider.url, timeout=HANG_SECONDS, trust_env=False) as client:
        yield provider, client
    await provider.stop()


@pytest.fixture(params=["fake", "google"])
def service(request: pytest.FixtureRequest) -> Service:
    if request.param == "fake":
        return Fake()
    provider, client = request.getfixturevalue("provider")
    return Google(provider.url, client)


async def test_a_known_place_is_found_however_it_is_written(service: Service) -> None:
    assert await service.map.locate("100 Feet Road, Indiranagar") == ROAD
    assert await service.map.locate("100 FEET ROAD, indiranagar") == ROAD


async def test_fault_27_an_address_without_a_street_is_no_exact_match(service: Service) -> None:
    assert await service.map.locate("Indiranagar, Bengaluru") == INDIRANAGAR


@pytest.mark.parametrize("address", ["Atlantis", "x", "?", "🏠", "Indiranagarh"])
async def test_an_unknown_place_is_none(service: Service, address: str) -> None:
    assert await service.map.locate(address) is None


async def test_a_map_in_trouble_says_so_and_answers_later(service: Service) -> None:
    await service.fail(2)
    for _ in range(2):
        with pytest.raises(MapUnavailable):
            await service.map.locate("Indiranagar, Bengaluru")

    assert await service.map.locate("Indiranagar, Bengaluru") == INDIRANAGAR


class TestAdapter:
    """What only the adapter does: it remembers, and survives whatever it is answered."""

    @pytest.fixture
    def ask(self) -> Callable[[httpx.Response | Exception], GoogleMaps]:
        def with_answer(answer: httpx.Response | Exception) -> GoogleMaps:
            def respond(_: httpx.Request) -> httpx.Response:
                if isinstance(answer, Exception):
                    raise answer
                return answer

            client = httpx.AsyncClient(transport=httpx.MockTransport(respond))
            return GoogleMaps("http://127.0.0.1:9", "key", client=client)

        return with_answer

    @pytest.mark.parametrize("action", ["quota", "decline", "drop"])
    async def test_a_refused_key_and_a_cut_connection_are_trouble_too(
        self, provider: tuple[MapsProvider, httpx.AsyncClient], action: str
    ) -> None:
        running, client = provider
        (
            await client.post("/_control/script", json={"target": "geocode", "action": action})
        ).raise_for_status()
        with pytest.raises(MapUnavailable):
            await GoogleMaps(running.url, "key", client=client).locate("Indiranagar")

    async def test_without_a_key_nothing_is_found(
        self, provider: tuple[MapsProvider, httpx.AsyncClient]
    ) -> None:
        running, client = provider
        with pytest.raises(MapUnavailable):
            await GoogleMaps(running.url, "", client=client).locate("Indiranagar")

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.ConnectError("refused"),
            httpx.ReadTimeout("slow"),
            httpx.Response(502, text="<html>"),
            httpx.Response(200, text="[]"),
            httpx.Response(200, json={"status": "OK", "results": []}),
            httpx.Response(200, json={"status": "OK", "results": [{}]}),
            httpx.Response(500, json={"status": "OK", "results": []}),
            httpx.Response(
                200,
                json={"status": "OK", "results": [{"geometry": {"location": {"lat": 91, "lng": 0}}}]},
            ),
        ],
    )
    async def test_no_answer_and_no_sense_are_both_trouble(
        self, ask: Callable[[Any], GoogleMaps], answer: httpx.Response | Exception
    ) -> None:
        with pytest.raises(MapUnavailable):
            await ask(answer).locate("Indiranagar")

    @pytest.mark.parametrize(
        ("kind", "partial", "exact"),
        [
            ("ROOFTOP", False, True),
            ("RANGE_INTERPOLATED", False, True),
            ("GEOMETRIC_CENTER", False, True),
            ("APPROXIMATE", False, False),
            ("ROOFTOP", True, False),
            ("GEOMETRIC_CENTER", True, False),
            (None, False, False),
        ],
    )
    async def test_fault_27_an_approximate_or_partial_answer_is_no_exact_match(
        self, ask: Callable[[Any], GoogleMaps], kind: str | None, partial: bool, exact: bool
    ) -> None:
        geometry = {"location": {"lat": 12.9, "lng": 77.6}} | ({"location_type": kind} if kind else {})
        result = {"geometry": geometry} | ({"partial_match": True} if partial else {})
        found = await ask(httpx.Response(200, json={"status": "OK", "results": [result]})).locate("x")

        assert found == MapMatch(Location(12.9, 77.6), exact)

    async def test_what_was_asked_once_is_remembered_for_a_day_also_that_it_is_nowhere(
        self, provider: tuple[MapsProvider, httpx.AsyncClient]
    ) -> None:
        running, client = provider
        moment = [0.0]
        maps = GoogleMaps(running.url, "key", client=client, clock=lambda: moment[0])

        async def asked() -> int:
            return int((await client.get("/_control/state")).json()["requests"])

        for _ in range(3):
            await maps.locate("Indiranagar")
            await maps.locate("Atlantis")
        assert await asked() == 2
        moment[0] = CACHE_SECONDS
        await maps.locate("Indiranagar")
        assert await asked() == 3

    async def test_what_is_remembered_is_bounded(self) -> None:
        def nowhere(_: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json={"status": "ZERO_RESULTS", "results": []})

        client = httpx.AsyncClient(transport=httpx.MockTransport(nowhere))
        maps = GoogleMaps("http://127.0.0.1:9", "key", client=client)
        for n in range(CACHE_SIZE + 5):
            await maps.locate(f"place {n}")

        assert len(maps._cache) == CACHE_SIZE


class TestGazetteer:
    async def test_every_place_finds_itself_and_lies_in_the_city(
        self, provider: tuple[MapsProvider, httpx.AsyncClient]
    ) -> None:
        running, client = provider
        maps = GoogleMaps(running.url, "key", client=client)
        for place in LOCALITIES:
            found = await maps.locate(place.formatted)
            assert found == MapMatch(Location(place.lat, place.lng), place.kind != "sublocality"), place.name
            assert 12.7 < place.lat < 13.2
            assert 77.4 < place.lng < 77.8

    async def test_a_street_is_nearer_than_its_neighbourhood(
        self, provider: tuple[MapsProvider, httpx.AsyncClient]
    ) -> None:
        running, client = provider
        asked = {"address": "Flat 4, #12, 100 Feet Road, Indiranagar, Bengaluru 560038", "key": "k"}
        answer = (await client.get("/maps/api/geocode/json", params=asked)).json()

        assert running.url
        assert answer["status"] == "OK"
        assert answer["results"][0]["geometry"]["location_type"] == "GEOMETRIC_CENTER"
        assert [result["formatted_address"] for result in answer["results"]] == [
            "100 Feet Road, Indiranagar, Bengaluru, Karnataka 560038, India",
            "Indiranagar, Bengaluru, Karnataka 560038, India",
        ]
