"""Concurrent accept, decline, expiry, cancel and search, in many interleavings."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from itertools import combinations_with_replacement

import pytest

from shared.adapters.firestore.database import CommitUnknown, Snapshot, Write
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.machine import OfferState
from shared.dispatch.usecases.go_offline import GoOffline, go_offline
from shared.kernel.errors import DomainError, TooEarly, Unavailable, WrongState
from shared.kernel.order import AssignmentState, Fulfilment
from tests.builders import ORDER_ID
from tests.fakes.database import MemoryDatabase
from tests.fakes.dispatch import MemoryDriverIndex
from tests.unit.dispatch.world import World

pytestmark = pytest.mark.mission("E3")

OFFER_TIMEOUT = timedelta(seconds=30)
SEEDS = range(12)


class ShuffledDatabase(MemoryDatabase):
    """Lets other tasks run first, for a random while, before each operation; may lose answers."""

    def __init__(self, seed: int, lose: float = 0.0) -> None:
        super().__init__()
        self._chance = random.Random(seed)
        self._lose = lose

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        await self._others()
        return await super().get_all(paths)

    async def commit(self, writes: Sequence[Write]) -> None:
        await self._others()
        if self._chance.random() < self._lose / 2:
            raise CommitUnknown("never arrived")
        await super().commit(writes)
        if self._chance.random() < self._lose / 2:
            raise CommitUnknown("applied, answer lost")

    async def _others(self) -> None:
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)


Act = Callable[[World], Awaitable[object]]


async def _cancel(world: World) -> None:
    await world.cancel()
    await world.handle_cancellation(world.assignment().driver_id)


async def _expire(world: World) -> None:
    """Expire the offer by a clock that is past the deadline, while the other clocks are not."""
    later = World(world.now + OFFER_TIMEOUT, world.database, world.bus, world.index, world.deadlines)
    await later.expire()


async def _leave(world: World) -> None:
    await go_offline(GoOffline("asha"), store=world.store, index=world.index, now=world.now)


ACTS: Mapping[str, Act] = {
    "accept": lambda world: world.accept("asha"),
    "decline": lambda world: world.decline("asha"),
    "expire": _expire,
    "cancel": _cancel,
    "search": lambda world: world.search(),
    "go offline": _leave,
}


async def offered(seed: int, lose: float = 0.0) -> World:
    world = World(database=ShuffledDatabase(seed, lose))
    world.add_order()
    await world.add_driver("asha", 100)
    await world.add_driver("bala", 2_500)
    while not world.offers():
        await world.search()
    return world


class ForgetfulIndex(MemoryDriverIndex):
    """Keeps no reservations, as a Redis that is flushed at every moment."""

    async def reserve(self, driver_id: str, offer_id: str, duration: timedelta) -> bool:
        return True


def check(world: World) -> None:
    """Check invariants 9 and 10, and that order, offers and drivers agree."""
    assignment, offers = world.assignment(), world.offers()
    holders = [uid for uid in ("asha", "bala") if ORDER_ID in world.driver(uid).active_orders]
    accepted = [offer for offer in offers if offer.state is OfferState.ACCEPTED]
    still_open = [offer for offer in offers if offer.state is OfferState.OPEN]
    assert len(accepted) <= 1
    assert len(holders) <= 1
    if assignment.state is AssignmentState.ASSIGNED:
        assert [offer.driver_id for offer in accepted] == holders == [assignment.driver_id]
        assert world.order().fulfilment is not Fulfilment.CANCELLED
    else:
        assert holders == []
        assert assignment.driver_id is None
    expected = [assignment.offer_id] if assignment.state is AssignmentState.OFFERED else []
    assert [offer.id for offer in still_open] == expected
    for uid in ("asha", "bala"):
        assert world.driver(uid).load <= world.driver(uid).load_cap
        waiting = [offer.id for offer in still_open if offer.driver_id == uid]
        assert waiting == (
            [world.driver(uid).outstanding_offer] if world.driver(uid).outstanding_offer else []
        )
    names = [entry["type"] for entry in world.database.data(f"orders/{ORDER_ID}")["timeline"]]
    assert names.count("driver_assigned") == len(accepted)
    assert [entry["seq"] for entry in world.database.data(f"orders/{ORDER_ID}")["timeline"]] == list(
        range(1, len(names) + 1)
    )


def fair(result: object) -> bool:
    """Return whether a result is a success or a conflict."""
    return not isinstance(result, BaseException) or isinstance(result, WrongState | TooEarly)


@pytest.mark.parametrize("acts", list(combinations_with_replacement(ACTS, 2)), ids=" and ".join)
@pytest.mark.parametrize("seed", SEEDS)
async def test_two_concurrent_actions_leave_a_consistent_state(acts: tuple[str, str], seed: int) -> None:
    world = await offered(seed)
    results = await asyncio.gather(*(ACTS[act](world) for act in acts), return_exceptions=True)
    assert all(map(fair, results)), results
    check(world)


@pytest.mark.parametrize("seed", range(60))
async def test_concurrent_actions_with_lost_answers_leave_a_consistent_state(seed: int) -> None:
    world = await offered(seed, lose=0.3)
    chance = random.Random(seed)
    acts = chance.choices(list(ACTS), k=7)
    results = await asyncio.gather(*(ACTS[act](world) for act in acts), return_exceptions=True)
    assert all(fair(result) or isinstance(result, Unavailable) for result in results), results
    world.database._lose = 0.0  # type: ignore[attr-defined]
    await settle(world)
    check(world)


async def settle(world: World) -> None:
    """Run the retries that follow a lost answer."""
    if world.order().fulfilment is Fulfilment.CANCELLED:
        await world.handle_cancellation(world.assignment().driver_id)
    try:
        await world.search()
    except DomainError as error:
        raise AssertionError("no retry may be refused") from error


@pytest.mark.parametrize("seed", SEEDS)
async def test_of_concurrent_accepts_and_declines_exactly_one_succeeds(seed: int) -> None:
    world = await offered(seed)
    answers = (world.accept("asha"), world.decline("asha"), world.accept("asha"), world.decline("asha"))
    results = await asyncio.gather(*answers, return_exceptions=True)
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    check(world)


@pytest.mark.parametrize("seed", SEEDS)
async def test_ten_concurrent_deliveries_of_order_ready_make_one_offer(seed: int) -> None:
    world = World(database=ShuffledDatabase(seed))
    world.add_order()
    await world.add_driver("asha", 100)
    await world.add_driver("bala", 2_500)
    await asyncio.gather(*(world.search() for _ in range(10)))
    assert len(world.offers()) == 1
    check(world)


@pytest.mark.parametrize("seed", SEEDS)
async def test_concurrent_searches_for_the_same_driver_make_one_offer(seed: int) -> None:
    world = World(database=ShuffledDatabase(seed), index=ForgetfulIndex())
    names = [world.add_order(id=f"ord_{n}") for n in range(4)]
    await world.add_driver("asha", 100)
    await asyncio.gather(*(world.search(name) for name in names))
    [offer] = world.offers()
    assert world.driver("asha").outstanding_offer == offer.id
    assert world.driver("asha").offers_made == 1


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_driver_who_goes_offline_while_accepting_ends_offline_with_or_without_the_order(
    seed: int,
) -> None:
    world = await offered(seed)
    await asyncio.gather(world.accept("asha"), _leave(world), return_exceptions=True)
    assert world.driver("asha").status is DriverStatus.OFFLINE
    check(world)
