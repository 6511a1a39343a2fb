"""Buses for the contract suite of `Publisher`, each with someone who listens to its topics."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol

import grpc
import pytest
from google.pubsub_v1 import PubsubMessage, SubscriberAsyncClient
from google.pubsub_v1.services.publisher import PublisherAsyncClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcAsyncIOTransport

from emulators.background import Background
from shared.adapters.pubsub import PubSubPublisher
from shared.kernel.event import Message, Publisher
from tests.contract.simulated import Instant, Script, wire
from tests.emulators.waiting import until
from tests.fakes.bus import MemoryBus
from tests.simulation.deployed import SUBSCRIBERS
from tests.simulation.ports.bus import SimulatedBus
from tests.simulation.scenario import REDELIVERIES

LISTENER = "listener"


class Bus(Protocol):
    """A bus under test: it has the topics `orders` and `payments`, and not `parcels`."""

    publisher: Publisher

    async def add_topic(self, topic: str) -> None:
        """Give the bus one more topic."""
        ...

    async def received(self, *ids: str) -> dict[str, Message]:
        """Return the messages that have come by id, once all of these are among them."""
        ...


class FakeBus:
    """The fake, which shows what it was given."""

    def __init__(self) -> None:
        self.fake = MemoryBus()
        self.fake.refused = {"parcels"}
        self.publisher: Publisher = self.fake

    async def add_topic(self, topic: str) -> None:
        self.fake.refused.remove(topic)

    async def received(self, *ids: str) -> dict[str, Message]:
        found = {message.id: message for message in self.fake.messages}
        assert found.keys() >= set(ids)
        return found


class SimulationsBus:
    """The simulation's, with one function that listens to everything."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.script = Script()
        self.bus = SimulatedBus(
            wire(self.script),
            self.script,
            Instant(),
            REDELIVERIES["as usual"],
            self._receive,
            lambda function, type_: False,
            lambda message: None,
        )
        self.publisher: Publisher = self.bus
        self.counts: Counter[str] = Counter()
        self._found: dict[str, Message] = {}
        self._patch = patch
        for topic in ("orders", "payments"):
            patch.setitem(SUBSCRIBERS, topic, [LISTENER])

    async def add_topic(self, topic: str) -> None:
        self._patch.setitem(SUBSCRIBERS, topic, [LISTENER])

    async def received(self, *ids: str) -> dict[str, Message]:
        await asyncio.sleep(0)  # let what was published set out
        await until(lambda: not self.bus.under_way and self._found.keys() >= set(ids))
        return self._found

    async def _receive(self, function: str, message: Message) -> bool:
        self.counts[message.id] += 1
        assert self._found.setdefault(message.id, message) == message
        return True


class PubSubBus:
    """Pub/Sub's emulator, with a subscription to each topic."""

    def __init__(self, channel: grpc.aio.Channel, address: str) -> None:
        self.project = f"contract-{uuid.uuid4().hex[:8]}"
        self.publisher: Publisher = PubSubPublisher(self.project, address)
        self.raw: dict[str, PubsubMessage] = {}
        self._topics = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
        self._reader = SubscriberAsyncClient(transport=SubscriberGrpcAsyncIOTransport(channel=channel))
        self._found: dict[str, Message] = {}
        self._listening = Background()

    async def add_topic(self, topic: str) -> None:
        path = f"projects/{self.project}/topics/{topic}"
        subscription = f"projects/{self.project}/subscriptions/{topic}"
        await self._topics.create_topic(name=path)
        await self._reader.create_subscription(name=subscription, topic=path)
        self._listening.spawn(self._listen(topic, subscription), name=f"listen to {topic}")

    async def received(self, *ids: str) -> dict[str, Message]:
        await until(lambda: self._found.keys() >= set(ids))
        return self._found

    async def stop(self) -> None:
        """Listen no longer."""
        await self._listening.stop()
        await hang_up(self.publisher)

    async def _listen(self, topic: str, subscription: str) -> None:
        while True:
            answer = await self._reader.pull(subscription=subscription, max_messages=100)
            for one in answer.received_messages:
                message = _decoded(topic, one.message)
                self.raw[message.id] = one.message
                assert self._found.setdefault(message.id, message) == message


def _decoded(topic: str, message: PubsubMessage) -> Message:
    """Return the message as its attributes name it."""
    attributes = message.attributes
    return Message(
        id=attributes["ce-id"],
        topic=topic,
        type=attributes["ce-type"],
        subject=attributes["ce-subject"],
        time=datetime.fromisoformat(attributes["ce-time"]),
        data=message.data.decode(),
        traceparent=attributes.get("traceparent", ""),
        request_id=attributes.get("x-request-id", ""),
    )


@asynccontextmanager
async def pubsub_bus(address: str) -> AsyncIterator[PubSubBus]:
    """Give a project of the test's own on the emulator at host:port."""
    async with grpc.aio.insecure_channel(address) as channel:
        bus = PubSubBus(channel, address)
        for topic in ("orders", "payments"):
            await bus.add_topic(topic)
        yield bus
        await bus.stop()


async def hang_up(publisher: Any) -> None:
    """Close the channel that the publisher keeps for as long as its process lives."""
    await publisher._client.transport.close()
