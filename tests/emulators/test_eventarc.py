"""The Eventarc bridge, between Google's Pub/Sub emulator and a function that records its calls."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import grpc
import jwt
import pytest
from cloudevents.http import from_http
from google.pubsub_v1 import PublisherAsyncClient, PubsubMessage, SubscriberAsyncClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcAsyncIOTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcAsyncIOTransport

from emulators.eventarc.bridge import EventarcBridge
from emulators.eventarc.delivery import CONCURRENCY, MAX_ATTEMPTS, Delivery
from emulators.eventarc.trigger import Trigger, triggers_of
from emulators.oidc import Signer
from emulators.serving import open_client
from infra.manifest import Deploy, EventTrigger, Manifest
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Call, Recorder
from tests.emulators.waiting import until

pytestmark = pytest.mark.emulator

PROJECT = "demo-waybill"
EMAIL = "invoke-payments-events@demo-waybill.iam.gserviceaccount.com"


class PubSub:
    """The two ends of one topic, as a publisher and a reader of dead letters hold them."""

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


class TestForm:
    async def test_a_message_arrives_as_the_cloud_event_that_eventarc_sends(
        self, bridge: EventarcBridge, pub: PubSub, function: Recorder, trigger: Trigger
    ) -> None:
        (message_id,) = await pub.publish("hello", attributes={"ce-type": "order.placed"})

        call = await function.next_call()
        event = from_http(dict(call.headers), call.body)

        assert (call.method, call.path) == ("POST", "/")
        assert call.headers["content-type"] == "application/json"
        assert event["id"] == message_id
        assert event["specversion"] == "1.0"
        assert event["type"] == "google.cloud.pubsub.topic.v1.messagePublished"
        assert event["source"] == f"//pubsub.googleapis.com/projects/demo-waybill/topics/{trigger.topic}"
        published = event["time"]
        assert published.endswith("Z")
        assert event.data == {
            "message": {
                "data": base64.b64encode(b"hello").decode(),
                "attributes": {"ce-type": "order.placed"},
                "messageId": message_id,
                "message_id": message_id,
                "publishTime": published,
                "publish_time": published,
            },
            "subscription": f"projects/demo-waybill/subscriptions/eventarc-payments_events-{trigger.topic}",
        }

    async def test_an_ordering_key_is_passed_on(
        self, bridge: EventarcBridge, pub: PubSub, function: Recorder
    ) -> None:
        await pub.publish("hello", ordering_key="ord_1")

        assert json.loads((await function.next_call()).body)["message"]["orderingKey"] == "ord_1"

    async def test_the_call_carries_the_token_of_the_functions_invoker(
        self, bridge: EventarcBridge, pub: PubSub, function: Recorder, signer: Signer
    ) -> None:
        await pub.publish("hello")

        token = (await function.next_call()).headers["authorization"].removeprefix("Bearer ")

        claims = jwt.decode(
            token,
            jwt.PyJWKSet.from_dict(signer.jwks()).keys[0],
            algorithms=["RS256"],
            audience=function.url,
            options={"verify_exp": False, "verify_iat": False},  # the clock of the tests stands still
        )
        assert claims["email"] == EMAIL


class TestDelivery:
    async def test_every_function_gets_every_message_of_a_topic_once(
        self, pubsub: str, pub: PubSub, function: Recorder, trigger: Trigger, signer: Signer, clock: FakeClock
    ) -> None:
        other = Recorder()
        await other.start()
        second = replace(trigger, function="dispatch_events", url=other.url)
        bridge = EventarcBridge(pubsub, [trigger, second], signer, clock)
        await bridge.start()

        await pub.publish("a", "b", "c")
        arrived = [{payload(await target.next_call()) for _ in range(3)} for target in (function, other)]
        await settled(bridge, trigger, delivered=3)
        await settled(bridge, second, delivered=3)

        assert arrived == [{"a", "b", "c"}] * 2
        assert bridge.counters()["topics"] == {trigger.topic: {"delivered": 6}}
        await bridge.stop()
        await other.stop()

    async def test_a_refused_message_comes_back(
        self, bridge: EventarcBridge, pub: PubSub, function: Recorder, trigger: Trigger, clock: FakeClock
    ) -> None:
        function.answers = [500]
        await pub.publish("hello")
        await settled(bridge, trigger, retried=1)

        clock.advance(timedelta(seconds=0.1))
        await settled(bridge, trigger, delivered=1)

        assert [payload(call) for call in function.calls] == ["hello", "hello"]
        assert counts(bridge, trigger) == {"received": 1, "delivered": 1, "retried": 1, "dead_lettered": 0}

    async def test_a_message_that_waits_for_its_next_attempt_blocks_no_other(
        self, bridge: EventarcBridge, pub: PubSub, function: Recorder, trigger: Trigger
    ) -> None:
        poison = 2 * CONCURRENCY
        function.answers = [500] * poison
        await pub.publish(*["poison"] * poison)
        for _ in range(poison):
            await function.next_call()

        await pub.publish("good")

        assert payload(await function.next_call()) == "good"
        await settled(bridge, trigger, delivered=1)

    async def test_a_function_gets_only_so_many_messages_at_once(
        self, bridge: EventarcBridge, pub: PubSub, function: Recorder, trigger: Trigger
    ) -> None:
        function.gate.clear()
        await pub.publish(*["hello"] * (CONCURRENCY + 5))
        await settled(bridge, trigger, received=CONCURRENCY + 5)
        for _ in range(CONCURRENCY):
            await function.next_call()

        assert function.running == CONCURRENCY
        function.gate.set()
        await settled(bridge, trigger, delivered=CONCURRENCY + 5)
        assert len(function.calls) == CONCURRENCY + 5

    async def test_an_attempt_that_takes_longer_than_the_function_may_is_a_failure(
        self, bridge: EventarcBridge, pub: PubSub, function: Recorder, trigger: Trigger, clock: FakeClock
    ) -> None:
        function.gate.clear()
        await pub.publish("hello")
        await function.next_call()

        clock.advance(timedelta(seconds=trigger.timeout_seconds))
        await settled(bridge, trigger, retried=1)
        function.gate.set()
        clock.advance(timedelta(seconds=0.1))

        assert payload(await function.next_call()) == "hello"


class TestFaults:
    async def test_a_message_that_no_attempt_digests_ends_among_the_dead_letters(
        self, bridge: EventarcBridge, pub: PubSub, function: Recorder, trigger: Trigger, clock: FakeClock
    ) -> None:
        function.answers = [400] * (MAX_ATTEMPTS - 1) + [500]
        await pub.publish("poison", attributes={"kept": "yes"})

        for attempt in range(1, MAX_ATTEMPTS):
            await settled(bridge, trigger, retried=attempt)
            clock.advance(timedelta(seconds=10))
        letter = await pub.dead_letter()
        await settled(bridge, trigger, dead_lettered=1)

        assert letter.data == b"poison"
        assert dict(letter.attributes) == {
            "kept": "yes",
            "CloudPubSubDeadLetterSourceSubscription": trigger.name,
            "CloudPubSubDeadLetterSourceSubscriptionProject": PROJECT,
            "CloudPubSubDeadLetterSourceDeliveryCount": "10",
            "LastStatus": "500",
        }
        assert len(function.calls) == MAX_ATTEMPTS

    async def test_what_a_dying_bridge_held_reaches_the_next_one(
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

        clock.advance(timedelta(seconds=10))
        await until(lambda: bool(renewals))

        assert renewals == [(2, 30)]
        function.gate.set()


@pytest.fixture
def renewals(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """How many leases were extended in each renewal, and by how many seconds."""
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
    """The delivery of one message by itself, so that nothing else waits by the same clock."""

    async def test_attempts_follow_each_other_at_doubling_distances(
        self, delivery: Delivery, function: Recorder, clock: FakeClock
    ) -> None:
        function.answers = [500] * (MAX_ATTEMPTS - 1)
        delivering = asyncio.create_task(delivery.deliver(pulled(clock)))

        delays = []
        for attempt in range(1, MAX_ATTEMPTS):
            await until(partial(reached, delivery, retried=attempt))
            delays.append(await clock.skip())
        await delivering

        assert delays == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]
        assert delivery.counters["delivered"] == 1

    async def test_a_function_that_is_away_costs_no_attempt_and_is_asked_every_second(
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


class TestTriggers:
    def test_the_manifests_say_who_gets_what(self) -> None:
        manifest = Manifest(
            name="payments_events",
            summary="Money follows orders",
            events=(EventTrigger(topic="orders"), EventTrigger(topic="dispatch")),
            deploy=Deploy(service_account="payments", timeout_seconds=20),
        )

        triggers = triggers_of({"payments_events": manifest}, {"payments_events": "http://x"}, PROJECT)

        assert triggers == [
            Trigger(PROJECT, "payments_events", topic, "http://x", EMAIL, 20)
            for topic in ("orders", "dispatch")
        ]


def pulled(clock: FakeClock) -> PubsubMessage:
    """A message as Pub/Sub hands it out."""
    return PubsubMessage(message_id="1", data=b"hello", publish_time=clock.now())


def reached(delivery: Delivery, **expected: int) -> bool:
    return expected.items() <= delivery.counters.items()


def counts(bridge: EventarcBridge, trigger: Trigger) -> dict[str, int]:
    return bridge.counters()["subscriptions"][trigger.name]


async def settled(bridge: EventarcBridge, trigger: Trigger, **expected: int) -> None:
    """Return once the bridge has counted what is expected."""
    await until(lambda: expected.items() <= counts(bridge, trigger).items())
