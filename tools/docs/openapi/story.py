"""The one order that the examples are about: how far it has come when an operation answers.

Each operation that answers with the order shows it in the state in which that operation leaves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders import events
from shared.orders.businesses import POLICIES
from shared.orders.pricing import repriced
from shared.orders.public_status import DIRECT, DRIVE
from tools.docs.openapi.cast import AMOUNTS, ASHA, IDS, LINES, MEERA, RAVI, replacement, shown
from tools.docs.openapi.moments import DAY, after


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the order is, `minutes` after it was placed."""

    fulfilment: Fulfilment
    minutes: float
    assignment: AssignmentState = AssignmentState.NONE
    payment: PaymentState = PaymentState.CAPTURED

    @property
    def captured(self) -> int:
        """Return what has been paid by then."""
        return 0 if self.payment in (PaymentState.NONE, PaymentState.PENDING) else AMOUNTS.total


_F, _A = Fulfilment, AssignmentState
STAGES: Mapping[str, Stage] = {
    "placeOrder": Stage(_F.PLACED, 0, payment=PaymentState.NONE),
    "confirmOrder": Stage(_F.CONFIRMED, 2),
    "startPreparation": Stage(_F.PREPARING, 3),
    "acceptSubstitution": Stage(_F.PREPARING, 4),
    "declineSubstitution": Stage(_F.PREPARING, 4),
    "markOrderReady": Stage(_F.READY, 18),
    "pickUpOrder": Stage(_F.PICKED_UP, 24, _A.ASSIGNED),
    "startTransit": Stage(_F.IN_TRANSIT, 25, _A.ASSIGNED),
    "arriveAtDropoff": Stage(_F.ARRIVED, 37, _A.ASSIGNED),
    "deliverOrder": Stage(_F.DELIVERED, 39, _A.ASSIGNED),
    "failDelivery": Stage(_F.FAILED, 45, _A.ASSIGNED),
    "retryDelivery": Stage(_F.IN_TRANSIT, 50, _A.ASSIGNED),
    "returnOrder": Stage(_F.RETURNING, 50, _A.ASSIGNED),
    "markOrderReturned": Stage(_F.RETURNED, 65, _A.ASSIGNED),
    "cancelOrder": Stage(_F.CANCELLED, 2),
    "listOrders": Stage(_F.DELIVERED, 39, _A.ASSIGNED),
}
DEFAULT = Stage(_F.IN_TRANSIT, 25, _A.ASSIGNED)
FAILED = frozenset({_F.FAILED, _F.RETURNING, _F.RETURNED})

