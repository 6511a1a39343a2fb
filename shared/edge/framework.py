"""Patches the router of functions_framework, so that every request reaches our app.

The library's router knows seven methods and paths without a line break, and answers everything else itself
in plain text, as it does for `/robots.txt`. It builds its application after it has loaded our module, and
takes its route class from the name `Route` in `functions_framework.aio`. We replace that class, locally and
in production.
"""

from __future__ import annotations

import functions_framework.aio
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send


class EveryRequest(Route):
    """A route that matches every method and every path; the app behind it has the real routes."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match any HTTP request."""
        if scope["type"] != "http":
            return Match.NONE, {}
        return Match.FULL, {"endpoint": self.endpoint, "path_params": {}}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to the app, whatever its method."""
        await self.app(scope, receive, send)


def patch_library_router() -> None:
    """Replace the route class of the library; a second call changes nothing."""
    setattr(functions_framework.aio, "Route", EveryRequest)  # noqa: B010 - the library does not export it
