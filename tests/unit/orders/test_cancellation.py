"""Who may cancel an order in which state, and at which fee."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise, product
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS, FirestoreOrders
from shared.edge.errors import status_of
from shared.kernel.actor import Actor, Role
from shared.kernel.errors import DomainError
from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.businesses import POLICIES
from shared.orders.businesses.policy import BEFORE_PICKUP
from shared.orders.cancellation import CancellationFeeChanged, cancel, cancellation_fee, preview
from shared.orders.domain import Assignment, FailureReason, IllegalTransition, Order, Payment
from shared.orders.events import OrderCancelled
from shared.orders.pricing import Amounts
from shared.orders.retention import retained_on_return
from shared.orders.usecases.cancel_order import CancelOrder, cancel_order
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF, STRANGER, order
from tests.fakes.accounts import Caller
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.unit.orders.machines import order_of, uid_of

pytestmark = pytest.mark.mission("C4")

TRIP, FOOD, ALL_FOOD = 2_500, 25_200, 27_700
"""Of the builder's order: the delivery fee, the items with their tax, and everything."""

FEES = {
    (Business.FOOD, "scheduled"): 0,
    (Business.FOOD, "placed"): 0,
    (Business.FOOD, "confirmed"): TRIP,
    (Business.FOOD, "preparing"): FOOD,
    (Business.FOOD, "ready"): FOOD,
    (Business.LOCAL, "scheduled"): 0,
    (Business.LOCAL, "placed"): 0,
    (Business.LOCAL, "confirmed"): 0,
    (Business.LOCAL, "preparing"): TRIP,
    (Business.LOCAL, "ready"): TRIP,
    (Business.MED, "scheduled"): 0,
    (Business.MED, "placed"): 0,
    (Business.MED, "confirmed"): 0,
    (Business.MED, "preparing"): TRIP,
    (Business.P2P, "scheduled"): 0,
    (Business.P2P, "placed"): 0,
    (Business.P2P, "confirmed"): TRIP // 2,
}
"""What a customer pays who cancels; in all other states they cannot."""

OTHERS = {business: {Role.MERCHANT, Role.SUPPORT, Role.ADMIN, Role.SYSTEM} for business in Business} | {
    Business.P2P: {Role.TRAVELLER, Role.SUPPORT, Role.ADMIN, Role.SYSTEM}
}
"""Who else can cancel, at no cost to the customer."""


def by(role: Role) -> Actor:
    return Actor("x", role)


@pytest.mark.parametrize(("business", "state"), list(product(Business, Fulfilment)))
def test_each_role_cancels_only_in_its_states_and_only_the_customer_pays(
    business: Business, state: Fulfilment
) -> None:
    before = order_of(business, state)
    for role in Role:
        customer = role is Role.CUSTOMER and (business, state) in FEES
        others = OTHERS[business] if state in BEFORE_PICKUP else {Role.SUPPORT, Role.ADMIN}
        if customer or (role in others and state in POLICIES[business].cancellation):
            decision = cancel(before, by(role), "why", NOW)
            after, event = decision.state, cast(OrderCancelled, decision.events[0])
            due = FEES[business, state] if customer else 0
            assert (after.fulfilment, after.cancellation_fee) == (Fulfilment.CANCELLED, due), role
            assert (event.cancellation_fee, event.currency, event.role) == (due, "INR", role)
        else:
            with pytest.raises(DomainError) as refused:
                cancel(before, by(role), "why", NOW)
            assert status_of(refused.value) in (403, 409), role


@pytest.mark.parametrize(("business", "state"), list(product(Business, Fulfilment)))
async def test_a_refused_cancellation_writes_nothing(
    business: Business, state: Fulfilment, database: MemoryDatabase, bus: MemoryBus, orders: FirestoreOrders
) -> None:
    database.seed(ORDERS.path(ORDER_ID), to_document(order_of(business, state)))
    for role in Role:
        uid = uid_of(business, role)
        if uid != STRANGER and role in POLICIES[business].cancellers_in(state):
            continue
        with pytest.raises(DomainError) as refused:
            await cancel_order(CancelOrder(uid, ORDER_ID, ""), orders=orders, now=NOW)
        assert status_of(refused.value) in (403, 404, 409), role
    assert (database.commits, bus.names()) == ([], [])


