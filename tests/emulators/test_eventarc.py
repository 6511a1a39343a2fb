"""The deliveries of the Eventarc bridge: which function gets which message, in which form."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from cloudevents.http import from_http

from emulators.eventarc.bridge import EventarcBridge
from emulators.eventarc.delivery import CONCURRENCY
from emulators.eventarc.trigger import Trigger, triggers_of
from emulators.oidc import Signer
from shared.manifest import Deploy, EventTrigger, Manifest
from tests.emulators.eventarc import EMAIL, PROJECT, PubSub, counts, payload, settled
from tests.emulators.fake_clock import FakeClock
from tests.emulators.recorder import Recorder

pytestmark = pytest.mark.emulator


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
            options={"verify_exp": False, "verify_iat": False},  # the clock of the tests does not move
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

    async def test_a_function_is_not_called_for_an_event_that_its_filter_leaves_out(
        self, pubsub: str, pub: PubSub, function: Recorder, trigger: Trigger, signer: Signer, clock: FakeClock
    ) -> None:
        wanted = EventTrigger(topic=trigger.topic, events=("order_ready",))
        filtered = replace(trigger, subscription=wanted)
        bridge = EventarcBridge(pubsub, [filtered], signer, clock)
        await bridge.start()

        await pub.publish("left out", attributes={"event": "order_placed"})
        await pub.publish("wanted", attributes={"event": "order_ready"})
        await pub.publish("of before", attributes={"ce-type": "waybill.orders.order_placed.v1"})
        arrived = {payload(await function.next_call()) for _ in range(2)}
        await settled(bridge, filtered, delivered=2)

        assert arrived == {"wanted", "of before"}
        await bridge.stop()

    async def test_a_refused_message_is_redelivered(
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

    async def test_a_function_gets_messages_up_to_a_concurrency_limit(
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

    async def test_an_attempt_beyond_the_functions_timeout_fails(
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


class TestTriggers:
    def test_triggers_come_from_the_manifests(self) -> None:
        manifest = Manifest(
            name="payments_events",
            summary="Money follows orders",
            events=(EventTrigger(topic="orders"), EventTrigger(topic="dispatch")),
            deploy=Deploy(service_account="payments", timeout_seconds=20),
        )

        triggers = triggers_of({"payments_events": manifest}, {"payments_events": "http://x"}, PROJECT)

        assert triggers == [
            Trigger(PROJECT, "payments_events", topic, "http://x", EMAIL, 20, EventTrigger(topic=topic))
            for topic in ("orders", "dispatch")
        ]
