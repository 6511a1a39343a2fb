"""Travellers: one takes a sender's parcel along, with codes at both ends and the money in escrow."""

from __future__ import annotations

from datetime import timedelta

from shared.kernel.actor import Role
from shared.kernel.order import Business, Fulfilment
from shared.orders.businesses.parts import ACTIVATION, AFTER_PICKUP, carriage, minutes, rule, terms
from shared.orders.businesses.policy import (
    DELIVERY,
    FULL_SHARE,
    NOTHING,
    BusinessPolicy,
    Fault,
    Goods,
    Guard,
    Retained,
    StatusWords,
    Step,
    Timeouts,
)

_F = Fulfilment
_DAY = 24 * 60

P2P = BusinessPolicy(
    business=Business.P2P,
    title="Travellers",
    carrier=Role.TRAVELLER,
    steps={
        **ACTIVATION,
        Step.CONFIRM: rule(_F.PLACED, _F.CONFIRMED, Role.TRAVELLER, Guard.HELD),
        Step.PICK_UP: rule(_F.CONFIRMED, _F.PICKED_UP, Role.TRAVELLER, Guard.HELD, Guard.PICKUP_CODE),
        **carriage(Role.TRAVELLER, Role.CUSTOMER, Guard.HANDED_OVER, Guard.DELIVERY_CODE),
    },
    cancellation={
        **terms(
            frozenset({Role.CUSTOMER, Role.TRAVELLER}),
            {
                _F.SCHEDULED: NOTHING,
                _F.PLACED: NOTHING,
                _F.CONFIRMED: Retained(delivery=FULL_SHARE // 2),
            },
        ),
        **AFTER_PICKUP,
    },
    retained_on_return={Fault.CUSTOMER: DELIVERY},
    # The goods are the sender's: there is no stock, no kitchen and nothing to replace.
    restockable=frozenset(),
    uses_capacity=frozenset(),
    substitutable=frozenset(),
    timeouts=Timeouts(
        unpaid=timedelta(minutes=60),
        unpaid_occurrence=timedelta(hours=6),
        unconfirmed=timedelta(hours=24),
        not_prepared=timedelta(days=14),
        without_driver=None,
        not_carried_on=timedelta(days=14),
        undecided=timedelta(hours=24),
        not_taken_back=timedelta(hours=72),
    ),
    sla={
        _F.CONFIRMED: minutes(Role.TRAVELLER, _DAY, 3 * _DAY),
        _F.PICKED_UP: minutes(Role.TRAVELLER, 6 * 60, _DAY),
        _F.IN_TRANSIT: minutes(Role.TRAVELLER, _DAY, 3 * _DAY),
        _F.ARRIVED: minutes(Role.TRAVELLER, 60, 6 * 60),
    },
    status_words=StatusWords(
        {
            _F.SCHEDULED: "requested",
            _F.PLACED: "requested",
            _F.CONFIRMED: "accepted",
            _F.PREPARING: "accepted",
            _F.READY: "accepted",
            _F.PICKED_UP: "picked_up",
            _F.IN_TRANSIT: "in_transit",
            _F.ARRIVED: "in_transit",
            _F.DELIVERED: "delivered",
            _F.FAILED: "in_transit",
            _F.RETURNING: "returning",
            _F.RETURNED: "returned",
            _F.CANCELLED: "cancelled",
        },
    ),
    licences=frozenset(),
    refused_because="",
    private_pickup=True,
    # A parcel has no second copy: there is no other driver for it.
    gone_goods=Goods.READY,
)
