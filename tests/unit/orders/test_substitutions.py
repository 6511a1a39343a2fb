"""Substitutions: what they cost, who may answer them until when, and what is refunded."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.firestore.substitutions import FirestoreSubstitutions
from shared.kernel.actor import Role
from shared.kernel.errors import Invalid
from shared.kernel.order import Business, Fulfilment
from shared.orders.businesses.policy import Step
from shared.orders.cancellation import preview
from shared.orders.domain import IllegalTransition, NotPermitted, Order, OrderNotFound, Payment
from shared.orders.pricing import MAX_QUANTITY, FeeRules, ItemRequest, Line, UnknownItem, repriced, total
from shared.orders.reservations import OutOfStock
from shared.orders.substitution_state import SubstitutionOpen, SubstitutionReason, SubstitutionState
from shared.orders.substitutions.domain import (
    EXPIRES_AFTER,
    MAX_SUBSTITUTIONS,
    LineUnknown,
    SubstitutionNotFound,
    SubstitutionOver,
    TooManySubstitutions,
)
from shared.orders.substitutions.usecases.answer_substitution import AnswerSubstitution, answer_substitution
from shared.orders.substitutions.usecases.propose_substitution import (
    ProposeSubstitution,
    propose_substitution,
)
from shared.orders.usecases.advance_order import AdvanceOrder, advance_order
from shared.orders.usecases.cancel_order import CancelOrder, cancel_order
from tests.builders import CUSTOMER, DRIVER, NOW, STAFF, STRANGER, order
from tests.unit.orders.batches import Counts, sweep_at
from tests.unit.orders.world import MENU, World

pytestmark = pytest.mark.mission("C5")

IDLI = {"id": "idli", "name": "Idli", "price": 5_000, "available": True}
PIE = {"id": "pie", "name": "Apple pie", "price": 20_000, "available": True, "stocked": True}
LATE = NOW + EXPIRES_AFTER


class Kitchen(World):
    """A shop with more items, and one paid order that it prepares."""

    id = ""

    def __init__(self) -> None:
        super().__init__()
        items: Any = MENU["items"]
        self.database.seed("merchants/mer_1/menu/2", {**MENU, "items": [*items, IDLI, PIE]})
        self.stock("cake", 10)
        self.stock("pie", 10)
        self.substitutions = FirestoreSubstitutions(self.store)

    async def cook(
        self, *wanted: ItemRequest, state: Fulfilment = Fulfilment.PREPARING, **more: Any
    ) -> Order:
        placed = await self.place((await self.quote(*wanted)).id)
        paid = Payment(order().payment.state, "pay_1", placed.amounts.total)
        self.seed(replace(placed, fulfilment=state, payment=paid, next_check_at=None, **more))
        self.id = placed.id
        return await self.order()

    async def order(self) -> Order:
        return await self.orders.get(self.id)

    async def propose(
        self,
        replacement: ItemRequest,
        line: int = 0,
        uid: str = STAFF,
        id_: str = "sub_1",
        reason: SubstitutionReason = SubstitutionReason.OUT_OF_STOCK,
    ) -> Order:
        command = ProposeSubstitution(uid, self.id, id_, line, replacement, reason)
        return await propose_substitution(
            command, orders=self.orders, catalogue=self.catalogue, memberships=self.memberships, now=NOW
        )

    async def answer(
        self, accepts: bool, uid: str = CUSTOMER, id_: str = "sub_1", now: datetime = NOW
    ) -> Order:
        command = AnswerSubstitution(uid, self.id, id_, accepts)
        return await answer_substitution(command, substitutions=self.substitutions, now=now)

    async def sweep(self, now: datetime) -> Counts:
        return await sweep_at(self.orders, now)


@pytest.fixture
def world() -> Kitchen:
    return Kitchen()


def _check_sum(found: Order, paid: int) -> None:
    amounts = found.amounts
    assert amounts.items == sum(line.total for line in found.items)
    parts = amounts.items + amounts.delivery_fee + amounts.small_order_fee + amounts.tax + amounts.tip
    assert amounts.total == parts - amounts.discount
    assert amounts.total + found.refund_due == paid


async def test_an_accepted_cheaper_replacement_refunds_the_difference_with_its_tax(
    world: Kitchen,
) -> None:
    before = await world.cook(ItemRequest("dosa", 2))
    await world.propose(ItemRequest("idli", 2))

    after = await world.answer(accepts=True)

    assert [(line.item_id, line.total) for line in after.items] == [("idli", 10_000)]
    assert after.refund_due == 14_000 + 700
    assert (after.refund_at, after.substitutions[0].state) == (NOW, SubstitutionState.ACCEPTED)
    _check_sum(after, before.payment.captured)
    event = world.bus.fields("order_substitution_accepted")[0]
    assert (event["refund_due"], event["payment_id"]) == (14_700, "pay_1")


async def test_a_dearer_replacement_costs_what_it_replaces(world: Kitchen) -> None:
    before = await world.cook(ItemRequest("dosa", 1))
    await world.propose(ItemRequest("cake", 1))

    after = await world.answer(accepts=True)

    assert [(line.item_id, line.total) for line in after.items] == [("cake", 12_000)]
    assert (after.amounts, after.refund_due) == (before.amounts, 0)
    assert world.bus.fields("order_substitution_accepted")[0]["refund_due"] == 0


async def test_a_declined_line_is_removed_and_its_price_is_refunded(world: Kitchen) -> None:
    before = await world.cook(ItemRequest("dosa", 2), ItemRequest("idli", 1))
    await world.propose(ItemRequest("cake", 1), line=1)

    after = await world.answer(accepts=False)

    assert [line.item_id for line in after.items] == ["dosa"]
    assert after.refund_due == 5_000 + 250
    _check_sum(after, before.payment.captured)


async def test_declining_the_last_line_cancels_the_order_at_the_merchants_cost(world: Kitchen) -> None:
    await world.cook(ItemRequest("dosa", 2))
    await world.propose(ItemRequest("idli", 2))

    after = await world.answer(accepts=False)

    assert (after.fulfilment, after.cancellation_fee, after.refund_due) == (Fulfilment.CANCELLED, 0, 0)
    [event] = world.bus.fields("order_cancelled")
    assert (event["role"], event["reason"]) == ("merchant", "substitution_declined")
    assert [line.item_id for line in after.items] == ["dosa"]


async def test_the_sweeper_declines_an_unanswered_substitution_after_ten_minutes(
    world: Kitchen,
) -> None:
    await world.cook(ItemRequest("dosa", 2), ItemRequest("idli", 1))
    await world.propose(ItemRequest("cake", 1))
    await world.sweep(LATE - timedelta(seconds=1))
    assert len((await world.order()).items) == 2

    assert await world.sweep(LATE) == (1, 1, 0)
    assert await world.sweep(LATE) == (0, 0, 0)

    after = await world.order()
    assert (after.fulfilment, [line.item_id for line in after.items]) == (Fulfilment.PREPARING, ["idli"])
    assert world.bus.fields("order_substitution_declined")[0]["actor"] == "system"


async def test_a_substitution_keeps_its_expiry_when_the_preparation_starts(
    world: Kitchen,
) -> None:
    await world.cook(ItemRequest("dosa", 2), ItemRequest("idli", 1), state=Fulfilment.CONFIRMED)
    await world.propose(ItemRequest("cake", 1))
    await advance_order(AdvanceOrder(STAFF, world.id, Step.PREPARE), orders=world.orders, now=NOW)

    with pytest.raises(SubstitutionOpen):
        await advance_order(AdvanceOrder(STAFF, world.id, Step.READY), orders=world.orders, now=NOW)
    await world.sweep(LATE)

    ready = await advance_order(AdvanceOrder(STAFF, world.id, Step.READY), orders=world.orders, now=LATE)
    assert [line.item_id for line in ready.items] == ["idli"]


async def test_two_substitutions_that_expire_together_cancel_the_order_once(
    world: Kitchen,
) -> None:
    await world.cook(ItemRequest("dosa", 2), ItemRequest("idli", 1))
    await world.propose(ItemRequest("cake", 1), line=0)
    await world.propose(ItemRequest("cake", 1), line=1, id_="sub_2")

    await world.sweep(LATE)

    assert (await world.order()).fulfilment is Fulfilment.CANCELLED
    assert world.bus.names().count("order_cancelled") == 1
    assert world.bus.names().count("order_substitution_declined") == 2


async def test_an_expired_substitution_can_be_declined_and_not_accepted(world: Kitchen) -> None:
    await world.cook(ItemRequest("dosa", 2), ItemRequest("idli", 1))
    await world.propose(ItemRequest("cake", 1))
    with pytest.raises(SubstitutionOver):
        await world.answer(accepts=True, now=LATE)
    assert len((await world.answer(accepts=False, now=LATE)).items) == 1


async def test_of_two_concurrent_answers_one_wins(world: Kitchen) -> None:
    before = await world.cook(ItemRequest("dosa", 2), ItemRequest("idli", 1))
    await world.propose(ItemRequest("idli", 1))

    outcomes = await asyncio.gather(
        *(world.answer(accepts=number % 2 == 0) for number in range(10)), return_exceptions=True
    )

    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, SubstitutionOver) for outcome in outcomes) == 9
    _check_sum(await world.order(), before.payment.captured)


async def test_stock_moves_with_the_answer(world: Kitchen) -> None:
    await world.cook(ItemRequest("cake", 3), ItemRequest("idli", 1))
    assert (world.left("cake"), world.left("pie")) == (7, 10)
    await world.propose(ItemRequest("pie", 2), reason=SubstitutionReason.OTHER)
    assert (world.left("cake"), world.left("pie")) == (7, 10)

    after = await world.answer(accepts=True)

    assert (world.left("cake"), world.left("pie")) == (10, 8)
    assert [(held.item_id, held.quantity) for held in after.reserved] == [("pie", 2)]


@pytest.mark.parametrize("accepts", [True, False])
@pytest.mark.parametrize("reason", [SubstitutionReason.OUT_OF_STOCK, SubstitutionReason.SPOILT])
async def test_an_unavailable_item_does_not_return_to_the_stock(
    world: Kitchen, accepts: bool, reason: SubstitutionReason
) -> None:
    await world.cook(ItemRequest("cake", 3), ItemRequest("idli", 1), state=Fulfilment.CONFIRMED)
    await world.propose(ItemRequest("pie", 2), reason=reason)

    after = await world.answer(accepts)

    assert (world.left("cake"), world.left("pie")) == (7, 8 if accepts else 10)
    assert [(lost.item_id, lost.quantity) for lost in after.written_off] == [("cake", 3)]
    await cancel_order(CancelOrder(CUSTOMER, world.id, ""), orders=world.orders, now=NOW)
    assert (world.left("cake"), world.left("pie")) == (7, 10)


async def test_a_smaller_quantity_of_an_unavailable_item_does_not_return_the_rest(world: Kitchen) -> None:
    await world.cook(ItemRequest("cake", 3), ItemRequest("idli", 1), state=Fulfilment.CONFIRMED)
    await world.propose(ItemRequest("cake", 2))

    after = await world.answer(accepts=True)

    assert (world.left("cake"), [held.quantity for held in after.reserved]) == (7, [2])
    await cancel_order(CancelOrder(CUSTOMER, world.id, ""), orders=world.orders, now=NOW)
    assert world.left("cake") == 9


async def test_a_cancellation_before_the_answer_returns_only_available_items(world: Kitchen) -> None:
    await world.cook(ItemRequest("cake", 3), ItemRequest("pie", 4), state=Fulfilment.CONFIRMED)
    await world.propose(ItemRequest("idli", 1))

    await cancel_order(CancelOrder(CUSTOMER, world.id, ""), orders=world.orders, now=NOW)

    assert (world.left("cake"), world.left("pie")) == (7, 10)


async def test_a_smaller_quantity_of_an_available_item_returns_the_rest(world: Kitchen) -> None:
    world.stock("cake", 3)
    before = await world.cook(ItemRequest("cake", 3), ItemRequest("idli", 1))
    await world.propose(ItemRequest("idli", 1), reason=SubstitutionReason.OTHER)
    await world.answer(accepts=False)
    assert world.left("cake") == 3
    assert (await world.order()).reserved == ()

    _check_sum(await world.order(), before.payment.captured)


async def test_of_many_customers_who_accept_the_last_item_one_gets_it(world: Kitchen) -> None:
    world.stock("pie", 1)
    kitchens = []
    for _ in range(8):
        await world.cook(ItemRequest("dosa", 2), ItemRequest("idli", 1))
        await world.propose(ItemRequest("pie", 1))
        kitchens.append(world.id)

    async def take(id_: str) -> Order:
        command = AnswerSubstitution(CUSTOMER, id_, "sub_1", accepts=True)
        return await answer_substitution(command, substitutions=world.substitutions, now=NOW)

    outcomes = await asyncio.gather(*map(take, kitchens), return_exceptions=True)

    assert sum(isinstance(outcome, Order) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, OutOfStock) for outcome in outcomes) == 7
    assert world.left("pie") == 0


async def test_a_replacement_out_of_stock_is_refused(world: Kitchen) -> None:
    await world.cook(ItemRequest("dosa", 2))
    world.stock("pie", 1)
    with pytest.raises(OutOfStock):
        await world.propose(ItemRequest("pie", 2))
    for unknown in ("vada", "unheard-of"):
        with pytest.raises(UnknownItem) as refused:
            await world.propose(ItemRequest(unknown, 1))
        assert refused.value.errors[0].pointer == "/item_id"


@pytest.mark.parametrize(("left", "refused"), [(None, True), (1, True), (2, False)])
async def test_a_replacement_that_came_to_be_counted_after_its_proposal_takes_from_the_stock(
    world: Kitchen, left: int | None, refused: bool
) -> None:
    await world.cook(ItemRequest("dosa", 2))
    await world.propose(ItemRequest("idli", 2))
    world.database.seed("merchants/mer_1/menu/3", {"version": 3, "items": [IDLI | {"stocked": True}]})
    world.merchant(menu_version=3)
    if left is not None:
        world.stock("idli", left)

    if refused:
        with pytest.raises(OutOfStock):
            await world.answer(accepts=True)
        return
    order = await world.answer(accepts=True)
    assert [(part.item_id, part.quantity) for part in order.reserved] == [("idli", 2)]
    assert world.left("idli") == 0


async def test_a_replacement_that_is_no_longer_counted_takes_nothing_from_the_stock(world: Kitchen) -> None:
    await world.cook(ItemRequest("dosa", 2))
    world.stock("pie", 2)
    await world.propose(ItemRequest("pie", 2))
    world.stock("pie", 0)
    world.database.seed("merchants/mer_1/menu/3", {"version": 3, "items": [PIE | {"stocked": False}]})
    world.merchant(menu_version=3)

    assert (await world.answer(accepts=True)).reserved == ()


async def test_a_replacement_is_priced_by_the_current_menu_not_by_that_of_the_order(world: Kitchen) -> None:
    await world.cook(ItemRequest("dosa", 2))
    cheap = {"version": 3, "items": [IDLI | {"price": 700}]}
    world.database.seed("merchants/mer_1/menu/3", cheap)
    world.merchant(menu_version=3)

    offered = (await world.propose(ItemRequest("idli", 3))).substitutions[0]

    assert (offered.replacement.unit_price, offered.replacement.total) == (700, 2_100)


async def test_only_the_merchant_proposes_and_only_the_customer_answers(world: Kitchen) -> None:
    await world.cook(ItemRequest("dosa", 2))
    with pytest.raises(NotPermitted):
        await world.propose(ItemRequest("idli", 1), uid=CUSTOMER)
    with pytest.raises(OrderNotFound):
        await world.propose(ItemRequest("idli", 1), uid=STRANGER)
    await world.propose(ItemRequest("idli", 1))
    with pytest.raises(NotPermitted):
        await world.answer(accepts=True, uid=STAFF)
    with pytest.raises(OrderNotFound):
        await world.answer(accepts=True, uid=DRIVER)


@pytest.mark.parametrize(
    "state", sorted(set(Fulfilment) - {Fulfilment.CONFIRMED, Fulfilment.PREPARING, Fulfilment.SCHEDULED})
)
async def test_substitutions_are_only_possible_while_the_order_is_confirmed_or_prepared(
    world: Kitchen, state: Fulfilment
) -> None:
    await world.cook(ItemRequest("dosa", 2))
    await world.propose(ItemRequest("idli", 1))
    world.seed(replace(await world.order(), fulfilment=state))
    with pytest.raises(IllegalTransition):
        await world.propose(ItemRequest("idli", 1), id_="sub_2")
    for accepts in (True, False):
        with pytest.raises(IllegalTransition):
            await world.answer(accepts)


@pytest.mark.parametrize("business", sorted(set(Business) - {Business.FOOD, Business.P2P}))
async def test_only_businesses_with_substitutions_propose_them(world: Kitchen, business: Business) -> None:
    await world.cook(ItemRequest("dosa", 2), business=business)
    with pytest.raises(NotPermitted):
        await world.propose(ItemRequest("idli", 1))


async def test_a_line_has_one_open_substitution_and_an_order_a_limited_number(world: Kitchen) -> None:
    await world.cook(ItemRequest("dosa", 2), ItemRequest("idli", 1))
    await world.propose(ItemRequest("idli", 1))
    with pytest.raises(SubstitutionOpen):
        await world.propose(ItemRequest("idli", 1), id_="sub_2")
    for line in (-1, 2, 49):
        with pytest.raises(LineUnknown):
            await world.propose(ItemRequest("idli", 1), line=line, id_="sub_2")
    with pytest.raises(SubstitutionNotFound):
        await world.answer(accepts=True, id_="sub_2")

    found = await world.order()
    ended = replace(found.substitutions[0], state=SubstitutionState.DECLINED)
    world.seed(replace(found, substitutions=(ended,) * MAX_SUBSTITUTIONS))
    with pytest.raises(TooManySubstitutions):
        await world.propose(ItemRequest("idli", 1), id_="sub_3")


async def test_open_substitutions_together_stay_within_the_quantity_limit(world: Kitchen) -> None:
    await world.cook(ItemRequest("dosa", 2), ItemRequest("cake", 1), ItemRequest("idli", 10))
    await world.propose(ItemRequest("idli", 60), line=0)
    with pytest.raises(Invalid):
        await world.propose(ItemRequest("idli", 30), line=1, id_="sub_2")
    await world.propose(ItemRequest("idli", 29), line=1, id_="sub_2")
    with pytest.raises(Invalid):
        await world.propose(ItemRequest("idli", 11), line=2, id_="sub_3")
    await world.propose(ItemRequest("idli", 10), line=2, id_="sub_3")

    for id_ in ("sub_1", "sub_2", "sub_3"):
        await world.answer(accepts=True, id_=id_)

    assert sum(line.quantity for line in (await world.order()).items) == MAX_QUANTITY


async def test_substitutions_keep_the_order_within_the_document_size(world: Kitchen) -> None:
    sauces = [{"id": f"c{n}", "name": "x" * 80, "price_delta": 0} for n in range(50)]
    group = {"id": "g", "name": "Sauces", "min": 0, "max": 50, "modifiers": sauces}
    items: Any = MENU["items"]
    menu = {**MENU, "items": [*items, IDLI | {"modifier_groups": [group]}]}
    world.database.seed("merchants/mer_1/menu/2", menu)
    all_of_them = tuple(f"c{n}" for n in range(50))
    await world.cook(ItemRequest("idli", 1, all_of_them), ItemRequest("dosa", 1))

    for n in range(3):
        await world.propose(ItemRequest("idli", 1, all_of_them), id_=f"sub_{n}")
        await world.answer(accepts=True, id_=f"sub_{n}")
    with pytest.raises(TooManySubstitutions):
        await world.propose(ItemRequest("idli", 1, all_of_them), id_="sub_3")
    await world.propose(ItemRequest("idli", 1), line=1, id_="sub_3")


async def test_a_cancellation_withdraws_open_substitutions_and_counts_refunds_already_due(
    world: Kitchen,
) -> None:
    before = await world.cook(ItemRequest("dosa", 2), ItemRequest("idli", 1))
    await world.propose(ItemRequest("idli", 1))
    found = await world.answer(accepts=True)
    await world.propose(ItemRequest("dosa", 1), line=1, id_="sub_2")
    shown = preview(found, Role.CUSTOMER)

    after = await cancel_order(CancelOrder(CUSTOMER, world.id, ""), orders=world.orders, now=NOW)

    assert after.substitutions[1].state is SubstitutionState.WITHDRAWN
    assert 0 < after.cancellation_fee <= before.payment.captured - after.refund_due
    assert shown.fee == after.cancellation_fee
    with pytest.raises(SubstitutionOver):
        await world.answer(accepts=True, id_="sub_2")
    assert await world.sweep(LATE) == (0, 0, 0)


LINES = st.lists(st.integers(0, 10**7), min_size=1, max_size=6)


@given(LINES, LINES, st.integers(0, 15_000), st.integers(0, 10**6), st.integers(0, 10**8))
def test_no_amount_rises_with_cheaper_lines_and_the_amounts_add_up(
    old: list[int], new: list[int], metres: int, tip: int, discount: int
) -> None:
    cheaper = [min(price, was) for price, was in zip(new, old, strict=False)]
    amounts = total(_lines(old), metres, "INR", FeeRules(), tip=tip, promo=lambda *_: discount)

    after = repriced(amounts, _lines(cheaper))

    for name in ("items", "tax", "total", "discount"):
        assert 0 <= getattr(after, name) <= getattr(amounts, name)
    assert (after.tip, after.delivery_fee) == (amounts.tip, amounts.delivery_fee)
    parts = after.items + after.delivery_fee + after.small_order_fee + after.tax + after.tip
    assert after.total == parts - after.discount
    assert repriced(amounts, _lines(old)) == amounts


def _lines(prices: list[int]) -> tuple[Line, ...]:
    return tuple(Line(f"itm_{n}", "x", 1, price, price) for n, price in enumerate(prices))
