"""The contract of the lists of `PaymentStore`, on each database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.adapters.firestore.payments import FirestorePayments
from shared.kernel.batch import Page
from shared.kernel.order import Fulfilment
from tests import builders
from tests.builders import NOW
from tests.contract.money import PAID, payment, refund
from tests.contract.stores import Ground

SECOND = timedelta(seconds=1)


@pytest.fixture
def store(ground: Ground) -> FirestorePayments:
    return FirestorePayments(ground.documents)


async def all_pages(ask: Callable[..., Awaitable[Page[Any]]], now: datetime) -> Sequence[str]:
    """Return the ids of the whole list, read in pages of two."""
    page = await ask(now, 2)
    seen = [item.id for item in page.items]
    while page.next:
        page = await ask(now, 2, page.next)
        seen += [item.id for item in page.items]
    return seen


DUE = {"1": 2, "2": 1, "3": 2, "4": 2, "5": 3, "6": None}
"""By number, the seconds until it is due, if ever; equal times are ordered by id."""


@pytest.mark.parametrize("field", ["due_at", "reconcile_after"])
async def test_due_payments_are_listed_in_order_without_gap_or_repeat(
    ground: Ground, store: FirestorePayments, field: str
) -> None:
    for number, seconds in DUE.items():
        at = None if seconds is None else NOW + seconds * SECOND
        await ground.put(f"payments/pay_{number}", payment(id=f"pay_{number}", **{field: at}))
    ask = store.due_payments if field == "due_at" else store.payments_to_reconcile
    assert await all_pages(ask, NOW + 2 * SECOND) == ["pay_2", "pay_1", "pay_3", "pay_4"]
    assert await all_pages(ask, NOW) == []


async def test_due_refunds_are_listed_in_order_without_gap_or_repeat(
    ground: Ground, store: FirestorePayments
) -> None:
    for number, seconds in DUE.items():
        at = None if seconds is None else NOW + seconds * SECOND
        await ground.put(f"refunds/ref_{number}", refund(id=f"ref_{number}", due_at=at))
    assert await all_pages(store.due_refunds, NOW + 2 * SECOND) == ["ref_2", "ref_1", "ref_3", "ref_4"]


async def test_orders_to_reconcile_are_listed_in_order_once_they_have_ended(
    ground: Ground, store: FirestorePayments
) -> None:
    for number, seconds in DUE.items():
        at = None if seconds is None else NOW + seconds * SECOND
        slice_ = {"state": "captured", "payment_id": PAID, "captured": 1, "reconcile_after": at}
        ended = Fulfilment.RETURNED if number == "3" else Fulfilment.CANCELLED
        await ground.put(f"orders/ord_{number}", builders.order(ended, id=f"ord_{number}"), payment=slice_)
    await ground.put(
        "orders/ord_7",
        builders.order(Fulfilment.READY, id="ord_7"),
        payment=slice_ | {"reconcile_after": NOW},
    )
    assert await all_pages(store.orders_to_reconcile, NOW + 2 * SECOND) == [
        "ord_2",
        "ord_1",
        "ord_3",
        "ord_4",
    ]


async def test_a_document_that_cannot_be_read_is_left_out_of_the_list(
    ground: Ground, store: FirestorePayments
) -> None:
    for id_ in ("pay_1", "pay_2"):
        await ground.put(f"payments/{id_}", {"id": id_, "due_at": NOW})
    await ground.put("payments/pay_3", payment(id="pay_3", due_at=NOW))
    assert await all_pages(store.due_payments, NOW) == ["pay_3"]
