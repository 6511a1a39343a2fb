"""What functions_framework decides before our app is asked, taken back.

Its router knows seven methods and paths without a line break, and answers everything else itself, in
plain text, as it does for `/robots.txt`. Its application is built after our module has been loaded, and
takes the class of its routes from the name `Route` in `functions_framework.aio`: there, and in
production as well as locally, stands a route that hands on everything.
"""

from __future__ import annotations

import functions_framework.aio
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send


class EveryRequest(Route):
    """A route that takes every method and every path: what there is, the app inside knows."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match any HTTP request."""
        if scope["type"] != "http":
            return Match.NONE, {}
        return Match.FULL, {"endpoint": self.endpoint, "path_params": {}}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, whatever its method."""
        await self.app(scope, receive, send)


def hand_on_every_request() -> None:
    """Let the framework's application, when it is built, hand every request on; twice changes nothing."""
    setattr(functions_framework.aio, "Route", EveryRequest)  # noqa: B010 - the library does not export it
