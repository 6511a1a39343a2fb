"""The tables of assignment and offer decide: every legal step, and no other, is made."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.database import Write
from shared.adapters.firestore.dispatch_orders import ORDERS
from shared.dispatch import departures, directing, handover, offer_endings, offers, searching
from shared.dispatch.domain import Assignment, AssignmentContext, Offer, Order, area
from shared.dispatch.drivers import go_offline
from shared.dispatch.handover import HandBackReason
from shared.dispatch.machine import ASSIGNMENT, OFFER, Cause, OfferState, next_assignment, next_offer
from shared.dispatch.matching import Candidate, Config, sequential
from shared.dispatch.usecases.choose_driver import ChooseDriver, choose_driver
from shared.dispatch.usecases.reopen_search import ReopenSearch, reopen_search
from shared.kernel.actor import Operator, Role
from shared.kernel.audit import OperatorAction
from shared.kernel.errors import DomainError
from shared.kernel.money import Money
from shared.kernel.order import AssignmentState, Fulfilment
from tests import builders
from tests.builders import NOW, ORDER_ID
from tests.unit.dispatch.world import World, driver, north

Edge = tuple[AssignmentState, AssignmentState]
LISTED: set[Edge] = {
    (AssignmentState(row.source), AssignmentState(row.target))
    for row in ASSIGNMENT.rows
    if row.source is not row.target
}
STEP = timedelta(seconds=20)
BY_OPERATOR = OperatorAction("aud_1", Operator("sita", frozenset({Role.SUPPORT})), NOW)


class Watched(World):
    """A world that records the transitions of the assignment."""

    def watch(self) -> set[Edge]:
        """Return the set that collects every transition from now on."""
        seen: set[Edge] = set()
        commit, path = self.database.commit, f"orders/{ORDER_ID}"

        async def recording(writes: Sequence[Write]) -> None:
            before = AssignmentState(self.database.data(path)["assignment"]["state"])
            await commit(writes)
            after = AssignmentState(self.database.data(path)["assignment"]["state"])
            if before is not after:
                seen.add((before, after))

        self.database.commit = recording  # type: ignore[method-assign]
        return seen


async def _pass_time(world: Watched) -> None:
    world.wait(STEP)


async def _ping(world: Watched) -> None:
    await world.ping(*world.database.collection("drivers"))


async def _cool_down(world: Watched) -> None:
    world.wait(world.config.cooldown)


async def _choose_driver(world: Watched) -> None:
    await _ping(world)
    choice = directing.DriverChoice(BY_OPERATOR, ORDER_ID, "asha")
    await choose_driver(
        ChooseDriver(choice), store=world.store, index=world.index, config=world.config, now=world.now
    )


ACTIONS: Sequence[Callable[[Watched], Awaitable[object]]] = (
    lambda world: world.search(),
    lambda world: world.search(),
    lambda world: world.accept("asha", world.assignment().attempt),
    lambda world: world.decline("asha", world.assignment().attempt),
    lambda world: world.decline("bala", world.assignment().attempt),
    lambda world: world.expire(world.assignment().attempt),
    lambda world: world.leave("asha"),
    lambda world: world.leave("bala"),
    lambda world: world.hand_back("asha"),
    lambda world: world.cancel(),
    lambda world: world.handle_cancellation(),
    lambda world: world.handle_cancellation(),
    lambda world: reopen_search(ReopenSearch(ORDER_ID), ports=world, now=world.now),
    _choose_driver,
    _pass_time,
    _pass_time,
    _ping,
    _cool_down,
)


RARE = {6: 0.1, 7: 0.1, 9: 0.1, 13: 0.2}
"""How often a driver leaves, the order is cancelled and a driver is chosen; the others have the weight 1."""


async def _walk(seed: int) -> set[Edge]:
    chance, world = random.Random(seed), Watched()
    world.add_order()
    for uid in ("asha", "bala")[: chance.randint(0, 2)]:
        await world.add_driver(uid)
    seen = world.watch()
    for _ in range(80):
        with suppress(DomainError):
            weights = [RARE.get(n, 1.0) for n in range(len(ACTIONS))]
            await chance.choices(ACTIONS, weights)[0](world)
    return seen


async def test_dispatch_makes_every_listed_transition_and_no_other() -> None:
    moves = set().union(*[await _walk(seed) for seed in range(300)])
    assert moves == LISTED


# every pair of state and cause

CONFIG = Config()
LONG_AGO, LATELY = NOW - timedelta(hours=1), NOW - timedelta(seconds=10)
OFFER_CAUSES = sorted({Cause(row.cause) for row in OFFER.rows})


def _offer(state: OfferState = OfferState.OPEN, expires_at: timedelta = STEP) -> Offer:
    order = _order(AssignmentState.OFFERED)
    return Offer(
        id="off_1",
        order_id=ORDER_ID,
        driver_id="asha",
        attempt=1,
        state=state,
        made_at=LATELY,
        expires_at=NOW + expires_at,
        distance_m=100,
        pay=Money(2_500),
        pickup=order.pickup,
        dropoff=area(order.dropoff),
        merchant_name="Dosa Corner",
    )


def _order(state: AssignmentState, since: timedelta = timedelta(0), **fields: object) -> Order:
    """Return a ready order whose assignment names the offer, whatever its state."""
    assignment = Assignment(state, attempt=1, offer_id="off_1", since=LATELY - since, **fields)  # type: ignore[arg-type]
    order = ORDERS.parse(to_document(builders.order(Fulfilment.READY)))
    return replace(order, assignment=assignment)


def _make(state: AssignmentState) -> AssignmentContext:
    order = _order(state)
    candidate = Candidate("asha", north(100), NOW, driver("asha").status, 0, 2, 4.5, 0.8)
    proposals = sequential([order], [candidate], NOW, CONFIG)
    context = AssignmentContext(order, None, driver("asha"))
    return offers.make(context, order.assignment, proposals, CONFIG, NOW).state


def _postpone(state: AssignmentState) -> AssignmentContext:
    order = _order(state)
    return searching.postpone(AssignmentContext(order), order.assignment, True, CONFIG, NOW).state


def _time_out(state: AssignmentState) -> AssignmentContext:
    order = _order(state, no_candidates_since=LONG_AGO)
    return searching.postpone(AssignmentContext(order), order.assignment, False, CONFIG, NOW).state


def _reopen(state: AssignmentState) -> AssignmentContext:
    order = _order(state, since=CONFIG.cooldown)
    return searching.reopen(AssignmentContext(order), CONFIG, NOW).state


def _restart(state: AssignmentState) -> AssignmentContext:
    return directing.restart(AssignmentContext(_order(state)), BY_OPERATOR).state


def _choose(state: AssignmentState) -> AssignmentContext:
    order, choice = _order(state), directing.DriverChoice(BY_OPERATOR, ORDER_ID, "asha")
    candidate = Candidate("asha", north(100), NOW, driver("asha").status, 0, 2, 4.5, 0.8)
    [proposal] = sequential([order], [candidate], NOW, CONFIG)
    context = AssignmentContext(order, None, driver("asha"))
    return directing.choose(context, choice, proposal, (), CONFIG, NOW).state


def _cancel(state: AssignmentState, offer: OfferState = OfferState.OPEN) -> AssignmentContext:
    order = replace(_order(state), fulfilment=Fulfilment.CANCELLED)
    context = AssignmentContext(order, _offer(offer), driver("asha"))
    return searching.cancel(context, order.assignment, NOW).state


def _accept(state: AssignmentState, offer: OfferState = OfferState.OPEN) -> AssignmentContext:
    context = AssignmentContext(_order(state), _offer(offer), driver("asha"))
    return offers.accept(context, "asha", NOW).state


def _decline(state: AssignmentState, offer: OfferState = OfferState.OPEN) -> AssignmentContext:
    context = AssignmentContext(_order(state), _offer(offer), driver("asha"))
    return offer_endings.decline(context, "asha", NOW).state


def _expire(state: AssignmentState, offer: OfferState = OfferState.OPEN) -> AssignmentContext:
    context = AssignmentContext(_order(state), _offer(offer, -STEP), driver("asha"))
    return offer_endings.expire(context, CONFIG, NOW).state


def _leave(state: AssignmentState, offer: OfferState = OfferState.OPEN) -> AssignmentContext:
    asked = driver("asha", outstanding_offer="off_1")
    context = AssignmentContext(_order(state), _offer(offer), asked)
    return departures.leave(context, go_offline(asked), NOW).state


def _hand_back(state: AssignmentState) -> AssignmentContext:
    order = _order(state, driver_id="asha")
    context = AssignmentContext(order, None, driver("asha", active_orders=(ORDER_ID,)))
    return handover.hand_back(context, "asha", HandBackReason.BREAKDOWN, NOW).state


def _replace_driver(state: AssignmentState) -> AssignmentContext:
    order = replace(_order(state, driver_id="asha"), replaced_drivers=("asha",))
    context = AssignmentContext(order, None, driver("asha", active_orders=(ORDER_ID,)))
    return handover.check_driver(context, NOW, CONFIG, NOW).state


DECIDE: dict[Cause, Callable[[AssignmentState], AssignmentContext]] = {
    Cause.OFFER_MADE: _make,
    Cause.NO_OFFER_POSSIBLE: _postpone,
    Cause.SEARCH_TIMED_OUT: _time_out,
    Cause.SEARCH_REOPENED: _reopen,
    Cause.SEARCH_RESTARTED: _restart,
    Cause.DRIVER_CHOSEN: _choose,
    Cause.ACCEPTED: _accept,
    Cause.DECLINED: _decline,
    Cause.EXPIRED: _expire,
    Cause.DRIVER_LEFT: _leave,
    Cause.HANDED_BACK: _hand_back,
    Cause.REPLACED: _replace_driver,
    Cause.ORDER_CANCELLED: _cancel,
}
DECIDE_OFFER: dict[Cause, Callable[[AssignmentState, OfferState], AssignmentContext]] = {
    Cause.ACCEPTED: _accept,
    Cause.DECLINED: _decline,
    Cause.EXPIRED: _expire,
    Cause.DRIVER_LEFT: _leave,
    Cause.ORDER_CANCELLED: _cancel,
}


def _assignment_after(state: AssignmentState, cause: Cause) -> AssignmentState:
    """Return the state after a decision; the state before where it is refused."""
    try:
        after = DECIDE[cause](state)
    except DomainError:
        return state
    assert after.order is not None
    return after.order.assignment.state


@pytest.mark.parametrize(("state", "cause"), list(product(AssignmentState, Cause)))
def test_fault_17_an_assignment_makes_the_steps_of_the_table_and_refuses_all_others(
    state: AssignmentState, cause: Cause
) -> None:
    expected = next_assignment(state, cause)
    if expected is None and cause is Cause.SEARCH_TIMED_OUT:
        # A search that cannot time out is postponed instead, where that is a step.
        expected = next_assignment(state, Cause.NO_OFFER_POSSIBLE)
    assert _assignment_after(state, cause) is (expected or state)


@pytest.mark.parametrize(("state", "cause"), list(product(OfferState, OFFER_CAUSES)))
def test_fault_17_an_offer_makes_the_steps_of_the_table_and_refuses_all_others(
    state: OfferState, cause: Cause
) -> None:
    try:
        after = DECIDE_OFFER[cause](AssignmentState.OFFERED, state).offer
    except DomainError:
        after = _offer(state)
    assert after is not None
    assert after.state is (next_offer(state, cause) or state)


@pytest.mark.parametrize(
    "state", [state for state in AssignmentState if state is not AssignmentState.OFFERED]
)
@pytest.mark.parametrize("cause", [Cause.DECLINED, Cause.EXPIRED, Cause.DRIVER_LEFT])
def test_an_offer_that_ends_after_its_order_left_it_is_withdrawn(
    state: AssignmentState, cause: Cause
) -> None:
    after = DECIDE[cause](state).offer
    assert after is not None
    assert after.state is OfferState.WITHDRAWN
