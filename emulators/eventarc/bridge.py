"""The bridge between Pub/Sub and the functions: one feed per trigger, one gRPC channel for all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import grpc
import httpx
from google.pubsub_v1 import PublisherAsyncClient, SubscriberAsyncClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcAsyncIOTransport

from emulators.clock import Clock, SystemClock
from emulators.eventarc.delivery import Delivery
from emulators.eventarc.feed import Feed
from emulators.eventarc.trigger import Trigger
from emulators.oidc import Signer
from emulators.serving import open_client

# The bridge's clock ends an attempt, after the function's own timeout; this is only a safety limit.
HTTP_TIMEOUT_SECONDS = 3600.0


class EventarcBridge:
    """Delivers the messages of the triggers' topics; `pubsub` is the emulator's host:port."""

    def __init__(
        self, pubsub: str, triggers: Sequence[Trigger], signer: Signer, clock: Clock | None = None
    ) -> None:
        self._pubsub = pubsub
        self._triggers = triggers
        self._signer = signer
        self._clock = clock or SystemClock()
        self._feeds: list[Feed] = []
        self._client: httpx.AsyncClient | None = None
        self._channel: grpc.aio.Channel | None = None

    async def start(self) -> None:
        """Subscribe to all topics: no message that is published after this returns is missed.

        Raises `GoogleAPIError` when the Pub/Sub emulator does not answer.
        """
        if self._channel is not None:
            return
        self._client = open_client(HTTP_TIMEOUT_SECONDS)
        self._channel = grpc.aio.insecure_channel(self._pubsub)
        publisher = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=self._channel))
        subscriber = SubscriberAsyncClient(transport=SubscriberGrpcAsyncIOTransport(channel=self._channel))
        for trigger in self._triggers:
            delivery = Delivery(trigger, self._client, publisher, self._signer, self._clock)
            self._feeds.append(Feed(trigger, publisher, subscriber, delivery, self._clock))
        await asyncio.gather(*(feed.start() for feed in self._feeds))

    async def stop(self) -> None:
        """Stop delivering; undelivered messages stay in Pub/Sub for the next bridge."""
        if self._channel is None or self._client is None:
            return
        await asyncio.gather(*(feed.stop() for feed in self._feeds))
        await self._client.aclose()
        await self._channel.close()
        self._feeds.clear()
        self._channel = self._client = None

    def counters(self) -> dict[str, dict[str, dict[str, int]]]:
        """Return the counts of each subscription, and the messages delivered of each topic."""
        topics: dict[str, dict[str, int]] = {}
        for feed in self._feeds:
            counts = topics.setdefault(feed.trigger.topic, {"delivered": 0})
            counts["delivered"] += feed.delivery.counters["delivered"]
        subscriptions = {feed.trigger.name: dict(feed.delivery.counters) for feed in self._feeds}
        return {"subscriptions": subscriptions, "topics": topics}
