"""Accounts, their phones, and reviews."""

from __future__ import annotations

from collections.abc import Iterator

from shared.accounts.domain import MAX_DEVICES, device_id
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store


def account_faults(store: Store, uid: str) -> Iterator[Fault]:
    """Yield what is wrong with a person's phones: tokens and device documents tell one story."""
    tokens = store.of("users").get(uid, {}).get("push_tokens", ())
    if len(tokens) > MAX_DEVICES:
        yield "16", f"{uid} has {len(tokens)} phones"
    devices = sorted(store.of(f"users/{uid}/devices"))
    if sorted(map(device_id, tokens)) != devices:
        yield "16", f"{uid} has {len(tokens)} tokens and {len(devices)} devices, or others"


def review_faults(store: Store, before: Document | None, after: Document) -> Iterator[Fault]:
    """Yield what is wrong with a review: one for each delivered order, for good."""
    name, order = after["order_id"][-6:], store.of("orders")[after["order_id"]]
    if before is not None:
        yield "14", f"the review of {name} changed"
    same = [r for r in store.of("reviews").values() if (r["order_id"], r["side"]) == _subject(after)]
    if len(same) > 1:
        yield "14", f"{name} was reviewed {len(same)} times"
    parties = (order["customer_id"], order["assignment"]["driver_id"])
    if order["fulfilment"] != "delivered" or parties != (after["author_id"], after["subject_id"]):
        yield "12", f"{name}, {order['fulfilment']}, was reviewed by {after['author_id']}"


def rating_faults(store: Store, driver: Document) -> Iterator[Fault]:
    """Yield where a driver's rating is not the sum of the reviews that count."""
    counted = store.of(f"drivers/{driver['id']}/reviews")
    stars = sum(store.of("reviews")[name]["stars"] for name in counted)
    if (driver["rating_count"], driver["rating_sum"]) != (len(counted), stars):
        yield (
            "14",
            f"{driver['id']} has {driver['rating_sum']} stars of {driver['rating_count']} ratings; "
            f"the {len(counted)} reviews have {stars}",
        )


def _subject(review: Document) -> tuple[str, str]:
    return review["order_id"], review["side"]
