"""The route messages:send, with its scripted faults."""

import asyncio
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from emulators.clock import Clock, pause_unless
from emulators.providers.fcm.errors import (
    FcmRefusal,
    quota_exceeded,
    unauthenticated,
    unavailable,
    unregistered,
)
from emulators.providers.fcm.inboxes import Address, Counters, Inboxes
from emulators.providers.fcm.long_poll import LongPollSignals
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
    """The route that a server calls."""

    def __init__(
        self, inboxes: Inboxes, counters: Counters, script: Script, signals: LongPollSignals, clock: Clock
    ) -> None:
        self._inboxes = inboxes
        self._counters = counters
        self._script = script
        self._signals = signals
        self._clock = clock
        self._closing = asyncio.Event()

    def routes(self) -> list[Route]:
        """Return the route."""
        return [Route("/v1/projects/{project}/messages:send", self._send, methods=["POST"])]

    def open(self) -> None:
        """Let scripted pauses take their full time."""
        self._closing.clear()

    def release(self) -> None:
        """Release every request that a script delays."""
        self._closing.set()

    async def _send(self, request: Request) -> Response:
        try:
            return await self._try_to_send(request)
        except FcmRefusal as refusal:
            self._counters.rejected[refusal.kind] += 1
            raise

    async def _try_to_send(self, request: Request) -> Response:
        _authenticate(request)
        parsed = parse_send(await request.body())
        facts = parsed.message.model_dump(exclude_none=True)
        rule = self._script.take(("send",), facts)
        if rule is not None and rule.action is Action.DROP:
            return await hang_up(request)
        await self._before(rule)
        if self._inboxes.is_unregistered(parsed.message.token):
            raise unregistered()
        name = self._accept(request.path_params["project"], parsed.message, parsed.validate_only, rule)
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
        self._signals.signal(address)

    async def _pause(self, rule: Rule) -> None:
        await pause_unless(self._clock, rule.delay_seconds, self._closing)


def _authenticate(request: Request) -> None:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not credentials.strip():
        raise unauthenticated()
