"""Local shops: the staff pick goods from the shelf once the order is paid and confirmed."""

from __future__ import annotations

from shared.kernel.actor import Role
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
    NOTHING,
    BusinessPolicy,
    Fault,
    Goods,
    Guard,
    StatusWords,
    Step,
)

_F = Fulfilment

LOCAL = BusinessPolicy(
    business=Business.LOCAL,
    title="Local",
    carrier=Role.DRIVER,
    steps={
        **ACTIVATION,
        **CONFIRMATION_AHEAD,
        Step.CONFIRM: rule(_F.PLACED, _F.CONFIRMED, Role.MERCHANT, Guard.PAID),
        Step.PREPARE: rule(_F.CONFIRMED, _F.PREPARING, Role.MERCHANT),
        Step.READY: rule(_F.PREPARING, _F.READY, Role.MERCHANT, Guard.PAID),
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
                _F.CONFIRMED: NOTHING,
                _F.PREPARING: DELIVERY,
                _F.READY: DELIVERY,
            },
        ),
        **AFTER_PICKUP,
    },
    retained_on_return={Fault.CUSTOMER: DELIVERY},
    # What was picked goes back to the shelf.
    restockable=frozenset({_F.SCHEDULED, _F.PLACED, _F.CONFIRMED, _F.PREPARING, _F.READY}),
    uses_capacity=AT_THE_MERCHANT,
    substitutable=frozenset(),
    timeouts=MERCHANT_TIMEOUTS,
    sla={
        _F.CONFIRMED: minutes(Role.MERCHANT, 10, 30),
        _F.PREPARING: minutes(Role.MERCHANT, 10, 40),
        **DRIVER_SLA,
    },
    status_words=StatusWords(
        {
            _F.SCHEDULED: "pending",
            _F.PLACED: "pending",
            _F.CONFIRMED: "confirmed",
            _F.PREPARING: "preparing",
            _F.READY: "preparing",
            _F.PICKED_UP: "picked_up",
            _F.IN_TRANSIT: "picked_up",
            _F.ARRIVED: "picked_up",
            _F.DELIVERED: "delivered",
            _F.FAILED: "picked_up",
            _F.RETURNING: "picked_up",
            _F.RETURNED: "cancelled",
            _F.CANCELLED: "cancelled",
        },
    ),
    licences=frozenset(),
    refused_because="",
    private_pickup=False,
    gone_goods=Goods.PACK_AGAIN,
)
