"""Deliver one message to one function with retries, or to the dead-letter topic."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
from google.pubsub_v1 import PublisherAsyncClient, PubsubMessage

from emulators.clock import Clock, pause, within
from emulators.eventarc import cloudevent
from emulators.eventarc.trigger import Trigger
from emulators.oidc import Signer

MAX_ATTEMPTS = 20
"""With the backoff below about twelve minutes: an outage of some minutes dead-letters no event."""

CONCURRENCY = 20
FIRST_BACKOFF_SECONDS = 0.1
LAST_BACKOFF_SECONDS = 60.0
MAX_RECONNECT_SECONDS = 1.0
COUNTERS = ("received", "delivered", "retried", "dead_lettered")


class Delivery:
    """Delivers the messages of one trigger, at most `CONCURRENCY` at a time."""

    def __init__(
        self,
        trigger: Trigger,
        client: httpx.AsyncClient,
        publisher: PublisherAsyncClient,
        signer: Signer,
        clock: Clock,
    ) -> None:
        self.counters: Counter[str] = Counter(dict.fromkeys(COUNTERS, 0))
        self._trigger = trigger
        self._client = client
        self._publisher = publisher
        self._signer = signer
        self._clock = clock
        self._slots = asyncio.Semaphore(CONCURRENCY)

    async def deliver(self, message: PubsubMessage) -> None:
        """Return when the message may be acknowledged: it was accepted or dead-lettered.

        Raises `GoogleAPIError` when the dead letter cannot be published.
        """
        self.counters["received"] += 1
        failures = 0
        # A message that waits for its next attempt holds no slot, so it blocks no other.
        while (failure := await self._attempt(message)) is not None:
            failures += 1
            if failures == MAX_ATTEMPTS:
                await self._dead_letter(message, failure)
                return
            self.counters["retried"] += 1
            await pause(self._clock, _doubled(failures, LAST_BACKOFF_SECONDS))
        self.counters["delivered"] += 1

    async def _attempt(self, message: PubsubMessage) -> str | None:
        """Return the failure, or None; wait for a function that does not accept connections.

        The wait keeps its slot: no other message could reach the function meanwhile, and so only a few
        try to connect.
        """
        refusals = 0
        async with self._slots:
            while True:
                try:
                    return await self._post(message)
                except (httpx.ConnectError, httpx.ConnectTimeout):
                    refusals += 1
                    await pause(self._clock, _doubled(refusals, MAX_RECONNECT_SECONDS))

    async def _post(self, message: PubsubMessage) -> str | None:
        trigger = self._trigger
        headers = cloudevent.headers(message, trigger)
        headers["authorization"] = self._signer.bearer(trigger.url, trigger.email)
        request = self._client.post(
            f"{trigger.url}/", content=cloudevent.body(message, trigger), headers=headers
        )
        try:
            response = await within(self._clock, trigger.timeout_seconds, request)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise
        except (TimeoutError, httpx.TimeoutException):
            return "timeout"
        except httpx.HTTPError as error:
            return type(error).__name__
        return None if response.is_success else str(response.status_code)

    async def _dead_letter(self, message: PubsubMessage, failure: str) -> None:
        letter = PubsubMessage(
            data=message.data,
            ordering_key=message.ordering_key,
            attributes=dict(message.attributes)
            | {
                "CloudPubSubDeadLetterSourceSubscription": self._trigger.name,
                "CloudPubSubDeadLetterSourceSubscriptionProject": self._trigger.project,
                "CloudPubSubDeadLetterSourceDeliveryCount": str(MAX_ATTEMPTS),
                "LastStatus": failure,
            },
        )
        await self._publisher.publish(topic=self._trigger.dead_letter_path, messages=[letter])
        self.counters["dead_lettered"] += 1


def _doubled(times: int, most: float) -> float:
    return min(FIRST_BACKOFF_SECONDS * 2.0 ** (times - 1), most)
