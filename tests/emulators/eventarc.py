"""A bridge between Google's Pub/Sub emulator and a function that records its calls."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.pubsub_v1 import PublisherAsyncClient, PubsubMessage, SubscriberAsyncClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcAsyncIOTransport

from emulators.eventarc.bridge import EventarcBridge
from emulators.eventarc.trigger import Trigger
from emulators.oidc import Signer
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Call, Recorder
from tests.emulators.waiting import until

PROJECT = "demo-waybill"
EMAIL = "invoke-payments-events@demo-waybill.iam.gserviceaccount.com"


class PubSub:
    """One topic: its publisher and the reader of its dead letters."""

    def __init__(self, channel: grpc.aio.Channel, trigger: Trigger) -> None:
        self._publisher = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
        self._subscriber = SubscriberAsyncClient(transport=SubscriberGrpcAsyncIOTransport(channel=channel))
        self._trigger = trigger

    async def publish(self, *payloads: str, **fields: Any) -> list[str]:
        messages = [PubsubMessage(data=payload.encode(), **fields) for payload in payloads]
        answer = await self._publisher.publish(topic=self._trigger.topic_path, messages=messages)
        return list(answer.message_ids)

    async def dead_letter(self) -> PubsubMessage:
        """Return the next dead letter, waiting for it."""
        name = self._trigger.dead_letter_subscription_path
        while not (
            answer := await self._subscriber.pull(subscription=name, max_messages=1)
        ).received_messages:
            continue
        received = answer.received_messages[0]
        await self._subscriber.acknowledge(subscription=name, ack_ids=[received.ack_id])
        return received.message


@pytest.fixture
def trigger(function: Recorder) -> Trigger:
    """A trigger with a topic that no other test uses."""
    topic = f"orders-{uuid.uuid4().hex[:8]}"
    return Trigger(PROJECT, "payments_events", topic, function.url, EMAIL)


@pytest.fixture
async def pub(pubsub: str, trigger: Trigger) -> AsyncIterator[PubSub]:
    async with grpc.aio.insecure_channel(pubsub) as channel:
        yield PubSub(channel, trigger)


@pytest.fixture
async def bridge(
    pubsub: str, trigger: Trigger, signer: Signer, clock: FakeClock
) -> AsyncIterator[EventarcBridge]:
    bridge = EventarcBridge(pubsub, [trigger], signer, clock)
    await bridge.start()
    yield bridge
    await bridge.stop()


def payload(call: Call) -> str:
    return base64.b64decode(json.loads(call.body)["message"]["data"]).decode()


def counts(bridge: EventarcBridge, trigger: Trigger) -> dict[str, int]:
    return bridge.counters()["subscriptions"][trigger.name]


async def settled(bridge: EventarcBridge, trigger: Trigger, **expected: int) -> None:
    """Return when the counters of the bridge have the expected values."""
    await until(lambda: expected.items() <= counts(bridge, trigger).items())
