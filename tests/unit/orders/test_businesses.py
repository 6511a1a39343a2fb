"""Every business policy is complete and consistent; no other module differs by business."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from shared.kernel.actor import Role
from shared.kernel.order import Business, Fulfilment
from shared.orders.businesses import POLICIES
from shared.orders.businesses.parts import OPERATORS
from shared.orders.businesses.policy import (
    BEFORE_PICKUP,
    FINAL,
    FULL_SHARE,
    NOTHING,
    BusinessPolicy,
    Guard,
    Step,
)
from shared.orders.timeouts import state_timeout

ROOT = Path(__file__).parents[3]
STARTS = {Fulfilment.SCHEDULED, Fulfilment.PLACED}
every_policy = pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda policy: policy.business)


def reachable(policy: BusinessPolicy) -> set[Fulfilment]:
    found = set(STARTS)
    while more := {Fulfilment(move.target) for move in policy.transitions() if move.source in found} - found:
        found |= more
    return found


def test_every_business_has_a_policy_of_its_own() -> None:
    assert set(POLICIES) == set(Business)
    assert all(policy.business is business for business, policy in POLICIES.items())
    assert len({policy.title for policy in POLICIES.values()}) == len(Business)


@every_policy
def test_an_order_reaches_every_state_that_a_rule_names(policy: BusinessPolicy) -> None:
    named = {state for rule in policy.steps.values() for state in (*rule.sources, rule.target)}
    named |= set(policy.cancellation) | set(policy.sla)
    named |= policy.restockable | policy.uses_capacity | policy.substitutable
    assert named <= reachable(policy)


@every_policy
def test_an_order_leaves_every_state_but_the_final_ones(policy: BusinessPolicy) -> None:
    left = {move.source for move in policy.transitions()}
    assert left == reachable(policy) - FINAL


@every_policy
def test_no_order_stays_in_a_state_unnoticed(policy: BusinessPolicy) -> None:
    """A timeout ends the state, or a threshold calls the responsible role and then the operators."""
    for state in reachable(policy):
        noticed = state in policy.sla or state_timeout(policy.timeouts, state) is not None
        assert noticed == (state not in FINAL), state


@every_policy
def test_every_state_has_a_public_word(policy: BusinessPolicy) -> None:
    assert set(policy.status_words.words) == set(Fulfilment)
    assert all(policy.status_words.words.values())


@every_policy
def test_an_order_is_cancelled_before_its_pickup_by_operators_at_least(policy: BusinessPolicy) -> None:
    assert list(policy.cancellation) == [state for state in Fulfilment if state in policy.cancellation]
    before = {state: terms for state, terms in policy.cancellation.items() if state in BEFORE_PICKUP}
    assert set(before) == reachable(policy) & BEFORE_PICKUP
    assert all(terms.roles >= OPERATORS for terms in before.values())
    assert policy.restockable <= set(policy.cancellation)


@every_policy
def test_fault_05_operators_alone_end_an_order_after_its_pickup_and_nothing_is_retained(
    policy: BusinessPolicy,
) -> None:
    after = {state: terms for state, terms in policy.cancellation.items() if state not in BEFORE_PICKUP}
    assert set(after) == reachable(policy) - BEFORE_PICKUP - FINAL
    assert {terms.roles for terms in after.values()} == {frozenset({Role.SUPPORT, Role.ADMIN})}
    assert {terms.retained for terms in after.values()} == {NOTHING}


@every_policy
def test_no_more_than_all_of_the_money_is_retained(policy: BusinessPolicy) -> None:
    shares = [terms.retained for terms in policy.cancellation.values()]
    for share in (*shares, *policy.retained_on_return.values()):
        assert 0 <= share.items <= FULL_SHARE
        assert 0 <= share.delivery <= FULL_SHARE


@every_policy
def test_the_carrier_carries_and_only_paid_goods_are_picked_up(policy: BusinessPolicy) -> None:
    for step in (Step.PICK_UP, Step.DEPART, Step.ARRIVE, Step.DELIVER, Step.FAIL_DELIVERY, Step.REDELIVER):
        assert policy.steps[step].roles == {policy.carrier}
    assert {Guard.PAID, Guard.HELD} & set(policy.steps[Step.PICK_UP].guards)


@every_policy
def test_a_reminder_goes_to_a_role_that_can_move_the_order_on(policy: BusinessPolicy) -> None:
    for state, threshold in policy.sla.items():
        movers = {role for rule in policy.steps.values() if state in rule.sources for role in rule.roles}
        assert threshold.responsible in movers, state
        assert timedelta(0) < threshold.reminder_after < threshold.delayed_after


@every_policy
def test_the_system_can_end_what_its_timeouts_expire(policy: BusinessPolicy) -> None:
    for state in reachable(policy) - FINAL:
        if state_timeout(policy.timeouts, state) is None:
            continue
        steps = {role for rule in policy.steps.values() if state in rule.sources for role in rule.roles}
        assert Role.SYSTEM in steps | policy.cancellers_in(state), state


@every_policy
def test_no_order_leaves_the_merchant_with_an_open_substitution(policy: BusinessPolicy) -> None:
    for rule in policy.steps.values():
        if rule.sources & policy.substitutable and rule.target not in policy.substitutable:
            assert Guard.ANSWERED in rule.guards


def test_no_other_module_names_a_business() -> None:
    """A field may have a default, for documents that were stored before there were several businesses."""
    policies = ROOT / "shared" / "orders" / "businesses"
    naming = re.compile(r"(?<!: Business = )\bBusiness\.(?:FOOD|LOCAL|MED|P2P)\b")
    found = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "shared").rglob("*.py"))
        if policies not in path.parents and naming.search(path.read_text())
    ]
    assert found == []
