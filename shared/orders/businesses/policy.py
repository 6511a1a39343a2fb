"""The type of a business policy: every rule in which the delivery businesses differ, as data.

The modules of orders hold the mechanism and read the rules from `order.policy`. A field that a business
does not need is empty; none is optional, so that a new business states each rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.kernel.actor import Role
from shared.kernel.licence import Licence
from shared.kernel.machine import Transition
from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState

BEFORE_PICKUP = frozenset(
    {
        Fulfilment.SCHEDULED,
        Fulfilment.PLACED,
        Fulfilment.CONFIRMED,
        Fulfilment.PREPARING,
        Fulfilment.READY,
    }
)
UNDELIVERED = frozenset({Fulfilment.CANCELLED, Fulfilment.RETURNED})
FINAL = UNDELIVERED | {Fulfilment.DELIVERED}


class Step(StrEnum):
    """A step by which a party moves an order on."""

    CONFIRM_AHEAD = "confirm_ahead"
    ACTIVATE = "activate"
    ACTIVATE_CONFIRMED = "activate_confirmed"
    CONFIRM = "confirm"
    PREPARE = "prepare"
    READY = "ready"
    PICK_UP = "pick_up"
    DEPART = "depart"
    ARRIVE = "arrive"
    DELIVER = "deliver"
    FAIL_DELIVERY = "fail_delivery"
    REDELIVER = "redeliver"
    RETURN = "return"
    TAKE_BACK = "take_back"
    REASSIGN = "reassign"
    RECALL = "recall"


class Guard(StrEnum):
    """A condition of a step, by the name under which the documentation shows it."""

    PAID = "paid"
    HELD = "held in escrow"
    PRESCRIPTION = "prescription approved"
    PICKUP_CODE = "pickup code scanned"
    HANDED_OVER = "identity and proof as required"
    DELIVERY_CODE = "delivery code scanned"
    ATTEMPTS_LEFT = "can be tried again"
    HAS_DRIVER = "assigned to a driver"
    ANSWERED = "no substitution open"
    CONFIRMED_AHEAD = "confirmed ahead"
    NOT_CONFIRMED_AHEAD = "not confirmed ahead yet"


@dataclass(frozen=True, slots=True)
class Rule:
    """A step leads from any of `sources` to `target`, by one of `roles`, if all guards hold."""

    sources: frozenset[Fulfilment]
    target: Fulfilment
    roles: frozenset[Role]
    guards: tuple[Guard, ...] = ()


Steps = Mapping[Step, Rule]


class Fault(StrEnum):
    """Who is responsible for a failed delivery."""

    CUSTOMER = "customer"
    MERCHANT = "merchant"
    CARRIER = "carrier"
    NONE = "none"


FULL_SHARE = 10_000


@dataclass(frozen=True, slots=True)
class Retained:
    """What is retained of a customer's money: basis points of the goods and of the delivery fee."""

    items: int = 0
    delivery: int = 0


NOTHING = Retained()
DELIVERY = Retained(delivery=FULL_SHARE)
ITEMS = Retained(items=FULL_SHARE)
EVERYTHING = Retained(items=FULL_SHARE, delivery=FULL_SHARE)


