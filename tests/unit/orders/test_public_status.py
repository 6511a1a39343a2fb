"""The public status names: one for every combination of states, and only names that partners know."""

from __future__ import annotations

from itertools import product

import pytest

from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.businesses import POLICIES
from shared.orders.domain import Assignment, Payment
from shared.orders.public_status import DIRECT, DRIVE, PublicStatus, public_status
from tests.builders import DRIVER
from tests.unit.orders.machines import order_of

pytestmark = pytest.mark.mission("C2")

KNOWN = {
    "drive": (
        DRIVE,
        "created confirmed enroute_to_pickup picked_up enroute_to_dropoff arrived_at_dropoff delivered "
        "cancelled enroute_to_return returned",
    ),
    "direct": (DIRECT, "pending pickup pickup_complete dropoff delivered canceled returned"),
    "food": (
        POLICIES[Business.FOOD].status_words,
        "placed confirmed preparing ready picked_up in_transit delivered cancelled refunded",
    ),
    "local": (
        POLICIES[Business.LOCAL].status_words,
        "pending confirmed preparing picked_up delivered cancelled",
    ),
    "med": (
        POLICIES[Business.MED].status_words,
        "pending accepted driver_assigned picked_up out_for_delivery delivered cancelled",
    ),
    "p2p": (
        POLICIES[Business.P2P].status_words,
        "requested accepted picked_up in_transit delivered returning returned cancelled",
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_every_combination_of_states_has_a_status_name_and_every_name_is_used(name: str) -> None:
    vocabulary, words = KNOWN[name]
    said = {vocabulary.word(*states) for states in product(Fulfilment, AssignmentState, PaymentState)}
    assert said == set(words.split())


FOUND = Assignment(AssignmentState.ASSIGNED, driver_id=DRIVER)
BACK = Payment(PaymentState.REFUNDED, "pay_1", 27_700, 27_700)


@pytest.mark.parametrize(
    ("business", "state", "changes", "expected"),
    [
        (Business.FOOD, "placed", {"assignment": Assignment()}, PublicStatus("placed", "created", "pending")),
        (Business.FOOD, "ready", {"assignment": Assignment()}, PublicStatus("ready", "confirmed", "pending")),
        (Business.FOOD, "ready", {"assignment": FOUND}, PublicStatus("ready", "enroute_to_pickup", "pickup")),
        (Business.FOOD, "cancelled", {"payment": BACK}, PublicStatus("refunded", "cancelled", "canceled")),
        (Business.FOOD, "cancelled", {}, PublicStatus("cancelled", "cancelled", "canceled")),
        (Business.FOOD, "failed", {}, PublicStatus("in_transit", "arrived_at_dropoff", "dropoff")),
        (
            Business.LOCAL,
            "placed",
            {"assignment": Assignment()},
            PublicStatus("pending", "created", "pending"),
        ),
        (Business.MED, "ready", {}, PublicStatus("driver_assigned", "enroute_to_pickup", "pickup")),
        (Business.MED, "arrived", {}, PublicStatus("out_for_delivery", "arrived_at_dropoff", "dropoff")),
        (Business.P2P, "returning", {}, PublicStatus("returning", "enroute_to_return", "returned")),
    ],
)
def test_the_status_names_of_the_partners(
    business: Business, state: str, changes: dict[str, object], expected: PublicStatus
) -> None:
    assert public_status(order_of(business, Fulfilment(state), **changes)) == expected
