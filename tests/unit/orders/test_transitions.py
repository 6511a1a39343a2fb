"""The food business's table: the listed steps happen, all others are refused."""

from __future__ import annotations

from itertools import product

import pytest

from shared.kernel.actor import Actor, Role
from shared.kernel.errors import DomainError
from shared.kernel.order import Fulfilment, PaymentState
from shared.orders.domain import IllegalTransition, NotPermitted, OrderNotFound, OrderNotPaid, party
from shared.orders.transitions import FOOD, Step, advance
from tests.builders import CUSTOMER, DRIVER, NOW, STAFF, STRANGER, order

EXPECTED = {
    (Fulfilment.PLACED, Step.CONFIRM): Fulfilment.CONFIRMED,
    (Fulfilment.CONFIRMED, Step.PREPARE): Fulfilment.PREPARING,
    (Fulfilment.PREPARING, Step.READY): Fulfilment.READY,
    (Fulfilment.READY, Step.PICK_UP): Fulfilment.PICKED_UP,
    (Fulfilment.PICKED_UP, Step.DEPART): Fulfilment.IN_TRANSIT,
    (Fulfilment.IN_TRANSIT, Step.ARRIVE): Fulfilment.ARRIVED,
    (Fulfilment.IN_TRANSIT, Step.DELIVER): Fulfilment.DELIVERED,
    (Fulfilment.ARRIVED, Step.DELIVER): Fulfilment.DELIVERED,
}


@pytest.mark.parametrize(("state", "step"), list(product(Fulfilment, Step)))
def test_exactly_the_listed_steps_happen(state: Fulfilment, step: Step) -> None:
    actor = Actor(DRIVER if FOOD[step].role is Role.DRIVER else STAFF, FOOD[step].role)
    before = order(state, driver=DRIVER)

    if (state, step) not in EXPECTED:
        with pytest.raises(IllegalTransition):
            advance(before, step, actor, NOW)
        return
    after, events = advance(before, step, actor, NOW)
    assert after.fulfilment is EXPECTED[state, step]
    assert len(events) == 1


@pytest.mark.parametrize(("step", "role"), list(product(Step, [Role.CUSTOMER, Role.MERCHANT, Role.DRIVER])))
def test_only_the_listed_role_takes_a_step(step: Step, role: Role) -> None:
    source = next(iter(FOOD[step].sources))
    if role is FOOD[step].role:
        advance(order(source, driver=DRIVER), step, Actor("x", role), NOW)
    else:
        with pytest.raises(NotPermitted):
            advance(order(source, driver=DRIVER), step, Actor("x", role), NOW)


@pytest.mark.parametrize("payment", sorted(set(PaymentState) - {PaymentState.CAPTURED, PaymentState.HELD}))
def test_a_merchant_cannot_confirm_and_a_driver_cannot_take_what_is_not_paid(payment: PaymentState) -> None:
    for state, step, role in [
        (Fulfilment.PLACED, Step.CONFIRM, Role.MERCHANT),
        (Fulfilment.READY, Step.PICK_UP, Role.DRIVER),
    ]:
        with pytest.raises(OrderNotPaid):
            advance(order(state, payment, DRIVER), step, Actor("x", role), NOW)


def test_a_stranger_learns_nothing_but_that_there_is_no_such_order() -> None:
    with pytest.raises(OrderNotFound):
        party(order(driver=DRIVER), STRANGER)
    assert party(order(driver=DRIVER), CUSTOMER).role is Role.CUSTOMER


def test_every_refusal_has_a_public_code() -> None:
    error: DomainError = IllegalTransition()
    assert error.code == "ILLEGAL_TRANSITION"
