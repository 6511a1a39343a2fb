"""The table of the assignment machine says what dispatch does, no more and no less."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from shared.adapters.firestore.database import Write
from shared.dispatch.machine import ASSIGNMENT
from shared.dispatch.usecases.reopen_search import ReopenSearch, reopen_search
from shared.kernel.errors import DomainError
from shared.kernel.order import AssignmentState
from tests.builders import ORDER_ID
from tests.unit.dispatch.world import World

Edge = tuple[AssignmentState, AssignmentState]
LISTED: set[Edge] = {(row.source, row.target) for row in ASSIGNMENT}  # type: ignore[misc]
STEP = timedelta(seconds=20)


class Watched(World):
    """A world that notes how the assignment moves."""

    def watch(self) -> set[Edge]:
        """Return the set that fills with every move from now on."""
        seen: set[Edge] = set()
        commit, path = self.database.commit, f"orders/{ORDER_ID}"

        async def noting(writes: Sequence[Write]) -> None:
            before = AssignmentState(self.database.data(path)["assignment"]["state"])
            await commit(writes)
            after = AssignmentState(self.database.data(path)["assignment"]["state"])
            if before is not after:
                seen.add((before, after))

        self.database.commit = noting  # type: ignore[method-assign]
        return seen


async def _pass_time(world: Watched) -> None:
    world.wait(STEP)


async def _ping(world: Watched) -> None:
    await world.ping(*world.database.collection("drivers"))


async def _long_rest(world: Watched) -> None:
    world.wait(world.config.cooldown)


ACTIONS: Sequence[Callable[[Watched], Awaitable[object]]] = (
    lambda world: world.search(),
    lambda world: world.search(),
    lambda world: world.accept("asha", world.assignment().attempt),
    lambda world: world.decline("asha", world.assignment().attempt),
    lambda world: world.decline("bala", world.assignment().attempt),
    lambda world: world.expire(world.assignment().attempt),
    lambda world: world.cancel(),
    lambda world: world.handle_cancellation(),
    lambda world: world.handle_cancellation(),
    lambda world: reopen_search(ReopenSearch(ORDER_ID), ports=world.ports, now=world.now),
    _pass_time,
    _pass_time,
    _ping,
    _long_rest,
)


async def _walk(seed: int) -> set[Edge]:
    chance, world = random.Random(seed), Watched()
    world.add_order()
    for uid in ("asha", "bala")[: chance.randint(0, 2)]:
        await world.add_driver(uid)
    seen = world.watch()
    for _ in range(60):
        with suppress(DomainError):
            weights = [0.05 if n == 6 else 1.0 for n in range(len(ACTIONS))]
            await chance.choices(ACTIONS, weights)[0](world)
    return seen


async def test_dispatch_makes_every_listed_move_and_no_other() -> None:
    moves = set().union(*[await _walk(seed) for seed in range(150)])
    assert moves == LISTED
