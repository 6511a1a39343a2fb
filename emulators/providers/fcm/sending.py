"""messages:send: what it answers, what arrives, and what the script does to it."""

import asyncio
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.clock import Clock, pause_unless
from emulators.providers.fcm.doorbell import Doorbell
from emulators.providers.fcm.errors import (
    FcmRefusal,
    quota_exceeded,
    unauthenticated,
    unavailable,
    unregistered,
)
from emulators.providers.fcm.inboxes import Address, Counters, Inboxes
from emulators.providers.fcm.requests import OutgoingMessage, parse_send
from emulators.providers.hang_up import hang_up
from emulators.providers.script import Action, Rule, Script

FAULTS = {
    "send": frozenset(
        {
            Action.QUOTA,
            Action.FAIL,
            Action.TIMEOUT,
            Action.DROP,
            Action.DELAY,
            Action.DUPLICATE,
            Action.LOSE,
        }
    )
}


class Sending:
    """The one route that a server calls."""

    def __init__(
        self, inboxes: Inboxes, counters: Counters, script: Script, doorbell: Doorbell, clock: Clock
    ) -> None:
        self._inboxes = inboxes
        self._counters = counters
        self._script = script
        self._doorbell = doorbell
        self._clock = clock
        self._closing = asyncio.Event()

    def routes(self) -> list[Route]:
        """The one route."""
        return [Route("/v1/projects/{project}/messages:send", self._send, methods=["POST"])]

    def open(self) -> None:
        """Scripted pauses last as long as they say."""
        self._closing.clear()

    def release(self) -> None:
        """Let go of every request that a script holds."""
        self._closing.set()

    async def _send(self, request: Request) -> Response:
        try:
            return await self._try_to_send(request)
        except FcmRefusal as refusal:
            self._counters.rejected[refusal.kind] += 1
            raise

    async def _try_to_send(self, request: Request) -> Response:
        _authenticate(request)
        asked = parse_send(await request.body())
        facts = asked.message.model_dump(exclude_none=True)
        rule = self._script.take(("send",), facts)
        if rule is not None and rule.action is Action.DROP:
            return await hang_up(request)
        await self._before(rule)
        if self._inboxes.is_unregistered(asked.message.token):
            raise unregistered()
        name = self._accept(request.path_params["project"], asked.message, asked.validate_only, rule)
        if rule is not None and rule.action is Action.TIMEOUT:
            await self._pause(rule)
        return JSONResponse({"name": name})

    async def _before(self, rule: Rule | None) -> None:
        if rule is None:
            return
        if rule.action is Action.FAIL:
            raise unavailable()
        if rule.action is Action.QUOTA:
            raise quota_exceeded(max(1, round(rule.delay_seconds)))
        if rule.action is Action.DELAY:
            await self._pause(rule)

    def _accept(self, project: str, message: OutgoingMessage, validate_only: bool, rule: Rule | None) -> str:
        if validate_only:
            self._counters.validated += 1
            return f"projects/{project}/messages/fake_message_id"
        self._counters.accepted += 1
        name = f"projects/{project}/messages/{secrets.randbelow(10**19)}"
        self._deliver(name, message, rule.action if rule else None)
        return name

    def _deliver(self, name: str, message: OutgoingMessage, action: Action | None) -> None:
        if action is Action.LOSE:
            self._counters.lost += 1
            return
        address = Address(message.token, message.topic)
        content: dict[str, Any] = message.model_dump(exclude_none=True)
        for _ in range(2 if action is Action.DUPLICATE else 1):
            self._inboxes.put(address, name, content, self._clock.now().timestamp())
        self._doorbell.ring(address)

    async def _pause(self, rule: Rule) -> None:
        await pause_unless(self._clock, rule.delay_seconds, self._closing)


def _authenticate(request: Request) -> None:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credentials.strip():
        raise unauthenticated()
