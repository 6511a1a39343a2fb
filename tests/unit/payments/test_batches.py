"""Thousands of payments, slow ones and broken ones among them, in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from typing import Any

import pytest

from shared.adapters.firestore.codec import to_document
from shared.payments import batches
from shared.payments.domain import GatewayUnavailable
from shared.payments.usecases.reconcile import ReconcileResult
from tests.unit.payments.pollers import Office, pending, virtually
from tests.unit.payments.world import NOON, UNKNOWN_ORDER

CONVERGES_IN_S = 300.0
"""Invariant 8."""


def test_five_thousand_payments_without_a_webhook_are_all_entered_within_five_minutes() -> None:
    office = Office(5_000)

    async def minutes() -> None:
        while office.captured() < 5_000:
            began = asyncio.get_running_loop().time()
            await office.poll()
            took = asyncio.get_running_loop().time() - began
            assert took <= batches.BUDGET_S + batches.ITEM_TIMEOUT_S < 60, "a round is over before the next"
            await asyncio.sleep(60 - took)

    # Each was due already; one that is due a minute later still keeps the promise.
    assert virtually(minutes()) <= CONVERGES_IN_S - 2 * 60
    assert set(office.gateway.asked.values()) == {1}
    assert office.gateway.most_at_once <= 24


def test_two_pollers_at_once_ask_about_each_payment_once() -> None:
    office = Office(300)

    async def both() -> None:
        await asyncio.gather(office.poll(), office.poll())

    virtually(both())
    assert office.captured() == 300
    assert set(office.gateway.asked.values()) == {1}


def test_payments_that_are_never_answered_about_hold_up_no_other() -> None:
    stuck = frozenset(pending(number).id for number in range(59, 75))
    office = Office(1_000, stuck=stuck)
    done: list[ReconcileResult] = []

    async def one() -> None:
        done.append(await office.poll())

    virtually(one())
    assert office.captured() == 1_000 - len(stuck)
    assert done[0].failed == len(stuck)


def test_payments_that_fail_hold_up_no_other() -> None:
    broken = frozenset(pending(number).id for number in range(0, 1_000, 3))
    office = Office(1_000, broken=broken)

    async def one() -> None:
        await office.poll()

    virtually(one())
    assert office.captured() == 1_000 - len(broken)


@pytest.mark.parametrize("spoilt", [{"state": "unheard of"}, {"subject_ref": asdict(UNKNOWN_ORDER)}])
def test_documents_that_are_broken_hold_up_no_other(spoilt: dict[str, Any]) -> None:
    office = Office(1_000)
    for number in range(500):
        office.database.amend(f"payments/{pending(number).id}", **spoilt)

    async def one() -> None:
        await office.poll()

    virtually(one())
    assert office.captured() == 500


def test_what_nobody_foresaw_is_raised_once_the_others_had_their_turn() -> None:
    office = Office(100)
    office.database.amend(f"orders/{pending(0).subject_ref.id}", fulfilment="unheard of")

    async def one() -> None:
        with pytest.raises(ValueError, match="fulfilment"):
            await office.poll()

    virtually(one())
    assert office.captured() == 99


def test_a_gateway_that_answers_nobody_is_not_asked_about_everybody() -> None:
    everybody = frozenset(pending(number).id for number in range(1_000))
    office = Office(1_000, broken=everybody)

    async def one() -> None:
        with pytest.raises(GatewayUnavailable):
            await office.poll()

    virtually(one())
    assert len(office.gateway.asked) <= batches.GIVE_UP_AFTER + 24


def test_a_round_that_runs_out_of_time_leaves_the_rest_first_in_line_for_the_next() -> None:
    office = Office(1_000, seconds=5.0)

    async def two() -> None:
        await office.poll()
        first = set(office.gateway.asked)
        assert 0 < len(first) < 1_000
        await asyncio.sleep(60)
        await office.poll()
        assert first.isdisjoint(set(office.gateway.asked) - first)
        assert set(office.gateway.asked.values()) == {1}

    virtually(two())


def test_what_is_due_at_one_and_the_same_time_is_listed_whole() -> None:
    office = Office(0)
    for number in range(450):
        payment = replace(pending(number), due_at=NOON)
        office.database.plant(f"payments/{payment.id}", to_document(payment))
    seen: list[str] = []

    async def all_pages() -> None:
        after = None
        while True:
            page = await office.store.due_payments(NOON, 200, after)
            seen.extend(payment.id for payment in page.items)
            after = page.next_cursor
            if after is None:
                return

    virtually(all_pages())
    assert len(seen) == len(set(seen)) == 450
