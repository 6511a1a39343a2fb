"""One subscription: create it if missing, stream its messages, and pass them to the delivery."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

from google.api_core.exceptions import AlreadyExists, GoogleAPIError
from google.pubsub_v1 import (
    PublisherAsyncClient,
    PubsubMessage,
    StreamingPullRequest,
    SubscriberAsyncClient,
    Subscription,
)

from emulators.background import Background
from emulators.clock import Clock, pause
from emulators.eventarc.delivery import Delivery
from emulators.eventarc.leases import LEASE_SECONDS, RENEWAL_SECONDS, Leases
from emulators.eventarc.trigger import Trigger

RECONNECT_SECONDS = 0.5
CLOSING_SECONDS = 1.0
logger = logging.getLogger(__name__)


class Feed:
    """Delivers the messages of one subscription until stopped."""

    def __init__(
        self,
        trigger: Trigger,
        publisher: PublisherAsyncClient,
        subscriber: SubscriberAsyncClient,
        delivery: Delivery,
        clock: Clock,
    ) -> None:
        self.trigger = trigger
        self.delivery = delivery
        self._publisher = publisher
        self._subscriber = subscriber
        self._clock = clock
        self._leases = Leases(subscriber, trigger.subscription_path)
        self._background = Background()
        self._closing = asyncio.Event()
        self._pulling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Subscribe: no message that is published after this returns is missed. Raises `GoogleAPIError`."""
        await self._ensure()
        self._pulling = self._background.spawn(self._pull(), name=f"pull of {self.trigger.name}")
        self._background.spawn(self._keep_leases(), name=f"leases of {self.trigger.name}")

    async def stop(self) -> None:
        """Stop delivering, and release undelivered messages."""
        self._closing.set()
        if self._pulling is not None:
            # Pub/Sub may send messages into a stream that is cut; they come again only after their lease.
            await asyncio.wait((self._pulling,), timeout=CLOSING_SECONDS)
        await self._background.stop()
        # The Pub/Sub emulator often ends at the same time; the leases then expire.
        with self._logging_errors("could not release its messages"):
            await self._leases.release()

    async def _ensure(self) -> None:
        trigger = self.trigger
        await self._ensure_topic(trigger.topic_path)
        await self._ensure_topic(trigger.dead_letter_path)
        await self._ensure_subscription(trigger.subscription_path, trigger.topic_path)
        # A topic without a subscription drops its messages, and dead letters must be kept.
        await self._ensure_subscription(trigger.dead_letter_subscription_path, trigger.dead_letter_path)

    async def _ensure_topic(self, path: str) -> None:
        try:
            await self._publisher.create_topic(name=path)
        except AlreadyExists:
            return

    async def _ensure_subscription(self, path: str, topic: str) -> None:
        subscription = Subscription(name=path, topic=topic, ack_deadline_seconds=LEASE_SECONDS)
        try:
            await self._subscriber.create_subscription(request=subscription)
        except AlreadyExists:
            return

    async def _pull(self) -> None:
        while True:
            with self._logging_errors("the stream broke"):
                await self._stream()
            if self._closing.is_set():
                return
            await pause(self._clock, RECONNECT_SECONDS)
            # An emulator that was restarted has lost its topics and subscriptions.
            with self._logging_errors("could not subscribe again"):
                await self._ensure()

    async def _stream(self) -> None:
        stream: Any = await self._subscriber.streaming_pull(requests=self._requests(), timeout=None)
        try:
            async for response in stream:
                for received in response.received_messages:
                    if self._leases.take(received):
                        name = f"{self.trigger.name} message {received.message.message_id}"
                        self._background.spawn(self._handle(received.message), name)
        finally:
            stream.cancel()

    async def _requests(self) -> AsyncIterator[StreamingPullRequest]:
        yield StreamingPullRequest(
            subscription=self.trigger.subscription_path, stream_ack_deadline_seconds=LEASE_SECONDS
        )
        # The stream stays open as long as its requests do.
        await self._closing.wait()

    async def _handle(self, message: PubsubMessage) -> None:
        with self._logging_errors(f"message {message.message_id} will be redelivered"):
            try:
                if self.trigger.passes(message.attributes):  # Google's emulator ignores filters
                    await self.delivery.deliver(message)
                await self._leases.acknowledge(message.message_id)
            except Exception:
                # After any error the lease must end: a renewed lease would hide the message.
                self._leases.drop(message.message_id)
                raise

    async def _keep_leases(self) -> None:
        while True:
            await pause(self._clock, RENEWAL_SECONDS)
            with self._logging_errors("could not renew its leases"):
                await self._leases.renew()

    @contextlib.contextmanager
    def _logging_errors(self, what: str) -> Iterator[None]:
        """Log a failed call to Pub/Sub and continue: no message is lost, only late."""
        try:
            yield
        except GoogleAPIError as error:
            logger.warning("%s: %s: %s", self.trigger.name, what, error)
