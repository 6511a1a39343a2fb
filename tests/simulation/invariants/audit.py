"""The audit log: each admin action has its entry, in its own commit, and each entry its action."""

from __future__ import annotations

from collections.abc import Iterator

from tests.simulation.invariants.orders import Document, Fault, new_entries
from tests.simulation.ports.database import Touched

REVIEWED = {"approved": "document_approved", "rejected": "document_rejected"}
OPERATORS = {"support", "admin"}
STEPS = {
    "order_cancelled": "order_cancelled",
    "order_reassigned": "order_reassigned",
    "order_returning": "order_recalled",
    "driver_chosen": "driver_chosen",
    "search_restarted": "search_restarted",
}
"""The steps of operators, by the timeline entry."""
WITHOUT_TRACE = frozenset(
    {
        "document_read",
        "driver_read",
        "order_read",
        "sessions_revoked",
        "second_factor_reset",
        "enrolment_code_issued",
    }
)
"""Actions whose effect is not in the documents that this looks at."""


def faults(touched: Touched) -> Iterator[Fault]:
    """Yield actions without an entry, entries without an action, and entries that changed."""
    done = sorted(_done(touched))
    entered = []
    for path, (before, after) in touched.items():
        if path.startswith("audit/"):
            if before is not None or after is None:
                yield "audit", f"{path} changed"
            elif after["action"] not in WITHOUT_TRACE:
                if after["actor_id"] == after["subject_id"]:
                    yield "audit", f"{path}: {after['actor_id']} decided {after['action']} about themselves"
                entered.append((after["action"], after["subject_id"]))
    if done != sorted(entered):
        yield "audit", f"{done} was done, and the audit log has {sorted(entered)}"


def _done(touched: Touched) -> Iterator[tuple[str, str]]:
    for path, (before, after) in touched.items():
        collection, _, name = path.rpartition("/")
        if collection == "auth" and after is not None:
            yield from _to_account(name, before or {}, after)
        elif collection == "drivers" and before and after:
            yield from _to_driver(name, before, after)
        elif collection == "orders" and before and after:
            yield from _to_order(name, before, after)
        elif collection == "verification_documents" and before and after:
            yield from _to_document(name, before, after)


def _to_driver(uid: str, before: Document, after: Document) -> Iterator[tuple[str, str]]:
    """A driver who was rejected applies again without an operator."""
    if before["review_state"] != after["review_state"] != "applied":
        yield f"driver_{after['review_state']}", uid


def _to_order(name: str, before: Document, after: Document) -> Iterator[tuple[str, str]]:
    """An operator's step is the timeline entry of their role."""
    for entry in new_entries(before, after):
        if entry["actor"] in OPERATORS and entry["type"] in STEPS:
            yield STEPS[entry["type"]], name


def _to_document(name: str, before: Document, after: Document) -> Iterator[tuple[str, str]]:
    if after["state"] != before["state"] and after["state"] in REVIEWED:
        yield REVIEWED[after["state"]], name


def _to_account(uid: str, before: Document, after: Document) -> Iterator[tuple[str, str]]:
    if set(before.get("roles", ())) != set(after.get("roles", ())):
        yield "roles_changed", uid
    if bool(before.get("disabled")) != bool(after.get("disabled")):
        yield ("account_disabled" if after["disabled"] else "account_enabled"), uid
