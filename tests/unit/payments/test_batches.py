"""Batches over thousands of payments, some of them slow or failing, in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from typing import Any

import pytest

from shared.adapters.firestore.codec import to_document
from shared.kernel.batch import DEFAULT_LIMITS
from shared.payments.domain import GatewayUnavailable
from shared.payments.usecases.reconcile import ReconcileResult
from tests.unit.payments.pollers import Pollers, pending, virtually
from tests.unit.payments.world import NOON, UNKNOWN_ORDER

CONVERGES_IN_S = 300.0
"""Invariant 8."""
LONGEST_BATCH_S = (DEFAULT_LIMITS.duration + DEFAULT_LIMITS.item_timeout).total_seconds()


def test_five_thousand_payments_without_webhooks_are_recorded_within_five_minutes() -> None:
    pollers = Pollers(5_000)

    async def minutes() -> None:
        while pollers.captured() < 5_000:
            began = asyncio.get_running_loop().time()
            await pollers.poll()
            took = asyncio.get_running_loop().time() - began
            assert took <= LONGEST_BATCH_S < 60, "a batch ends before the next"
            await asyncio.sleep(60 - took)

    # Each was due already; one that is due a minute later still keeps the promise.
    assert virtually(minutes()) <= CONVERGES_IN_S - 2 * 60
    assert set(pollers.gateway.asked.values()) == {1}
    assert pollers.gateway.most_at_once <= 24


def test_two_concurrent_reconcilers_check_each_payment_once() -> None:
    pollers = Pollers(300)

    async def both() -> None:
        await asyncio.gather(pollers.poll(), pollers.poll())

    virtually(both())
    assert pollers.captured() == 300
    assert set(pollers.gateway.asked.values()) == {1}


def test_payments_that_the_gateway_never_answers_delay_no_other() -> None:
    stuck = frozenset(pending(number).id for number in range(59, 75))
    pollers = Pollers(1_000, stuck=stuck)
    done: list[ReconcileResult] = []

    async def one() -> None:
        done.append(await pollers.poll())

    virtually(one())
    assert pollers.captured() == 1_000 - len(stuck)
    assert done[0].failed == len(stuck)


def test_payments_that_fail_delay_no_other() -> None:
    broken = frozenset(pending(number).id for number in range(0, 1_000, 3))
    pollers = Pollers(1_000, broken=broken)

    async def one() -> None:
        await pollers.poll()

    virtually(one())
    assert pollers.captured() == 1_000 - len(broken)


@pytest.mark.parametrize("broken", [{"state": "unheard of"}, {"subject_ref": asdict(UNKNOWN_ORDER)}])
def test_invalid_documents_delay_no_other(broken: dict[str, Any]) -> None:
    pollers = Pollers(1_000)
    for number in range(500):
        pollers.database.amend(f"payments/{pending(number).id}", **broken)

    async def one() -> None:
        await pollers.poll()

    virtually(one())
    assert pollers.captured() == 500


def test_an_unexpected_error_is_raised_after_all_other_items_ended() -> None:
    pollers = Pollers(100)
    pollers.database.amend(f"orders/{pending(0).subject_ref.id}", fulfilment="unheard of")

    async def one() -> None:
        with pytest.raises(ValueError, match="fulfilment"):
            await pollers.poll()

    virtually(one())
    assert pollers.captured() == 99


def test_a_gateway_that_is_down_is_not_asked_about_every_payment() -> None:
    all_payments = frozenset(pending(number).id for number in range(1_000))
    pollers = Pollers(1_000, broken=all_payments)

    async def one() -> None:
        with pytest.raises(GatewayUnavailable):
            await pollers.poll()

    virtually(one())
    assert len(pollers.gateway.asked) <= DEFAULT_LIMITS.max_unavailable + 24


def test_the_next_batch_continues_with_what_the_last_one_had_no_time_for() -> None:
    pollers = Pollers(1_000, seconds=5.0)

    async def two() -> None:
        await pollers.poll()
        first = set(pollers.gateway.asked)
        assert 0 < len(first) < 1_000
        await asyncio.sleep(60)
        await pollers.poll()
        assert first.isdisjoint(set(pollers.gateway.asked) - first)
        assert set(pollers.gateway.asked.values()) == {1}

    virtually(two())


def test_payments_with_the_same_due_time_are_all_listed() -> None:
    pollers = Pollers(0)
    for number in range(450):
        payment = replace(pending(number), due_at=NOON)
        pollers.database.plant(f"payments/{payment.id}", to_document(payment))
    seen: list[str] = []

    async def all_pages() -> None:
        after = None
        while True:
            page = await pollers.store.due_payments(NOON, 200, after)
            seen.extend(payment.id for payment in page.items)
            after = page.next
            if after is None:
                return

    virtually(all_pages())
    assert len(seen) == len(set(seen)) == 450
