"""The control routes for tests and the demo: /_control."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.providers.fcm.errors import invalid
from emulators.providers.fcm.inboxes import Counters, Inboxes
from emulators.providers.script import Script, ScriptError


class Control:
    """Scripted faults, unregistered tokens, and all messages."""

    def __init__(self, inboxes: Inboxes, counters: Counters, script: Script) -> None:
        self._inboxes = inboxes
        self._counters = counters
        self._script = script

    def routes(self) -> list[Route]:
        """Return every route under /_control."""
        return [
            Route("/_control/messages", self._messages, methods=["GET"]),
            Route("/_control/state", self._state, methods=["GET"]),
            Route("/_control/devices/{token:path}", self._register, methods=["PUT"]),
            Route("/_control/devices/{token:path}", self._unregister, methods=["DELETE"]),
            Route("/_control/script", self._add_rule, methods=["POST"]),
            Route("/_control/script", self._reset, methods=["DELETE"]),
        ]

    async def _messages(self, _: Request) -> Response:
        return JSONResponse({"messages": [message.view() for message in self._inboxes.all()]})

    async def _state(self, _: Request) -> Response:
        return JSONResponse(
            {
                "counters": self._counters.view(),
                "unregistered": self._inboxes.unregistered(),
                "script": self._script.view(),
            }
        )

    async def _register(self, request: Request) -> Response:
        self._inboxes.register(request.path_params["token"])
        return Response(status_code=204)

    async def _unregister(self, request: Request) -> Response:
        self._inboxes.unregister(request.path_params["token"])
        return Response(status_code=204)

    async def _add_rule(self, request: Request) -> Response:
        try:
            rule = self._script.add(await request.body())
        except ScriptError as error:
            raise invalid(str(error)) from error
        return JSONResponse(asdict(rule), 201)

    async def _reset(self, _: Request) -> Response:
        self._script.reset()
        return Response(status_code=204)
