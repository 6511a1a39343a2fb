"""Restaurants: a kitchen cooks once the order is paid and confirmed."""

from __future__ import annotations

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
    REASSIGNMENT,
    carriage,
    minutes,
    rule,
    terms,
)
from shared.orders.businesses.policy import (
    DELIVERY,
    EVERYTHING,
    ITEMS,
    NOTHING,
    BusinessPolicy,
    Fault,
    Goods,
    Guard,
    StatusWords,
    Step,
)

_F = Fulfilment

FOOD = BusinessPolicy(
    business=Business.FOOD,
    title="Food",
    carrier=Role.DRIVER,
    steps={
        **ACTIVATION,
        **CONFIRMATION_AHEAD,
        Step.CONFIRM: rule(_F.PLACED, _F.CONFIRMED, Role.MERCHANT, Guard.PAID),
        Step.PREPARE: rule(_F.CONFIRMED, _F.PREPARING, Role.MERCHANT),
        Step.READY: rule(_F.PREPARING, _F.READY, Role.MERCHANT, Guard.PAID, Guard.ANSWERED),
        Step.PICK_UP: rule(_F.READY, _F.PICKED_UP, Role.DRIVER, Guard.PAID),
        **carriage(Role.DRIVER, Role.MERCHANT, Guard.HANDED_OVER),
        **REASSIGNMENT,
    },
    cancellation={
        **terms(
            frozenset({Role.CUSTOMER, Role.MERCHANT}),
            {
                _F.SCHEDULED: NOTHING,
                _F.PLACED: NOTHING,
                _F.CONFIRMED: DELIVERY,
                _F.PREPARING: ITEMS,
                _F.READY: ITEMS,
            },
        ),
        **AFTER_PICKUP,
    },
    retained_on_return={Fault.CUSTOMER: EVERYTHING},
    # A meal that is being cooked cannot be sold again.
    restockable=frozenset({_F.SCHEDULED, _F.PLACED, _F.CONFIRMED}),
    uses_capacity=AT_THE_MERCHANT,
    substitutable=frozenset({_F.CONFIRMED, _F.PREPARING}),
    timeouts=MERCHANT_TIMEOUTS,
    sla={
        _F.CONFIRMED: minutes(Role.MERCHANT, 10, 30),
        _F.PREPARING: minutes(Role.MERCHANT, 10, 40),
        **DRIVER_SLA,
    },
    status_words=StatusWords(
        {
            _F.SCHEDULED: "placed",
            _F.PLACED: "placed",
            _F.CONFIRMED: "confirmed",
            _F.PREPARING: "preparing",
            _F.READY: "ready",
            _F.PICKED_UP: "picked_up",
            _F.IN_TRANSIT: "in_transit",
            _F.ARRIVED: "in_transit",
            _F.DELIVERED: "delivered",
            _F.FAILED: "in_transit",
            _F.RETURNING: "in_transit",
            _F.RETURNED: "cancelled",
            _F.CANCELLED: "cancelled",
        },
        refunded="refunded",
    ),
    licences=frozenset({Licence.FOOD}),
    refused_because="",
    private_pickup=False,
    gone_goods=Goods.MAKE_AGAIN,
)
