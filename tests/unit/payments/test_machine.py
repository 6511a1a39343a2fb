"""The tables of the payment machines decide: they list every change of state and refuse every other."""

from __future__ import annotations

import ast
import inspect
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from types import ModuleType
from typing import Any

import pytest

from shared.adapters.firestore.database import Write
from shared.kernel.errors import DomainError
from shared.kernel.machine import Machine, TransitionNotAllowed
from shared.kernel.order import PaymentState
from shared.payments import charges, refunds
from shared.payments.domain import RefundState, State
from shared.payments.machine import PAYMENT, REFUND, SUBJECT_PAYMENT, Cause
from tests.fakes.payments import Bill
from tests.unit.payments.world import ORDER, TOTAL, World

Edge = tuple[PaymentState, PaymentState]
LISTED = {(row.source, row.target) for row in SUBJECT_PAYMENT.rows if row.source is not row.target}
MACHINES: dict[type[StrEnum], Machine[Any]] = {
    PaymentState: SUBJECT_PAYMENT,
    State: PAYMENT,
    RefundState: REFUND,
}
PAIRS = [
    (machine, state, cause)
    for states, machine in MACHINES.items()
    for state, cause in itertools.product(states, Cause)
]
LEGAL = {
    (id(machine), row.source, row.cause): row.target for machine in MACHINES.values() for row in machine.rows
}
RULES = (charges, refunds)


def _watch(world: World) -> set[Edge]:
    """Return a set that collects every change of the order's payment state from now on."""
    seen: set[Edge] = set()
    commit = world.database.commit

    async def recording_commit(writes: Sequence[Write]) -> None:
        before = PaymentState(world.slice()["state"])
        await commit(writes)
        after = PaymentState(world.slice()["state"])
        if before is not after:
            seen.add((before, after))

    world.database.commit = recording_commit  # type: ignore[method-assign]
    return seen


async def _declined(world: World) -> None:
    world.gateway.declines = 1
    await world.start()


async def _end(world: World, fee: int) -> None:
    world.set_order(fulfilment="cancelled", cancellation_fee=fee)


async def _owe(world: World, amount: int) -> None:
    if world.slice()["captured"] and world.order()["fulfilment"] == "placed":
        world.set_refund_due(amount)


async def _wait(world: World) -> None:
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
    _wait,
    lambda world: _owe(world, TOTAL // 4),
    lambda world: _end(world, 0),
    lambda world: _end(world, TOTAL // 3),
    lambda world: _end(world, TOTAL),
)
ENDS = 3
"""The last actions end the order; they are rare."""


async def _walk(seed: int) -> set[Edge]:
    chance, world = random.Random(seed), World()
    seen = _watch(world)
    weights = [1.0] * (len(ACTIONS) - ENDS) + [0.1] * ENDS
    for _ in range(40):
        with suppress(DomainError):
            await chance.choices(ACTIONS, weights)[0](world)
    assert world.database.data(f"orders/{ORDER}")["id"] == ORDER
    return seen


async def test_an_order_passes_through_every_listed_transition_and_no_other() -> None:
    moves = set().union(*[await _walk(seed) for seed in range(150)])
    assert moves == LISTED


@pytest.mark.parametrize(("machine", "state", "cause"), PAIRS)
def test_a_machine_moves_by_its_table_and_refuses_every_other_pair(
    machine: Machine[Any], state: StrEnum, cause: Cause
) -> None:
    target = LEGAL.get((id(machine), state, cause))
    assert machine.allows(state, cause) is (target is not None)
    if target is not None:
        assert machine.move(state, cause) is target
        return
    with pytest.raises(TransitionNotAllowed):
        machine.move(state, cause)


@pytest.mark.parametrize("machine", MACHINES.values())
def test_a_machine_has_one_target_for_each_state_and_cause(machine: Machine[Any]) -> None:
    pairs = [(row.source, row.cause) for row in machine.rows]
    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize("rules", RULES)
def test_fault_17_every_rule_takes_the_next_state_of_what_is_stored_from_a_machine(
    rules: ModuleType,
) -> None:
    """New documents name their first state; `replace` of a stored one takes the state from a machine."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(rules))) if isinstance(node, ast.Call)]
    replaced = [call for call in calls if ast.unparse(call.func) == "replace"]
    given = [word.value for call in replaced for word in call.keywords if word.arg == "state"]
    literal = [ast.unparse(value) for value in given if not isinstance(value, ast.Name | ast.Call)]
    assert given
    assert literal == ([] if rules is refunds else ["State.FAILED"]), "a declined attempt is new"
