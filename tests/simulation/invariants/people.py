"""Profiles, devices, addresses, blocks and reviews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from shared.kernel.device import device_id
from shared.profiles.devices import MAX_DEVICES
from shared.reviews.blocks import MAX_NOT_MATCHED
from shared.reviews.domain import review_id
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store
from tests.simulation.process import Process

IN_A_PROFILE = frozenset({"name", "language", "dietary", "cuisines", "muted", "version"})
FROM_THE_TOKEN = frozenset({"email", "phone"})
"""Fields that every read and edit of the profile takes from the token."""


def profile_faults(before: Document | None, after: Document | None) -> Iterator[Fault]:
    """Yield other fields that an edit of the profile changed."""
    if before is None or after is None or before.get("version", 0) == after.get("version", 0):
        return
    others = {field for field in after if not field.startswith("_")} - IN_A_PROFILE - FROM_THE_TOKEN
    changed = sorted(field for field in others if field in before and before[field] != after[field])
    if changed:
        yield "16", f"an edit of a profile changed {changed}"


def account_faults(store: Store, uid: str) -> Iterator[Fault]:
    """Yield where a profile and the documents beneath it differ."""
    account = store.of("users").get(uid, {})
    tokens, addresses = account.get("push_tokens", ()), list(account.get("addresses", ()))
    if len(tokens) > MAX_DEVICES:
        yield "16", f"{uid} has {len(tokens)} phones"
    devices = sorted(store.of(f"users/{uid}/devices"))
    if sorted(map(device_id, tokens)) != devices:
        yield "16", f"{uid} has {len(tokens)} tokens and {len(devices)} devices, or others"
    if sorted(addresses) != sorted(store.of(f"users/{uid}/addresses")):
        yield "16", f"{uid} lists {len(addresses)} places and has others"
    default = account.get("default_address", "")
    if (default not in addresses) if addresses else default:
        yield "16", f"{uid} has {len(addresses)} places, and the default is {default or 'none'}"


def block_faults(store: Store, path: str) -> Iterator[Fault]:
    """Yield where two people are kept apart without a block between them, or the other way round."""
    _, one, _, other = path.split("/")
    for mine, theirs in ((one, other), (other, one)):
        apart = list(store.of("review_records").get(mine, {}).get("not_matched", ()))
        blocked = other in store.of(f"users/{one}/blocks") or one in store.of(f"users/{other}/blocks")
        if (theirs in apart) != blocked or len(apart) != len(set(apart)) or len(apart) > MAX_NOT_MATCHED:
            yield "16", f"{mine} is kept apart from {apart}; a block with {theirs}: {blocked}"


def review_faults(
    store: Store, process: Process, before: Document | None, after: Document
) -> Iterator[Fault]:
    """Yield what is wrong with a review: one by each side of a delivered order, for good, counted at once."""
    name, order = after["order_id"][-6:], store.of("orders")[after["order_id"]]
    writer = _writer(store, after)
    membership = f"merchants/{order['merchant_id']}/staff/{writer}"
    was_staff = process.last_look(membership) is not None
    if before is not None:
        yield "14", f"the review of {name} changed"
    if after["id"] != review_id(after["order_id"], after["side"]):
        yield "14", f"{name} was reviewed once more by {writer}: {after['id']}"
    if order["fulfilment"] != "delivered" or not _parties(order, after, was_staff):
        yield "12", f"{name}, {order['fulfilment']}, was reviewed by {writer}: {after['subject_id']}"
    if after["side"] == "merchant_of_customer" and after["author_id"] != order["merchant_id"]:
        yield "shown", f"the review of {name} names {after['author_id']}, who works there"
    yield from _counts(store, writer, "ratings_given", "author_id")
    if after["subject_kind"] != "merchant":
        yield from _counts(store, after["subject_id"], f"ratings_as_{after['subject_kind']}", "subject_id")


def rating_faults(store: Store, kind: str, rated: Document) -> Iterator[Fault]:
    """Yield where a driver's or a merchant's rating is not the sum of the reviews that count."""
    counted = store.of(f"{kind}/{rated['id']}/reviews")
    known = store.of("reviews")
    stars = sum(known[name]["stars"] for name in counted if name in known)
    if (rated["rating_count"], rated["rating_sum"]) != (len(counted), stars):
        yield (
            "14",
            f"{rated['id']} has {rated['rating_sum']} stars of {rated['rating_count']} ratings; "
            f"the {len(counted)} reviews have {stars}",
        )


def _parties(order: Document, review: Document, was_staff: bool) -> bool:
    """Say whether author and subject are the parties that the review's side names."""
    customer, driver = order["customer_id"], order["assignment"]["driver_id"]
    author, subject = review["author_id"], review["subject_id"]
    match review["side"]:
        case "customer_of_driver":
            return bool((author, subject) == (customer, driver))
        case "customer_of_merchant":
            return bool((author, subject) == (customer, order["merchant_id"]))
        case "driver_of_customer":
            return bool((author, subject) == (driver, customer))
        case _:
            return was_staff and bool(subject == customer)


def _writer(store: Store, review: Document) -> str:
    """Return the person who wrote a review; of a merchant's review, a document of its own says so."""
    written = store.of(f"reviews/{review['id']}/private").get("author")
    return str(written["uid"] if written else review["author_id"])


def _counts(store: Store, uid: str, field: str, part: str) -> Iterator[Fault]:
    kind = field.removeprefix("ratings_as_")
    wanted = Counter(
        review["stars"]
        for review in store.of("reviews").values()
        if (_writer(store, review) == uid if part == "author_id" else review[part] == uid)
        and (part == "author_id" or review["subject_kind"] == kind)
    )
    kept = Counter(dict(enumerate(store.of("review_records").get(uid, {}).get(field, ()), start=1)))
    if +kept != wanted:
        yield "14", f"{uid} has {field} {dict(+kept)}, and the reviews say {dict(wanted)}"