@pytest.mark.parametrize(("business", "state", "role"), list(product(Business, Fulfilment, Role)))
def test_the_preview_equals_the_cancellation(business: Business, state: Fulfilment, role: Role) -> None:
    before = order_of(business, state)
    shown = preview(before, role)
    if shown.allowed:
        kept = cancel(before, by(role), "", NOW).state.cancellation_fee
        assert (shown.refusal, shown.fee, shown.refund) == ("", kept, ALL_FOOD - kept)
        return
    with pytest.raises(DomainError) as refused:
        cancel(before, by(role), "", NOW)
    assert (shown.refusal, shown.fee, shown.refund) == (refused.value.code, 0, 0)


amounts = st.builds(
    lambda items, trip, tax, small, tip, off: Amounts(
        items, trip, tax, max(tip, items + trip + tax + small + tip - off), "INR", small, tip, off
    ),
    *(st.integers(0, 10**9) for _ in range(6)),
)


def _paid(business: Business, state: Fulfilment, price: Amounts, captured: int, refunded: int) -> Order:
    money = Payment(PaymentState.CAPTURED, "pay_1", captured, min(refunded, captured))
    return order_of(business, state, amounts=price, payment=money)


@given(
    business=st.sampled_from(list(Business)),
    price=amounts,
    captured=st.integers(0, 10**10),
    refunded=st.integers(0, 10**10),
)
def test_the_fee_is_between_zero_and_the_payment_and_never_falls_from_state_to_state(
    business: Business, price: Amounts, captured: int, refunded: int
) -> None:
    fees = [
        cancellation_fee(_paid(business, state, price, captured, refunded), Role.CUSTOMER)
        for state in POLICIES[business].cancellation
    ]
    absent = _paid(business, Fulfilment.RETURNING, price, captured, refunded)
    fees.append(retained_on_return(replace(absent, failure=FailureReason.CUSTOMER_ABSENT)))

    left = captured - min(refunded, captured)
    assert all(0 <= kept <= min(price.total - price.tip, left) for kept in fees)
    assert all(earlier <= later for earlier, later in pairwise(fees))


@pytest.mark.parametrize(
    ("state", "kept"), [(Fulfilment.CONFIRMED, 2_500), (Fulfilment.READY, 24_000 + 1_500 + 1_200 - 5_000)]
)
def test_a_tip_is_refunded_and_a_discount_is_not_retained(state: Fulfilment, kept: int) -> None:
    price = Amounts(24_000, 2_500, 1_200, 25_200, "INR", small_order_fee=1_500, tip=1_000, discount=5_000)
    money = Payment(PaymentState.CAPTURED, "pay_1", price.total)
    before = order_of(Business.FOOD, state, amounts=price, payment=money)
    assert cancellation_fee(before, Role.CUSTOMER) == kept


def test_cancelling_is_free_when_no_driver_was_found() -> None:
    stranded = order_of(Business.FOOD, Fulfilment.READY, assignment=Assignment(AssignmentState.UNASSIGNABLE))
    assert cancel(stranded, by(Role.CUSTOMER), "", NOW).state.cancellation_fee == 0


def test_nothing_is_retained_of_an_unpaid_order() -> None:
    unpaid = order_of(Business.FOOD, Fulfilment.PREPARING, payment=Payment(PaymentState.PENDING, "pay_1"))
    assert cancel(unpaid, by(Role.CUSTOMER), "", NOW).state.cancellation_fee == 0


def test_a_fee_above_max_fee_is_refused() -> None:
    before = order_of(Business.FOOD, Fulfilment.PREPARING)
    with pytest.raises(CancellationFeeChanged):
        cancel(before, by(Role.CUSTOMER), "", NOW, max_fee=FOOD - 1)
    assert cancel(before, by(Role.CUSTOMER), "", NOW, max_fee=FOOD).state.cancellation_fee == FOOD


