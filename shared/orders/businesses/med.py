"""Pharmacies: a pharmacist approves the prescription before the goods are prepared."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from shared.kernel.actor import Role
from shared.kernel.licence import Licence
from shared.kernel.order import Business, Fulfilment
from shared.orders.businesses.parts import (
    ACTIVATION,
    AFTER_PICKUP,
    AT_THE_MERCHANT,
    CONFIRMATION_AHEAD,
    DRIVER_SLA,
    MERCHANT_TIMEOUTS,
    OPERATORS,
    REASSIGNMENT,
    carriage,
    minutes,
    rule,
    terms,
)
from shared.orders.businesses.policy import (
    DELIVERY,
    FULL_SHARE,
    NOTHING,
    BusinessPolicy,
    CancellationTerms,
    Fault,
    Goods,
    Guard,
    Retained,
    StatusWords,
    Step,
)

_F = Fulfilment

_PREPARED = Retained(items=2_000, delivery=FULL_SHARE)
"""The pharmacist's work on an order that was prepared and did not arrive."""

MED = BusinessPolicy(
    business=Business.MED,
    title="Medical",
    carrier=Role.DRIVER,
    steps={
        **ACTIVATION,
        **CONFIRMATION_AHEAD,
        Step.CONFIRM: rule(_F.PLACED, _F.CONFIRMED, Role.MERCHANT, Guard.PAID),
        Step.PREPARE: rule(_F.CONFIRMED, _F.PREPARING, Role.MERCHANT, Guard.PRESCRIPTION),
        Step.READY: rule(_F.PREPARING, _F.READY, Role.MERCHANT, Guard.PAID, Guard.PRESCRIPTION),
        Step.PICK_UP: rule(_F.READY, _F.PICKED_UP, Role.DRIVER, Guard.PAID, Guard.PRESCRIPTION),
        **carriage(Role.DRIVER, Role.MERCHANT, Guard.HANDED_OVER),
        **REASSIGNMENT,
    },
    cancellation={
        **terms(
            frozenset({Role.CUSTOMER, Role.MERCHANT}),
            {_F.SCHEDULED: NOTHING, _F.PLACED: NOTHING, _F.CONFIRMED: NOTHING, _F.PREPARING: DELIVERY},
        ),
        # Medicine that was prepared for one customer: the customer can no longer cancel.
        _F.READY: CancellationTerms(OPERATORS | {Role.MERCHANT}, _PREPARED),
        **AFTER_PICKUP,
    },
    retained_on_return={Fault.CUSTOMER: _PREPARED},
    restockable=frozenset({_F.SCHEDULED, _F.PLACED, _F.CONFIRMED, _F.PREPARING, _F.READY}),
    uses_capacity=AT_THE_MERCHANT,
    # The pharmacy sends exactly what the pharmacist has approved.
    substitutable=frozenset(),
    timeouts=replace(
        MERCHANT_TIMEOUTS,
        unpaid_occurrence=timedelta(hours=12),
        unconfirmed=timedelta(minutes=60),
        not_prepared=timedelta(hours=12),
        without_driver=timedelta(hours=4),
        undecided=timedelta(hours=4),
    ),
    sla={
        _F.CONFIRMED: minutes(Role.MERCHANT, 120, 480),
        _F.PREPARING: minutes(Role.MERCHANT, 30, 240),
        **DRIVER_SLA,
    },
    status_words=StatusWords(
        {
            _F.SCHEDULED: "pending",
            _F.PLACED: "pending",
            _F.CONFIRMED: "accepted",
            _F.PREPARING: "accepted",
            _F.READY: "accepted",
            _F.PICKED_UP: "picked_up",
            _F.IN_TRANSIT: "out_for_delivery",
            _F.ARRIVED: "out_for_delivery",
            _F.DELIVERED: "delivered",
            _F.FAILED: "out_for_delivery",
            _F.RETURNING: "out_for_delivery",
            _F.RETURNED: "cancelled",
            _F.CANCELLED: "cancelled",
        },
        assigned="driver_assigned",
    ),
    licences=frozenset({Licence.DRUG}),
    # No order carries these requirements yet, so that no step would wait for them.
    refused_because="Medical orders are not accepted until prescriptions, identity checks and "
    "proofs of delivery are enforced.",
    private_pickup=False,
    gone_goods=Goods.PACK_AGAIN,
)
