"""The simulated bus and driver location index fail as the real ones can."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

import pytest

from shared.kernel.errors import Unavailable
from shared.kernel.event import Message
from tests.contract.simulated import Script, wire
from tests.simulation.ports.bus import SimulatedBus
from tests.simulation.ports.driver_index import ClockedDriverIndex
from tests.simulation.scenario import REDELIVERIES, Redelivery


def message(n: int) -> Message:
    return Message(f"evt_{n}", "orders", "waybill.orders.order_ready.v1", "ord_1", datetime.now(UTC), "{}")


def bus(faults: Script, acknowledged: bool, taken: list[str], redelivery: Redelivery) -> SimulatedBus:
    async def receive(function: str, _: Message) -> bool:
        return acknowledged

    return SimulatedBus(
        wire(faults),
        faults,
        random.Random(1),
        redelivery,
        receive,
        lambda function, type_: True,
        lambda message: taken.append(message.id),
    )


async def test_a_batch_that_was_taken_in_part_is_told_as_a_failure() -> None:
    faults, taken = Script(), list[str]()
    faults.strike("publish-partial")
    with pytest.raises(Unavailable):
        await bus(faults, True, taken, REDELIVERIES["at once"]).publish([message(n) for n in range(3)])
    assert 0 < len(taken) < 3


async def test_a_message_that_is_always_refused_is_buried_after_the_last_attempt() -> None:
    simulated = bus(Script(), False, [], Redelivery(0.0, 0.0, 3))
    await simulated.publish([message(1)])
    await asyncio.gather(*simulated._tasks)
    assert {letter.id for _, letter in simulated.dead_letters} == {"evt_1"}


def test_the_pauses_double_up_to_a_limit() -> None:
    assert list(Redelivery(1.0, 5.0, 6).pauses()) == [1.0, 2.0, 4.0, 5.0, 5.0]


async def test_a_map_that_falls_back_forgets_what_came_since() -> None:
    inner = ClockedDriverIndex()
    kept = inner.copy()
    inner._reservations["drv_1"] = ("off_1", datetime.max.replace(tzinfo=UTC))
    inner.fall_back(kept)
    assert inner._reservations == {}