TIMELINE: tuple[tuple[str, float, str], ...] = (
    (events.OrderPlaced.TYPE, 0, ASHA),
    (events.OrderConfirmed.TYPE, 2, MEERA),
    (events.OrderPreparing.TYPE, 3, MEERA),
)
_PENDING = {
    "application_status": "pending",
    "approved": False,
    "open": False,
    "open_now": False,
    "rating": None,
    "rating_count": 0,
    "rating_stars": [0, 0, 0, 0, 0],
}
_OF_PENDING = {f"MerchantView.{key}": value for key, value in _PENDING.items()}
_WITH_TEA = (LINES[0], replacement())
OPERATIONS: Mapping[str, Mapping[str, Any]] = {
    "acceptSubstitution": {
        "OrderView.amounts": asdict(repriced(AMOUNTS, _WITH_TEA)),
        "OrderView.items": [shown(line) for line in _WITH_TEA],
    },
    "acceptOffer": {"OfferView.state": "accepted"},
    "approveVerificationDocument": {
        "DocumentView.state": "approved",
        "DocumentView.reviewed_at": after(-9 * DAY),
    },
    "archiveZone": {"ZoneView.active": False},
    "changeRoles": {"UserView.roles": ["customer", "support"], "UserView.second_factor": True},
    "closeMerchant": {"MerchantView.open": False, "MerchantView.open_now": False},
    "declineOffer": {"OfferView.state": "declined"},
    "disableUser": {"UserView.disabled": True, "UserView.tokens_valid_after": after(0)},
    "endRecurrence": {"RecurrenceView.next_at": None, "RecurrenceView.upcoming": []},
    "enableUser": {"AccountReasonRequest.reason": "The owner has a new phone."},
    "getVerificationDocument": {
        "DocumentView.state": "approved",
        "DocumentView.reviewed_at": after(-9 * DAY),
    },
    "getMerchantApplication": {f"ApplicationView.{key}": value for key, value in _PENDING.items()},
    "goOffline": {"DriverView.status": "offline"},
    "goOnline": {"Coordinates.lat": 12.9722, "Coordinates.lng": 77.6398},
    "listMerchantApplications": {f"ApplicationView.{key}": value for key, value in _PENDING.items()},
    "listVerificationDocuments": {
        "DocumentView.state": "approved",
        "DocumentView.reviewed_at": after(-9 * DAY),
    },
    "pauseMerchant": {"MerchantView.paused_until": after(60), "MerchantView.open_now": False},
    "registerDriver": {
        "DriverView.approved": False,
        "DriverView.offers_accepted": 0,
        "DriverView.offers_made": 0,
        "DriverView.rating_count": 0,
        "DriverView.rating_stars": [0, 0, 0, 0, 0],
        "DriverView.status": "offline",
    },
    "registerMerchant": {**_OF_PENDING, "MerchantView.menu_version": 0},
    "rejectMerchant": {
        **_OF_PENDING,
        "MerchantView.application_status": "rejected",
        "MerchantView.reason": "The address is not that of a kitchen.",
    },
    "rejectVerificationDocument": {
        "DocumentView.reason": "The photo is too dark to read.",
        "DocumentView.reviewed_at": after(-9 * DAY),
        "DocumentView.state": "rejected",
    },
    "reorder": {"QuoteView.expires_at": after(7 * DAY + 15)},
    "resetSecondFactor": {"AccountReasonRequest.reason": "The owner lost phone and recovery codes."},
    "revokeUserSessions": {"UserView.tokens_valid_after": after(0)},
    "setItemAvailability": {"AvailabilityRequest.available": False, "AvailabilityView.available": False},
    "skipOccurrence": {
        "RecurrenceView.next_at": after(6 * DAY),
        "RecurrenceView.upcoming": [after(6 * DAY), after(10 * DAY)],
    },
    "submitMerchant": _OF_PENDING,
    "suspendMerchant": {
        **_OF_PENDING,
        "MerchantView.application_status": "suspended",
        "MerchantView.reason": "Three customers fell ill.",
        "ReasonRequest.reason": "Three customers fell ill.",
    },
    "verifySecondFactor": {"RecentMfaView.recent_mfa_until": after(10)},
}
"""What an operation's examples hold in place of the usual values."""


def values(operation: str) -> dict[str, Any]:
    """Return, by `Object.field`, what an example of the operation holds in place of the usual values."""
    stage = STAGES.get(operation, DEFAULT)
    words = POLICIES[Business.FOOD].status_words
    states = stage.fulfilment, stage.assignment, stage.payment
    assigned = stage.assignment is AssignmentState.ASSIGNED
    return {
        "OrderView.fulfilment": stage.fulfilment.value,
        "OrderView.cancellation_fee": 0,
        "OrderView.failure": "customer_absent" if stage.fulfilment in FAILED else None,
        "OrderView.delivery_attempt": 2 if operation == "retryDelivery" else 1,
        "OrderView.delayed_since": None,
        "OrderView.scheduled_for": None,
        "OrderView.placed_at": after(0),
        "OrderView.updated_at": after(stage.minutes),
        "AssignmentView.state": stage.assignment.value,
        "AssignmentView.driver_id": RAVI if assigned else None,
        "OrderPaymentView.state": stage.payment.value,
        "OrderPaymentView.captured": stage.captured,
        "OrderPaymentView.payment_id": IDS["payment"] if stage.captured else None,
        "StatusView.own": words.word(*states),
        "StatusView.drive": DRIVE.word(*states),
        "StatusView.direct": DIRECT.word(*states),
        "Timeline.events": [
            {
                "seq": seq,
                "event_id": f"evt_{seq}d2a90f367d0c5b1e9a3f48624c8b7e1",
                "type": kind,
                "at": after(minutes),
                "actor": actor,
            }
            for seq, (kind, minutes, actor) in enumerate(TIMELINE, start=1)
        ],
        **OPERATIONS.get(operation, {}),
    }