@dataclass(frozen=True, slots=True)
class CancellationTerms:
    """Who may cancel in a state, and what is retained when the customer does."""

    roles: frozenset[Role]
    retained: Retained


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long the system waits before it ends the waiting; None waits without limit.

    For the payment (of an occurrence of a recurring order, which the system itself placed, longer), for
    the confirmation, for each step from there until the goods are ready (or are fetched, where there is no
    merchant), for a driver once the order is ready, for each step of the carrier from the assignment to the
    door, for the carrier's decision after a failed delivery, and for the confirmation that returned goods
    arrived.
    """

    unpaid: timedelta
    unpaid_occurrence: timedelta
    unconfirmed: timedelta
    not_prepared: timedelta
    without_driver: timedelta | None
    not_carried_on: timedelta
    undecided: timedelta
    not_taken_back: timedelta


@dataclass(frozen=True, slots=True)
class SlaThreshold:
    """How much longer than expected an order can be in a state before the `responsible` role gets a
    reminder, and before operators see it as delayed."""

    responsible: Role
    reminder_after: timedelta
    delayed_after: timedelta


@dataclass(frozen=True, slots=True)
class StatusWords:
    """The public status name of each state.

    `assigned` replaces it before pickup once a driver is assigned, `refunded` after an undelivered end
    once all of the money was refunded. Empty where there is no such name.
    """

    words: Mapping[Fulfilment, str]
    assigned: str = ""
    refunded: str = ""

    def word(self, fulfilment: Fulfilment, assignment: AssignmentState, payment: PaymentState) -> str:
        """Return the name of the three states together."""
        if self.assigned and assignment is AssignmentState.ASSIGNED and fulfilment in BEFORE_PICKUP:
            return self.assigned
        if self.refunded and payment is PaymentState.REFUNDED and fulfilment in UNDELIVERED:
            return self.refunded
        return self.words[fulfilment]


class Goods(StrEnum):
    """What the merchant does for the next driver of an order that operators have reassigned."""

    READY = "ready"
    """The goods are at the merchant."""

    MAKE_AGAIN = "make_again"
    PACK_AGAIN = "pack_again"


@dataclass(frozen=True, slots=True)
class BusinessPolicy:
    """Every rule of one business.

    - `title` names it in the documentation; `carrier` is the role that carries its orders.
    - `steps` is the transition table of fulfilment: a step that is not listed does not exist.
    - `cancellation` lists the states in which an order can be cancelled, in the order in which they
      come; `retained_on_return` says what is retained of a failed delivery, by fault (default: nothing).
    - `restockable` are the states in which a cancellation returns the goods to the stock,
      `uses_capacity` those in which an order counts against the merchant's capacity, `substitutable`
      those in which the merchant may propose a substitution.
    - `sla` has a threshold for each state in which a person is expected to act and no timeout ends it.
    - `licences` are the merchant's licences of which it needs one; empty: none.
    - `refused_because` says why its orders are refused, unless the operator's settings name others; empty:
      they are accepted.
    - `private_pickup` says that the goods are fetched from the customer's own address.
    - `gone_goods` says what the merchant does when a driver who has picked the goods up is replaced.
    """

    business: Business
    title: str
    carrier: Role
    steps: Steps
    cancellation: Mapping[Fulfilment, CancellationTerms]
    retained_on_return: Mapping[Fault, Retained]
    restockable: frozenset[Fulfilment]
    uses_capacity: frozenset[Fulfilment]
    substitutable: frozenset[Fulfilment]
    timeouts: Timeouts
    sla: Mapping[Fulfilment, SlaThreshold]
    status_words: StatusWords
    licences: frozenset[Licence]
    refused_because: str
    private_pickup: bool
    gone_goods: Goods

    @property
    def cancellers(self) -> frozenset[Role]:
        """The roles that can cancel in some state."""
        return frozenset[Role]().union(*(terms.roles for terms in self.cancellation.values()))

    def cancellers_in(self, state: Fulfilment) -> frozenset[Role]:
        """Return the roles that may cancel in a state."""
        terms = self.cancellation.get(state)
        return terms.roles if terms else frozenset()  # mutant: cancel-any-time

    def transitions(self) -> Iterator[Transition]:
        """Yield the fulfilment machine, cancellations included, as the documentation draws it."""
        for step, rule in self.steps.items():
            for source in in_order(rule.sources):
                yield Transition(source, rule.target, step.value, " or ".join(names(rule.roles)))
        for state, terms in self.cancellation.items():
            yield Transition(state, Fulfilment.CANCELLED, "cancel", " or ".join(names(terms.roles)))


def in_order(states: frozenset[Fulfilment]) -> list[Fulfilment]:
    """Return states in the order in which an order comes to them."""
    return [state for state in Fulfilment if state in states]


def names(roles: frozenset[Role]) -> list[str]:
    """Return the names of roles, in the order of their declaration."""
    return [role.value for role in Role if role in roles]
