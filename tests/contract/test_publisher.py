"""One suite for `Publisher`: the fake, the simulation's bus, and Pub/Sub on its emulator."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from shared.adapters import pubsub as adapter
from shared.adapters.pubsub import PubSubPublisher
from shared.kernel.errors import Unavailable
from shared.kernel.event import Message, PublishRefused
from tests.builders import NOW
from tests.contract.buses import LISTENER, Bus, FakeBus, PubSubBus, SimulationsBus, hang_up, pubsub_bus
from tests.simulation.scenario import Fault


def message(n: int = 1, topic: str = "orders") -> Message:
    return Message(
        id=f"evt_{n}",
        topic=topic,
        type=f"waybill.{topic}.order_ready.v1",
        subject=f"ord_{n}",
        time=NOW.replace(microsecond=n),
        data='{"note": "ठीक है"}',
    )


@pytest.fixture
async def emulated(pubsub: str) -> AsyncIterator[PubSubBus]:
    async with pubsub_bus(pubsub) as bus:
        yield bus


@pytest.fixture
async def simulated(monkeypatch: pytest.MonkeyPatch) -> SimulationsBus:
    return SimulationsBus(monkeypatch)


@pytest.fixture(params=["fake", "simulated", pytest.param("emulated", marks=pytest.mark.emulator)])
def bus(request: pytest.FixtureRequest) -> Bus:
    made: Bus = FakeBus() if request.param == "fake" else request.getfixturevalue(request.param)
    return made


async def test_every_message_of_a_batch_arrives_whole_in_whatever_order(bus: Bus) -> None:
    sent = [message(n, "orders" if n % 3 else "payments") for n in range(20)]
    await bus.publisher.publish(sent)
    assert await bus.received(*(one.id for one in sent)) == {one.id: one for one in sent}


async def test_a_message_carries_the_trace_in_which_it_was_made(bus: Bus) -> None:
    traced = replace(message(), traceparent=f"00-{'a' * 32}-{'b' * 16}-01", request_id="req_1")
    await bus.publisher.publish([traced])
    assert await bus.received("evt_1") == {"evt_1": traced}


async def test_batches_that_are_published_at_once_all_arrive(bus: Bus) -> None:
    batches = [[message(n), message(n + 1, "payments")] for n in range(0, 10, 2)]
    await asyncio.gather(*(bus.publisher.publish(batch) for batch in batches))
    assert len(await bus.received(*(one.id for batch in batches for one in batch))) == 10


async def test_the_same_message_may_be_published_again_and_nothing_may_be_published(bus: Bus) -> None:
    for batch in ([message()], [message()], []):
        await bus.publisher.publish(batch)
    assert await bus.received("evt_1") == {"evt_1": message()}


async def test_a_message_for_a_topic_that_cannot_exist_is_refused_for_ever(bus: Bus) -> None:
    with pytest.raises(PublishRefused):
        await bus.publisher.publish([replace(message(), topic="?")])


async def test_an_unknown_topic_is_unavailable_and_the_rest_of_the_batch_may_have_arrived(
    bus: Bus,
) -> None:
    batch = [message(1), message(2, "parcels"), message(3, "payments")]
    with pytest.raises(Unavailable):
        await bus.publisher.publish(batch)

    await bus.add_topic("parcels")
    await bus.publisher.publish(batch)
    assert await bus.received("evt_1", "evt_2", "evt_3") == {one.id: one for one in batch}


@pytest.mark.emulator
async def test_a_message_has_the_attributes_of_a_cloud_event(emulated: PubSubBus) -> None:
    await emulated.publisher.publish([message()])
    await emulated.received("evt_1")
    assert dict(emulated.raw["evt_1"].attributes) == {
        "ce-id": "evt_1",
        "ce-specversion": "1.0",
        "ce-type": "waybill.orders.order_ready.v1",
        "ce-source": "//waybill/orders",
        "ce-subject": "ord_1",
        "ce-time": "2026-11-20T12:00:00.000001+00:00",
        "content-type": "application/json",
        "event": "order_ready",
    }


async def test_a_fake_that_is_down_stores_nothing(simulated: SimulationsBus) -> None:
    fake = FakeBus()
    fake.fake.down = simulated.bus.down = True
    for bus in (fake, simulated):
        with pytest.raises(Unavailable):
            await bus.publisher.publish([message()])
        assert await bus.received() == {}


@pytest.mark.parametrize(
    ("fault", "where", "stored"),
    [(Fault.LOST, "bus.publish", 0), ("publish-partial", "", 1), (Fault.AMBIGUOUS, "bus.publish", 3)],
)
async def test_a_message_whose_answer_the_simulation_lost_is_published_again_and_arrives(
    simulated: SimulationsBus, fault: str, where: str, stored: int
) -> None:
    batch = [message(n) for n in range(3)]
    simulated.script.strike(fault, where)
    with pytest.raises(Unavailable):
        await simulated.publisher.publish(batch)
    assert len(await simulated.received()) == stored

    await simulated.publisher.publish(batch)
    assert (await simulated.received()).keys() == {one.id for one in batch}


async def test_the_simulation_delivers_some_messages_twice(simulated: SimulationsBus) -> None:
    simulated.script.strike("message-duplicated", LISTENER)
    await simulated.publisher.publish([message(1), message(2)])
    await simulated.received("evt_1", "evt_2")
    assert simulated.counts == {"evt_1": 2, "evt_2": 1}


async def test_an_unreachable_bus_is_unavailable() -> None:
    gone = PubSubPublisher("contract", "127.0.0.1:1")
    with pytest.raises(Unavailable):
        await gone.publish([message()])
    await hang_up(gone)


async def test_a_bus_without_answers_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        publisher = PubSubPublisher("contract", f"127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(Unavailable):
            await publisher.publish([message(), message(2, "payments")])
        await hang_up(publisher)
