"""The state machines of dispatch. `offers.py`, `searching.py`, `handover.py` and `review.py` look up each
step here, and `docs/machines.md` draws the same tables."""

from __future__ import annotations

from enum import StrEnum

from shared.kernel.machine import Machine, Transition
from shared.kernel.order import AssignmentState


class OfferState(StrEnum):
    """The state of an offer; every state but `open` is final."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class ReviewState(StrEnum):
    """What operators have decided about a driver."""

    APPLIED = "applied"
    APPROVED = "approved"
    REJECTED = "rejected"
    SUSPENDED = "suspended"


class ReviewCause(StrEnum):
    """What moves the review of a driver from one state to the next."""

    APPROVE = "approved"
    REJECT = "rejected"
    SUSPEND = "suspended"
    APPLY_AGAIN = "applied again"


class Cause(StrEnum):
    """What moves an assignment or an offer from one state to the next."""

    OFFER_MADE = "offer made"
    NO_OFFER_POSSIBLE = "no offer possible"
    SEARCH_TIMED_OUT = "no candidates for too long"
    SEARCH_REOPENED = "cooldown over"
    SEARCH_RESTARTED = "begun again by operators"
    DRIVER_CHOSEN = "driver chosen by operators"
    ACCEPTED = "accepted in time"
    DECLINED = "declined"
    EXPIRED = "expired"
    DRIVER_LEFT = "driver takes no orders any more"
    HANDED_BACK = "handed back before pickup"
    REPLACED = "driver replaced before pickup"
    ORDER_CANCELLED = "order cancelled"


_S, _O, _C = AssignmentState, OfferState, Cause
_R, _D = ReviewState, ReviewCause

ASSIGNMENT: Machine[AssignmentState] = Machine(
    (
        Transition(_S.NONE, _S.OFFERED, _C.OFFER_MADE, "dispatch"),
        Transition(_S.SEARCHING, _S.OFFERED, _C.OFFER_MADE, "dispatch"),
        Transition(_S.NONE, _S.SEARCHING, _C.NO_OFFER_POSSIBLE, "dispatch"),
        Transition(_S.SEARCHING, _S.SEARCHING, _C.NO_OFFER_POSSIBLE, "dispatch"),
        Transition(_S.OFFERED, _S.SEARCHING, _C.DECLINED, "driver"),
        Transition(_S.OFFERED, _S.SEARCHING, _C.EXPIRED, "clock"),
        Transition(_S.OFFERED, _S.SEARCHING, _C.DRIVER_LEFT, "dispatch"),
        Transition(_S.OFFERED, _S.ASSIGNED, _C.ACCEPTED, "driver"),
        Transition(_S.ASSIGNED, _S.SEARCHING, _C.HANDED_BACK, "driver"),
        Transition(_S.ASSIGNED, _S.SEARCHING, _C.REPLACED, "operators"),
        Transition(_S.SEARCHING, _S.UNASSIGNABLE, _C.SEARCH_TIMED_OUT, "clock"),
        Transition(_S.UNASSIGNABLE, _S.SEARCHING, _C.SEARCH_REOPENED, "clock"),
        Transition(_S.UNASSIGNABLE, _S.SEARCHING, _C.SEARCH_RESTARTED, "operators"),
        Transition(_S.NONE, _S.OFFERED, _C.DRIVER_CHOSEN, "operators"),
        Transition(_S.SEARCHING, _S.OFFERED, _C.DRIVER_CHOSEN, "operators"),
        Transition(_S.UNASSIGNABLE, _S.OFFERED, _C.DRIVER_CHOSEN, "operators"),
        Transition(_S.SEARCHING, _S.NONE, _C.ORDER_CANCELLED, "orders"),
        Transition(_S.OFFERED, _S.NONE, _C.ORDER_CANCELLED, "orders"),
        Transition(_S.ASSIGNED, _S.NONE, _C.ORDER_CANCELLED, "orders"),
        Transition(_S.UNASSIGNABLE, _S.NONE, _C.ORDER_CANCELLED, "orders"),
    )
)

OFFER: Machine[OfferState] = Machine(
    (
        Transition(_O.OPEN, _O.ACCEPTED, _C.ACCEPTED, "driver"),
        Transition(_O.OPEN, _O.DECLINED, _C.DECLINED, "driver"),
        Transition(_O.OPEN, _O.EXPIRED, _C.EXPIRED, "clock"),
        Transition(_O.OPEN, _O.WITHDRAWN, _C.DRIVER_LEFT, "dispatch"),
        Transition(_O.OPEN, _O.WITHDRAWN, _C.ORDER_CANCELLED, "orders"),
    )
)

REVIEW: Machine[ReviewState] = Machine(
    (
        Transition(_R.APPLIED, _R.APPROVED, _D.APPROVE, "admin"),
        Transition(_R.APPLIED, _R.REJECTED, _D.REJECT, "support or admin"),
        Transition(_R.REJECTED, _R.APPLIED, _D.APPLY_AGAIN, "driver"),
        Transition(_R.REJECTED, _R.APPROVED, _D.APPROVE, "admin"),
        Transition(_R.APPROVED, _R.SUSPENDED, _D.SUSPEND, "support or admin"),
        Transition(_R.SUSPENDED, _R.APPROVED, _D.APPROVE, "admin"),
    )
)


def next_assignment(state: AssignmentState, cause: Cause) -> AssignmentState | None:
    """Return the state that follows, or None where the table has no such step."""
    return ASSIGNMENT.target(state, cause)


def next_offer(state: OfferState, cause: Cause) -> OfferState | None:
    """Return the state that follows, or None where the table has no such step."""
    return OFFER.target(state, cause)  # mutant: ended-offer-answered, accepted-offer-expires
