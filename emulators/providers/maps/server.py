"""The geocoding provider, which starts and stops as one object.

It answers as Google documents: the status is in the body, mostly with HTTP 200.
Reference: https://developers.google.com/maps/documentation/geocoding/requests-geocoding
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.clock import Clock, SystemClock, pause_unless
from emulators.providers.hang_up import CuttableProtocol, hang_up
from emulators.providers.maps.gazetteer import Locality, find
from emulators.providers.script import Action, Rule, Script, ScriptError
from emulators.serving import AppServer

FAULTS = {
    "geocode": frozenset(
        {Action.FAIL, Action.QUOTA, Action.DECLINE, Action.TIMEOUT, Action.DROP, Action.DELAY}
    )
}
_FAULT_STATUS = {
    Action.FAIL: "UNKNOWN_ERROR",
    Action.QUOTA: "OVER_QUERY_LIMIT",
    Action.DECLINE: "REQUEST_DENIED",
}


class MapsProvider:
    """The geocoding API on 127.0.0.1; port 0 selects a free port, see `url`."""

    def __init__(self, port: int, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._script = Script(FAULTS)
        self._closing = asyncio.Event()
        self._requests = 0
        app = Starlette(
            routes=[
                Route("/maps/api/geocode/json", self._geocode, methods=["GET"]),
                Route("/_control/state", self._state, methods=["GET"]),
                Route("/_control/script", self._add_rule, methods=["POST"]),
                Route("/_control/script", self._reset, methods=["DELETE"]),
            ]
        )
        self._server = AppServer(app, port, CuttableProtocol)

    @property
    def url(self) -> str:
        """The base URL while running."""
        return self._server.url

    async def start(self) -> None:
        """Start to answer requests. Idempotent. Raises OSError when the port is taken."""
        self._closing.clear()
        await self._server.start()

    async def stop(self) -> None:
        """Stop, and return when nothing runs any more. Idempotent."""
        self._closing.set()
        await self._server.stop()

    async def _geocode(self, request: Request) -> Response:
        self._requests += 1
        address = request.query_params.get("address", "")
        rule = self._script.take(("geocode",), {"address": address})
        if rule is not None:
            if rule.action is Action.DROP:
                return await hang_up(request)
            if rule.action in _FAULT_STATUS:
                return _answer(_FAULT_STATUS[rule.action])
            await self._pause(rule)
        if not request.query_params.get("key"):
            return _answer("REQUEST_DENIED")
        if not address.strip():
            return _answer("INVALID_REQUEST", http_status=400)
        found = find(address)
        return _answer("OK", found) if found else _answer("ZERO_RESULTS")

    async def _pause(self, rule: Rule) -> None:
        await pause_unless(self._clock, rule.delay_seconds, self._closing)

    async def _state(self, _: Request) -> Response:
        return JSONResponse({"requests": self._requests, "script": self._script.view()})

    async def _add_rule(self, request: Request) -> Response:
        try:
            rule = self._script.add(await request.body())
        except ScriptError as error:
            return JSONResponse({"error_message": str(error), "status": "INVALID_REQUEST"}, 400)
        return JSONResponse(asdict(rule), 201)

    async def _reset(self, _: Request) -> Response:
        self._script.reset()
        return Response(status_code=204)


def _answer(status: str, found: list[Locality] | None = None, http_status: int = 200) -> Response:
    results = [_result(locality) for locality in found or ()]
    return JSONResponse({"results": results, "status": status}, http_status)


def _result(locality: Locality) -> dict[str, Any]:
    return {
        "address_components": [
            {"long_name": locality.name, "short_name": locality.name, "types": [locality.kind, "political"]},
            {"long_name": "Bengaluru", "short_name": "Bengaluru", "types": ["locality", "political"]},
            {"long_name": "India", "short_name": "IN", "types": ["country", "political"]},
            {
                "long_name": locality.postal_code,
                "short_name": locality.postal_code,
                "types": ["postal_code"],
            },
        ],
        "formatted_address": locality.formatted,
        "geometry": {
            "location": {"lat": locality.lat, "lng": locality.lng},
            "location_type": "APPROXIMATE" if locality.kind == "sublocality" else "GEOMETRIC_CENTER",
        },
        "place_id": "local_" + hashlib.sha256(locality.formatted.encode()).hexdigest()[:20],
        "types": [locality.kind, "political"],
    }
