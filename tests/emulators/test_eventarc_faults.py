"""The Eventarc bridge when functions fail and when it stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import grpc
import pytest
from google.pubsub_v1 import PublisherAsyncClient, PubsubMessage, SubscriberAsyncClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport

from emulators.eventarc.bridge import EventarcBridge
from emulators.eventarc.delivery import LAST_BACKOFF_SECONDS, MAX_ATTEMPTS, Delivery
from emulators.eventarc.trigger import Trigger
from emulators.oidc import Signer
from emulators.serving import open_client
from tests.emulators.eventarc import PROJECT, PubSub, payload, settled
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Recorder
from tests.emulators.waiting import until

pytestmark = pytest.mark.emulator


class TestFaults:
    async def test_a_message_that_fails_in_all_attempts_is_dead_lettered(
        self, bridge: EventarcBridge, pub: PubSub, function: Recorder, trigger: Trigger, clock: FakeClock
    ) -> None:
        function.answers = [400] * (MAX_ATTEMPTS - 1) + [500]
        await pub.publish("poison", attributes={"kept": "yes"})

        for attempt in range(1, MAX_ATTEMPTS):
            await settled(bridge, trigger, retried=attempt)
            clock.advance(timedelta(seconds=LAST_BACKOFF_SECONDS))
        letter = await pub.dead_letter()
        await settled(bridge, trigger, dead_lettered=1)

        assert letter.data == b"poison"
        assert dict(letter.attributes) == {
            "kept": "yes",
            "CloudPubSubDeadLetterSourceSubscription": trigger.name,
            "CloudPubSubDeadLetterSourceSubscriptionProject": PROJECT,
            "CloudPubSubDeadLetterSourceDeliveryCount": str(MAX_ATTEMPTS),
            "LastStatus": "500",
        }
        assert len(function.calls) == MAX_ATTEMPTS

    async def test_messages_held_by_a_stopping_bridge_reach_the_next_one(
        self, bridge: EventarcBridge, pub: PubSub, function: Recorder, trigger: Trigger
    ) -> None:
        function.gate.clear()
        await pub.publish("hello")
        await function.next_call()

        await bridge.stop()
        function.gate.set()
        await bridge.start()

        assert payload(await function.next_call()) == "hello"
        await settled(bridge, trigger, delivered=1)

    async def test_a_message_published_while_no_bridge_runs_is_delivered_later(
        self, bridge: EventarcBridge, pub: PubSub, function: Recorder
    ) -> None:
        await bridge.stop()
        await pub.publish("hello")

        await bridge.start()

        assert payload(await function.next_call()) == "hello"

    async def test_the_lease_is_renewed_while_a_function_works(
        self,
        bridge: EventarcBridge,
        pub: PubSub,
        function: Recorder,
        clock: FakeClock,
        renewals: list[tuple[int, int]],
    ) -> None:
        function.gate.clear()
        await pub.publish("hello", "again")
        await function.next_call()
        await function.next_call()

        clock.advance(timedelta(seconds=LAST_BACKOFF_SECONDS))
        await until(lambda: bool(renewals))

        assert renewals == [(2, 30)]
        function.gate.set()


@pytest.fixture
def renewals(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Return how many leases each renewal extended, and by how many seconds."""
    seen: list[tuple[int, int]] = []
    original = SubscriberAsyncClient.modify_ack_deadline

    async def recorded(self: SubscriberAsyncClient, **arguments: Any) -> None:
        await original(self, **arguments)
        seen.append((len(arguments["ack_ids"]), arguments["ack_deadline_seconds"]))

    monkeypatch.setattr(SubscriberAsyncClient, "modify_ack_deadline", recorded)
    return seen


@pytest.fixture
async def delivery(
    pubsub: str, trigger: Trigger, signer: Signer, clock: FakeClock
) -> AsyncIterator[Delivery]:
    async with open_client(60) as client, grpc.aio.insecure_channel(pubsub) as channel:
        publisher = PublisherAsyncClient(transport=PublisherGrpcAsyncIOTransport(channel=channel))
        yield Delivery(trigger, client, publisher, signer, clock)


class TestTiming:
    """One delivery alone, so that nothing else uses the clock."""

    async def test_the_pause_between_attempts_doubles(
        self, delivery: Delivery, function: Recorder, clock: FakeClock
    ) -> None:
        function.answers = [500] * (MAX_ATTEMPTS - 1)
        delivering = asyncio.create_task(delivery.deliver(pulled(clock)))

        delays = []
        for attempt in range(1, MAX_ATTEMPTS):
            await until(partial(reached, delivery, retried=attempt))
            delays.append(await clock.skip())
        await delivering

        assert delays == pytest.approx([0.1 * 2**n for n in range(10)] + [60.0] * 9)
        assert delivery.counters["delivered"] == 1

    async def test_an_unavailable_function_uses_no_attempt_and_is_polled_every_second(
        self, delivery: Delivery, function: Recorder, clock: FakeClock
    ) -> None:
        await function.stop()
        delivering = asyncio.create_task(delivery.deliver(pulled(clock)))
        delays = []
        for _ in range(MAX_ATTEMPTS + 5):
            await until(lambda: clock.nearest() <= 1.0)  # the time limit of the attempt is further away
            delays.append(await clock.skip())

        await function.start()
        clock.advance(timedelta(seconds=1))
        await delivering

        assert delays[:5] == [0.1, 0.2, 0.4, 0.8, 1.0]
        assert set(delays[5:]) == {1.0}
        assert delivery.counters["retried"] == 0
        assert len(function.calls) == 1


def pulled(clock: FakeClock) -> PubsubMessage:
    """Return a message as Pub/Sub delivers it."""
    return PubsubMessage(message_id="1", data=b"hello", publish_time=clock.now())


def reached(delivery: Delivery, **expected: int) -> bool:
    return expected.items() <= delivery.counters.items()
