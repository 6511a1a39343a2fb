"""The virtual loop keeps asyncio's promises, in an order that nothing but the times decides."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.simulation.loop import Stalled, VirtualLoop, pause


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    made = VirtualLoop()
    yield made
    made.close()


def test_callbacks_run_by_their_times_and_ties_in_the_order_in_which_they_were_set(loop: VirtualLoop) -> None:
    ran: list[tuple[str, float]] = []

    def note(name: str) -> None:
        ran.append((name, loop.time()))

    async def wait() -> None:
        for name, delay in (("late", 2.0), ("first", 1.0), ("second", 1.0), ("at once", 0.0)):
            loop.call_later(delay, note, name)
        await asyncio.sleep(3)

    loop.run_until_complete(wait())
    assert ran == [("at once", 0.0), ("first", 1.0), ("second", 1.0), ("late", 2.0)]


def test_what_was_called_off_does_not_run(loop: VirtualLoop) -> None:
    ran: list[str] = []

    async def wait() -> None:
        loop.call_later(1, ran.append, "later").cancel()
        loop.call_soon(ran.append, "soon").cancel()
        await asyncio.sleep(2)

    loop.run_until_complete(wait())
    assert ran == []


def test_a_callback_that_fails_stops_no_other(loop: VirtualLoop) -> None:
    ran: list[str] = []

    async def wait() -> None:
        loop.call_soon(lambda: [][0])
        loop.call_soon(ran.append, "still")
        await pause(1)

    loop.run_until_complete(wait())
    assert ran == ["still"]


def test_a_wait_that_was_cancelled_is_not_woken(loop: VirtualLoop) -> None:
    async def wait() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pause(5), 1)
        await asyncio.sleep(10)

    loop.run_until_complete(wait())
    assert loop.time() == 11.0


def test_waiting_for_what_nobody_will_do_is_an_error(loop: VirtualLoop) -> None:
    with pytest.raises(Stalled):
        loop.run_until_complete(loop.create_future())
