"""Parts of a policy that several businesses share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.kernel.actor import Role
from shared.kernel.order import Fulfilment
from shared.orders.businesses.policy import (
    NOTHING,
    CancellationTerms,
    Guard,
    Retained,
    Rule,
    SlaThreshold,
    Step,
    Steps,
    Timeouts,
)

_F = Fulfilment

OPERATORS = frozenset({Role.SUPPORT, Role.ADMIN, Role.SYSTEM})
"""Who may cancel every order that can be cancelled."""


STAFFED = (Role.SUPPORT, Role.ADMIN)
ON_THE_WAY = (_F.PICKED_UP, _F.IN_TRANSIT, _F.ARRIVED)


def rule(
    sources: Fulfilment | tuple[Fulfilment, ...],
    target: Fulfilment,
    roles: Role | tuple[Role, ...],
    *guards: Guard,
) -> Rule:
    """Return the rule of one step."""
    starts = (sources,) if isinstance(sources, Fulfilment) else sources
    actors = (roles,) if isinstance(roles, Role) else roles
    return Rule(frozenset(starts), target, frozenset(actors), guards)


ACTIVATION: Steps = {Step.ACTIVATE: rule(_F.SCHEDULED, _F.PLACED, Role.SYSTEM, Guard.NOT_CONFIRMED_AHEAD)}

CONFIRMATION_AHEAD: Steps = {
    Step.CONFIRM_AHEAD: rule(
        _F.SCHEDULED, _F.SCHEDULED, Role.MERCHANT, Guard.PAID, Guard.NOT_CONFIRMED_AHEAD
    ),
    Step.ACTIVATE_CONFIRMED: rule(_F.SCHEDULED, _F.CONFIRMED, Role.SYSTEM, Guard.PAID, Guard.CONFIRMED_AHEAD),
}
"""How a merchant confirms a scheduled order before it is handed to it, and what that leads to."""


def carriage(carrier: Role, owner: Role, *proofs: Guard) -> Steps:
    """Return the steps from pickup to the door, or back to the `owner` of the goods."""
    return {
        Step.DEPART: rule(_F.PICKED_UP, _F.IN_TRANSIT, carrier),
        Step.ARRIVE: rule(_F.IN_TRANSIT, _F.ARRIVED, carrier),
        Step.DELIVER: rule((_F.IN_TRANSIT, _F.ARRIVED), _F.DELIVERED, carrier, *proofs),
        Step.FAIL_DELIVERY: rule((_F.PICKED_UP, _F.IN_TRANSIT, _F.ARRIVED), _F.FAILED, carrier),
        Step.REDELIVER: rule(_F.FAILED, _F.IN_TRANSIT, carrier, Guard.ATTEMPTS_LEFT),
        Step.RETURN: rule(_F.FAILED, _F.RETURNING, (carrier, Role.SYSTEM)),
        Step.TAKE_BACK: rule(_F.RETURNING, _F.RETURNED, (owner, Role.SYSTEM)),
        Step.RECALL: rule((*ON_THE_WAY, _F.FAILED), _F.RETURNING, (*STAFFED, Role.SYSTEM)),
    }


REASSIGNMENT: Steps = {
    Step.REASSIGN: rule((_F.READY, *ON_THE_WAY, _F.FAILED, _F.RETURNING), _F.READY, STAFFED, Guard.HAS_DRIVER)
}
"""Operators give an order to another driver, who picks the goods up at the merchant."""


def terms(
    roles: frozenset[Role], retained: Mapping[Fulfilment, Retained]
) -> Mapping[Fulfilment, CancellationTerms]:
    """Return the terms under which these roles, and operators, cancel in each state."""
    return {state: CancellationTerms(OPERATORS | roles, share) for state, share in retained.items()}


AFTER_PICKUP: Mapping[Fulfilment, CancellationTerms] = {
    state: CancellationTerms(frozenset(STAFFED), NOTHING) for state in (*ON_THE_WAY, _F.FAILED, _F.RETURNING)
}
"""Operators end an order whose goods are lost; the customer gets all of the money back."""


def minutes(responsible: Role, reminder: int, delayed: int) -> SlaThreshold:
    """Return a threshold in minutes."""
    return SlaThreshold(responsible, timedelta(minutes=reminder), timedelta(minutes=delayed))


MERCHANT_TIMEOUTS = Timeouts(
    unpaid=timedelta(minutes=15),
    unpaid_occurrence=timedelta(hours=6),
    unconfirmed=timedelta(minutes=10),
    not_prepared=timedelta(hours=6),
    without_driver=timedelta(minutes=60),
    not_carried_on=timedelta(hours=6),
    undecided=timedelta(hours=2),
    not_taken_back=timedelta(hours=24),
)

DRIVER_SLA: Mapping[Fulfilment, SlaThreshold] = {
    _F.READY: minutes(Role.DRIVER, 20, 60),
    _F.PICKED_UP: minutes(Role.DRIVER, 10, 30),
    _F.IN_TRANSIT: minutes(Role.DRIVER, 20, 60),
    _F.ARRIVED: minutes(Role.DRIVER, 15, 45),
}
"""With an assigned driver: until they fetch the goods, depart, arrive, and hand them over."""

AT_THE_MERCHANT = frozenset({_F.PLACED, _F.CONFIRMED, _F.PREPARING})
"""The states in which a merchant has work with an order."""
