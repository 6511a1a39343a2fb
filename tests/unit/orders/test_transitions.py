"""The transition tables of all businesses: listed steps succeed, all others are refused and write nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS, FirestoreOrders
from shared.edge.errors import status_of
from shared.kernel.actor import Actor, Role
from shared.kernel.errors import DomainError
from shared.kernel.order import PAID, Business, Fulfilment, PaymentState
from shared.orders.businesses import POLICIES
from shared.orders.businesses.policy import Step
from shared.orders.domain import (
    FailureReason,
    IllegalTransition,
    OrderNotFound,
    OrderNotPaid,
    Payment,
    Requirement,
    RequirementKind,
    party,
)
from shared.orders.guards import RequirementNotMet
from shared.orders.transitions import advance, step_on
from shared.orders.usecases.advance_order import AdvanceOrder, advance_order
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF, STRANGER, order
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.unit.orders.machines import LEGAL, order_of, ready_for, uid_of

pytestmark = pytest.mark.mission("C2")

WHY = FailureReason.WRONG_ITEMS
PEOPLE = (Role.CUSTOMER, Role.MERCHANT, Role.DRIVER, Role.TRAVELLER)


@pytest.mark.parametrize(("business", "state"), list(product(Business, Fulfilment)))
def test_every_step_by_every_role_succeeds_only_where_it_is_listed(
    business: Business, state: Fulfilment
) -> None:
    for step, role in product(Step, Role):
        before = ready_for(order_of(business, state), step)
        target = LEGAL[business].get((state, step, role))
        if target is None:
            with pytest.raises(DomainError) as refused:
                advance(before, step, Actor("x", role), NOW, WHY)
            assert status_of(refused.value) in (403, 409), (step, role)
        else:
            decision = advance(before, step, Actor("x", role), NOW, WHY)
            after, events = decision.state, decision.events
            assert (after.fulfilment, len(events)) == (target, 1), (step, role)


@pytest.mark.parametrize(("business", "state"), list(product(Business, Fulfilment)))
async def test_a_refused_step_writes_nothing(
    business: Business, state: Fulfilment, database: MemoryDatabase, bus: MemoryBus, orders: FirestoreOrders
) -> None:
    stored = order_of(business, state)
    database.seed(ORDERS.path(ORDER_ID), to_document(stored))
    before, refusals = database.data(ORDERS.path(ORDER_ID)), 0
    for step, role in product(Step, PEOPLE):
        if (state, step_on(stored, step), role) in LEGAL[business]:
            continue
        command = AdvanceOrder(uid_of(business, role), ORDER_ID, step, WHY)
        with pytest.raises(DomainError) as refused:
            await advance_order(command, orders=orders, now=NOW)
        assert status_of(refused.value) in (403, 404, 409), (step, role)
        refusals += 1

    assert refusals >= len(Step) * len(PEOPLE) - 4
    assert database.data(ORDERS.path(ORDER_ID)) == before
    assert (database.commits, bus.names()) == ([], [])


@pytest.mark.parametrize("business", Business)
def test_every_state_is_reachable_and_has_a_way_out(business: Business) -> None:
    edges = {(source, target) for (source, _, _), target in LEGAL[business].items()}
    reached = {Fulfilment.SCHEDULED, Fulfilment.PLACED}
    while more := {target for source, target in edges if source in reached} - reached:
        reached |= more
    ends = {Fulfilment.DELIVERED, Fulfilment.RETURNED}

    assert {source for source, _ in edges} | ends == reached


@pytest.mark.parametrize("business", Business)
@pytest.mark.parametrize("payment", sorted(set(PaymentState) - PAID))
def test_no_unpaid_order_is_confirmed_or_picked_up(business: Business, payment: PaymentState) -> None:
    first = next(step for step in (Step.CONFIRM, Step.READY) if step in POLICIES[business].steps)
    for step in (first, Step.PICK_UP):
        rule = POLICIES[business].steps[step]
        before = order_of(business, min(rule.sources), payment=Payment(payment, "pay_1", 27_700))
        with pytest.raises(OrderNotPaid):
            advance(before, step, Actor("x", min(rule.roles)), NOW)


def test_a_traveller_takes_a_parcel_only_when_its_payment_is_held_in_escrow() -> None:
    captured = order_of(Business.P2P, payment=Payment(PaymentState.CAPTURED, "pay_1", 27_700))
    with pytest.raises(OrderNotPaid):
        advance(captured, Step.CONFIRM, Actor(DRIVER, Role.TRAVELLER), NOW)


NEEDS = {
    (Business.MED, Step.PREPARE): RequirementKind.PRESCRIPTION,
    (Business.MED, Step.READY): RequirementKind.PRESCRIPTION,
    (Business.MED, Step.PICK_UP): RequirementKind.PRESCRIPTION,
    (Business.MED, Step.DELIVER): RequirementKind.PROOF,
    (Business.FOOD, Step.DELIVER): RequirementKind.IDENTITY,
    (Business.LOCAL, Step.DELIVER): RequirementKind.PROOF,
    (Business.P2P, Step.PICK_UP): RequirementKind.PICKUP_CODE,
    (Business.P2P, Step.DELIVER): RequirementKind.DELIVERY_CODE,
}


@pytest.mark.parametrize(("business", "step"), NEEDS)
def test_a_step_needs_the_requirements_of_its_order(business: Business, step: Step) -> None:
    rule, kind = POLICIES[business].steps[step], NEEDS[business, step]
    actor = Actor("x", min(rule.roles))
    before = order_of(business, max(rule.sources), requirements=(Requirement(kind),))

    with pytest.raises(RequirementNotMet, match=kind):
        advance(before, step, actor, NOW)
    shown = replace(before, requirements=(Requirement(kind, met=True),))
    assert advance(shown, step, actor, NOW).state.fulfilment is rule.target


def test_a_stranger_finds_no_order() -> None:
    with pytest.raises(OrderNotFound):
        party(order(driver=DRIVER), STRANGER, _is_staff)
    assert party(order(driver=DRIVER), STAFF, _is_staff).role is Role.MERCHANT


@pytest.mark.parametrize("uid", [CUSTOMER, DRIVER])
def test_the_customer_and_the_driver_are_known_without_the_staff(uid: str) -> None:
    def unread(_: str) -> bool:
        raise AssertionError("the membership was read")

    one = order(driver=DRIVER)
    assert party(one, uid, unread).uid == uid
    assert party(one, uid, unread, Role.CUSTOMER, Role.DRIVER, Role.MERCHANT).uid == uid


def _is_staff(uid: str) -> bool:
    return uid == STAFF


def test_a_person_with_two_roles_acts_in_the_role_of_the_step() -> None:
    both = order(customer_id=STAFF)
    assert party(both, STAFF, _is_staff).role is Role.CUSTOMER
    assert party(both, STAFF, _is_staff, Role.MERCHANT, Role.SYSTEM).role is Role.MERCHANT
    assert party(both, STAFF, lambda _: False, Role.MERCHANT).role is Role.CUSTOMER
    assert party(order_of(Business.P2P), DRIVER, _is_staff).role is Role.TRAVELLER


def test_every_refusal_has_a_public_code() -> None:
    error: DomainError = IllegalTransition()
    assert error.code == "ILLEGAL_TRANSITION"