async def test_one_of_two_concurrent_cancellations_sets_the_fee(
    database: MemoryDatabase, bus: MemoryBus, orders: FirestoreOrders
) -> None:
    database.seed(ORDERS.path(ORDER_ID), to_document(order(Fulfilment.READY)))
    both = [cancel_order(CancelOrder(uid, ORDER_ID, ""), orders=orders, now=NOW) for uid in (CUSTOMER, STAFF)]

    outcomes = await asyncio.gather(*both, return_exceptions=True)

    assert sum(isinstance(outcome, IllegalTransition) for outcome in outcomes) == 1
    [event] = bus.fields("order_cancelled")
    assert database.data(ORDERS.path(ORDER_ID))["cancellation_fee"] == event["cancellation_fee"]


class TestRoutes:
    """`GET …/cancellation` and `POST …/cancel`."""

    PATH = f"/api/v1/orders/{ORDER_ID}"

    def seed(self, database: MemoryDatabase, state: Fulfilment, **changes: Any) -> None:
        database.seed(ORDERS.path(ORDER_ID), to_document(order_of(Business.FOOD, state, **changes)))

    async def test_the_customer_pays_exactly_the_fee_that_was_shown(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        self.seed(database, Fulfilment.CONFIRMED)
        shown = (await call("GET", f"{self.PATH}/cancellation")).json()
        done = await call("POST", f"{self.PATH}/cancel", {"reason": "late", "max_fee": shown["fee"]}, key="k")

        assert shown == {
            "allowed": True,
            "refusal": "",
            "fee": TRIP,
            "refund": ALL_FOOD - TRIP,
            "currency": "INR",
        }
        assert (done.status_code, done.json()["cancellation_fee"]) == (200, TRIP)
        assert database.data(ORDERS.path(ORDER_ID))["cancellation_fee"] == TRIP

    async def test_a_fee_that_has_risen_since_it_was_shown_is_a_conflict(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        self.seed(database, Fulfilment.PREPARING)
        answer = await call("POST", f"{self.PATH}/cancel", {"max_fee": TRIP})
        assert (answer.status_code, answer.json()["code"]) == (409, "CANCELLATION_FEE_CHANGED")
        assert database.commits == []

    async def test_the_merchant_cancels_at_no_cost_to_the_customer(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        self.seed(database, Fulfilment.READY)
        answer = await call.be(STAFF)("POST", f"{self.PATH}/cancel", {"reason": "sold out"})
        assert (answer.status_code, answer.json()["cancellation_fee"]) == (200, 0)

    async def test_a_driver_may_not_cancel_and_a_stranger_finds_no_order(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        self.seed(database, Fulfilment.READY)
        shown = (await call.be(DRIVER)("GET", f"{self.PATH}/cancellation")).json()
        assert (shown["allowed"], shown["refusal"]) == (False, "NOT_PERMITTED")
        for method, path in [("GET", "cancellation"), ("POST", "cancel")]:
            answer = await call.be(STRANGER)(method, f"{self.PATH}/{path}", {} if method == "POST" else None)
            assert (answer.status_code, answer.json()["code"]) == (404, "ORDER_NOT_FOUND")
        assert (await call.be("")("GET", f"{self.PATH}/cancellation")).status_code == 401

    async def test_an_ended_order_cannot_be_cancelled_and_its_preview_says_so(
        self, call: Caller, database: MemoryDatabase
    ) -> None:
        self.seed(database, Fulfilment.PICKED_UP)
        shown = (await call("GET", f"{self.PATH}/cancellation")).json()
        answer = await call("POST", f"{self.PATH}/cancel", {})
        assert shown["refusal"] == answer.json()["code"] == "ILLEGAL_TRANSITION"

    @pytest.mark.parametrize(
        "body",
        [
            {"max_fee": -1},
            {"max_fee": 1.5},
            {"max_fee": "5"},
            {"max_fee": True},
            {"max_fee": 10**30},
            {"fee": 0},
            {"reason": "x" * 2_001},
            {"reason": "\u0000"},
        ],
    )
    async def test_bad_input_is_refused_with_its_field(
        self, call: Caller, database: MemoryDatabase, body: dict[str, Any]
    ) -> None:
        self.seed(database, Fulfilment.PLACED)
        answer = await call("POST", f"{self.PATH}/cancel", body)
        assert (answer.status_code, len(answer.json()["errors"])) == (422, 1)
        assert database.commits == []
