"""One subscription: made if missing, pulled as a stream, its messages handed to the delivery."""

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
    """Feeds one trigger from its subscription until stopped."""

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
        """Miss no message that is published after this returns. Raises `GoogleAPIError`."""
        await self._ensure()
        self._pulling = self._background.spawn(self._pull(), name=f"pull of {self.trigger.name}")
        self._background.spawn(self._keep_leases(), name=f"leases of {self.trigger.name}")

    async def stop(self) -> None:
        """Stop delivering, and give back what is not delivered."""
        self._closing.set()
        if self._pulling is not None:
            # A stream that is cut may be sent messages that nobody takes until their lease has run out.
            await asyncio.wait((self._pulling,), timeout=CLOSING_SECONDS)
        await self._background.stop()
        # The Pub/Sub emulator often ends at the same time; the leases then run out by themselves.
        with self._tolerating("could not give its messages back"):
            await self._leases.release()

    async def _ensure(self) -> None:
        trigger = self.trigger
        await self._ensure_topic(trigger.topic_path)
        await self._ensure_topic(trigger.dead_letter_path)
        await self._ensure_subscription(trigger.subscription_path, trigger.topic_path)
        # A topic without a subscription forgets its messages, and a dead letter is to be read.
        await self._ensure_subscription(trigger.dead_letter_subscription_path, trigger.dead_letter_path)

    async def _ensure_topic(self, path: str) -> None:
        try:
            await self._publisher.create_topic(name=path)
        except AlreadyExists:
            return

    async def _ensure_subscription(self, path: str, topic: str) -> None:
        wanted = Subscription(name=path, topic=topic, ack_deadline_seconds=LEASE_SECONDS)
        try:
            await self._subscriber.create_subscription(request=wanted)
        except AlreadyExists:
            return

    async def _pull(self) -> None:
        while True:
            with self._tolerating("the stream broke"):
                await self._stream()
            if self._closing.is_set():
                return
            await pause(self._clock, RECONNECT_SECONDS)
            # An emulator that was started anew has forgotten everything.
            with self._tolerating("could not subscribe again"):
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
        # The stream lasts as long as its requests do.
        await self._closing.wait()

    async def _handle(self, message: PubsubMessage) -> None:
        with self._tolerating(f"message {message.message_id} comes again"):
            try:
                await self.delivery.deliver(message)
                await self._leases.settle(message.message_id)
            except Exception:
                # Whatever it was: a lease that is renewed for ever would hide the message for ever.
                self._leases.drop(message.message_id)
                raise

    async def _keep_leases(self) -> None:
        while True:
            await pause(self._clock, RENEWAL_SECONDS)
            with self._tolerating("could not renew its leases"):
                await self._leases.renew()

    @contextlib.contextmanager
    def _tolerating(self, what: str) -> Iterator[None]:
        """Log a failed call to Pub/Sub and go on: nothing is lost by it, only late."""
        try:
            yield
        except GoogleAPIError as error:
            logger.warning("%s: %s: %s", self.trigger.name, what, error)
