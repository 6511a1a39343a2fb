"""The calls of simulated people meet the edge of the function, and its refusals come back as errors."""

from __future__ import annotations

import pytest

from emulators.client.call import Call
from emulators.client.operations import accounts, orders
from tests.simulation.clients import Outcome
from tests.simulation.loop import VirtualLoop
from tests.simulation.run import Simulation
from tests.simulation.runtime import current_runtime
from tests.simulation.scenario import Scenario
from tests.simulation.watch import Violation


def _ask(
    call: Call, key: str | None = None, *, without_systems: bool = False
) -> tuple[Outcome, Violation | None]:
    """Send one call in a run in which nothing else happens."""

    async def ask() -> tuple[Outcome, Violation | None]:
        simulation = Simulation(Scenario(1))
        simulation.watch.faults.over = True
        current_runtime.set(simulation.ports.runtime)
        if without_systems:
            simulation.ports.runtime._externals = {}
        return await simulation.city.client("asha").attempt("asks", call, key), simulation.watch.violation

    loop = VirtualLoop()
    try:
        return loop.run_until_complete(ask())
    finally:
        loop.close()


def test_an_answer_is_the_body_that_the_app_sends() -> None:
    outcome, violation = _ask(accounts.register_device("token", "android"))
    assert (outcome.answer or {})["platform"] == "android"
    assert violation is None


@pytest.mark.parametrize(
    ("call", "key", "code"),
    [
        (orders.get_order("ord_1"), None, "ORDER_NOT_FOUND"),
        (orders.place_order("quo_1"), None, "IDEMPOTENCY_KEY_MISSING"),
        (orders.place_order("quo_1"), "two words", "IDEMPOTENCY_KEY_MALFORMED"),
    ],
)
def test_a_refusal_of_the_context_or_the_edge_is_an_error_with_its_code(
    call: Call, key: str | None, code: str
) -> None:
    outcome, violation = _ask(call, key)
    assert outcome.refusal is not None
    assert (outcome.refusal.code, violation) == (code, None)


def test_what_no_schema_admits_is_no_refusal_but_a_fault_of_the_actor() -> None:
    outcome, violation = _ask(orders.place_order("quo_1", tip="much"), "click")
    assert outcome == Outcome()
    assert violation is not None
    assert violation.invariant == "unforeseen"
    assert "/tip" in violation.message


def test_an_error_behind_a_500_is_reported_by_its_name() -> None:
    _, violation = _ask(orders.get_order("ord_1"), without_systems=True)
    assert violation is not None
    assert "LookupError('the simulation has no " in violation.message
