"""The table of the payment machine says what payments does to an order, no more and no less."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from shared.adapters.firestore.database import Write
from shared.kernel.errors import DomainError
from shared.kernel.order import PaymentState
from shared.payments.machine import PAYMENT
from tests.fakes.payments import Bill
from tests.unit.payments.world import ORDER, TOTAL, World

Edge = tuple[PaymentState, PaymentState]
LISTED: set[Edge] = {(row.source, row.target) for row in PAYMENT}  # type: ignore[misc]


def _watch(world: World) -> set[Edge]:
    """Return the set that fills with every move of the order's payment from now on."""
    seen: set[Edge] = set()
    commit = world.database.commit

    async def noting(writes: Sequence[Write]) -> None:
        before = PaymentState(world.slice()["state"])
        await commit(writes)
        after = PaymentState(world.slice()["state"])
        if before is not after:
            seen.add((before, after))

    world.database.commit = noting  # type: ignore[method-assign]
    return seen


async def _declined(world: World) -> None:
    world.gateway.declines = 1
    await world.start()


async def _end(world: World, fee: int) -> None:
    world.set_order(fulfilment="cancelled", cancellation_fee=fee)


async def _owe(world: World, amount: int) -> None:
    if world.slice()["captured"] and world.order()["fulfilment"] == "placed":
        world.owe(amount)


async def _pass_time(world: World) -> None:
    world.wait(minutes=16)


async def _gateway(world: World, act: Callable[[str], object]) -> None:
    bills: list[Bill] = list(world.gateway.bills.values())
    if bills:
        act(bills[-1].intent.link)


ACTIONS: Sequence[Callable[[World], Awaitable[object]]] = (
    lambda world: world.start(),
    lambda world: world.start(),
    _declined,
    lambda world: _gateway(world, world.gateway.pay),
    lambda world: _gateway(world, world.gateway.decline),
    lambda world: world.receive_all(),
    lambda world: world.receive_all(),
    lambda world: world.deliver_events(),
    lambda world: world.poll(),
    _pass_time,
    lambda world: _owe(world, TOTAL // 4),
    lambda world: _end(world, 0),
    lambda world: _end(world, TOTAL // 3),
    lambda world: _end(world, TOTAL),
)
ENDS = 3
"""The last so many actions end the order; they come rarely."""


async def _walk(seed: int) -> set[Edge]:
    chance, world = random.Random(seed), World()
    seen = _watch(world)
    weights = [1.0] * (len(ACTIONS) - ENDS) + [0.1] * ENDS
    for _ in range(40):
        with suppress(DomainError):
            await chance.choices(ACTIONS, weights)[0](world)
    assert world.database.data(f"orders/{ORDER}")["id"] == ORDER
    return seen


async def test_payments_makes_every_listed_move_and_no_other() -> None:
    moves = set().union(*[await _walk(seed) for seed in range(150)])
    assert moves == LISTED
