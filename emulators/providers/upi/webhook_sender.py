"""Send webhooks to the merchant, each independently, with retries until it is accepted."""

import asyncio
from dataclasses import dataclass, field
from itertools import count

import httpx

from emulators.background import Background
from emulators.clock import Clock, pause
from emulators.providers.script import Action, Rule
from emulators.providers.upi.webhooks import (
    GIVE_UP_SECONDS,
    Attempt,
    Webhook,
    WebhookStatus,
    backoff_seconds,
)

_TIMEOUT = httpx.Timeout(5.0)
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=20)  # a hung receiver blocks no other


@dataclass(slots=True)
class _Hold:
    """One webhook waits until one that was sent `later` has been accepted."""

    overtaken: asyncio.Event = field(default_factory=asyncio.Event)
    later: set[str] = field(default_factory=set)


class WebhookSender:
    """Delivers at least once and in any order, as Razorpay does."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._client: httpx.AsyncClient | None = None
        self._tasks = Background()
        self._hold: _Hold | None = None

    def start(self) -> None:
        """Open the client. Idempotent."""
        if self._client is not None:
            return
        # The proxies of the environment must not be used for 127.0.0.1.
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, limits=_LIMITS, trust_env=False)

    async def stop(self) -> None:
        """Stop, and drop undelivered webhooks."""
        await self._tasks.stop()
        self._hold = None
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def send(self, webhook: Webhook, rule: Rule | None) -> None:
        """Start to deliver a webhook, with its scripted fault."""
        action = rule.action if rule else None
        if action is Action.DROP:
            webhook.status = WebhookStatus.DROPPED
            return
        name = f"webhook {webhook.event_id}"
        if rule is not None and action is Action.DELAY:
            self._tasks.spawn(self._deliver_later(webhook, rule.delay_seconds), name)
        elif action is Action.REORDER and self._hold is None:
            self._hold = _Hold()
            self._tasks.spawn(self._deliver_overtaken(webhook, self._hold), name)
            return
        else:
            self._tasks.spawn(self._deliver(webhook, action), name)
        if action is Action.DUPLICATE:
            self._tasks.spawn(self.attempt(webhook), name)
        if self._hold is not None:
            self._hold.later.add(webhook.event_id)

    async def attempt(self, webhook: Webhook, action: Action | None = None) -> Attempt:
        """Send a webhook once, and record the result."""
        result = await self._post(webhook, action)
        webhook.record(result)
        if result.succeeded and self._hold is not None and webhook.event_id in self._hold.later:
            self._hold.overtaken.set()
        return result

    async def _deliver_overtaken(self, webhook: Webhook, hold: _Hold) -> None:
        webhook.status = WebhookStatus.HELD
        await hold.overtaken.wait()
        self._hold = None
        await self._deliver_unless_accepted(webhook)

    async def _deliver_later(self, webhook: Webhook, seconds: float) -> None:
        await pause(self._clock, seconds)
        await self._deliver_unless_accepted(webhook)

    async def _deliver_unless_accepted(self, webhook: Webhook) -> None:
        # A control request may have redelivered it meanwhile.
        if not webhook.delivered:
            webhook.status = WebhookStatus.PENDING
            await self._deliver(webhook, None)

    async def _deliver(self, webhook: Webhook, action: Action | None) -> None:
        for failures in count(1):
            await self.attempt(webhook, action)
            action = None  # a scripted fault applies to the first attempt only
            if webhook.delivered:
                return
            if self._clock.now().timestamp() - webhook.created_at >= GIVE_UP_SECONDS:
                webhook.status = WebhookStatus.GIVEN_UP
                return
            await pause(self._clock, backoff_seconds(failures))
            if webhook.delivered:
                return

    async def _post(self, webhook: Webhook, action: Action | None) -> Attempt:
        now = self._clock.now().timestamp()
        if self._client is None:
            raise RuntimeError("the sender has not been started")
        if action is Action.FAIL:
            return Attempt(now, error="scripted: not sent")
        try:
            response = await self._client.post(self._url, content=webhook.raw, headers=webhook.headers())
        except httpx.TransportError as error:
            return Attempt(now, error=type(error).__name__)
        lost = "scripted: the answer was lost" if action is Action.TIMEOUT else None
        return Attempt(now, status=response.status_code, error=lost)
