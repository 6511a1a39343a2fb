"""25: a person who was shut out, or who does not belong to a shop any more, moves nothing; operators have a
second factor that is theirs; and whoever has to follow the closing of an account hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.identity.events import AccountClosed
from shared.kernel.actor import OPERATORS
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store, Touched
from tests.simulation.process import Process

SEEN_WITHIN = timedelta(seconds=5)
"""How soon every function sees a change of how a person stands: nearly always at once, and within this time
where the copies could not be held while it was made."""


class Memberships:
    """Remembers who was dismissed, and when."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.dismissed: dict[tuple[str, str], datetime] = {}
        """By merchant and user: since when the user does not belong to the staff."""

    def commit(self, touched: Touched, process: Process, now: datetime) -> Iterator[Fault]:
        """Check what a request moved in the name of a shop; remember who was hired and dismissed."""
        if process.person is not None:
            yield from self._moved(touched, process.person.uid, process)
        for path, (before, after) in touched.items():
            parts = path.split("/")
            if len(parts) == 4 and parts[2] == "staff":
                if before is not None and after is None:
                    self.dismissed[parts[1], parts[3]] = now
                elif after is not None:
                    self.dismissed.pop((parts[1], parts[3]), None)

    def is_dismissed(self, merchant_id: str, uid: str, asked_at: datetime) -> bool:
        """Return whether a person had been dismissed before they asked, and was not hired again."""
        since = self.dismissed.get((merchant_id, uid))
        return since is not None and since + SEEN_WITHIN < asked_at

    def _moved(self, touched: Touched, uid: str, process: Process) -> Iterator[Fault]:
        for path, (before, after) in touched.items():
            kind, _, name = path.partition("/")
            if before == after or after is None or "/" in name:
                continue
            merchant_id = name if kind == "merchants" else after.get("merchant_id", "")
            parties = (after.get("customer_id"), (after.get("assignment") or {}).get("driver_id"))
            if kind not in ("merchants", "orders") or uid in parties:
                continue
            if self.is_dismissed(str(merchant_id), uid, process.asked_at):
                yield "25", f"{process.name}: {path} was moved by a dismissed member of the staff"


def operator_faults(store: Store, touched: Touched) -> Iterator[Fault]:
    """Yield operators without a second factor of their own, and closures that are no event."""
    events = {after["subject"] for path, (_, after) in touched.items() if after and _closes(path, after)}
    for path, (before, after) in touched.items():
        collection, _, uid = path.rpartition("/")
        if collection == "auth" and after is not None:
            if _operates(after) and not _operates(before or {}) and not after.get("second_factor"):
                yield "operator", f"{uid} became an operator without a second factor"
            if after.get("disabled") and not (before or {}).get("disabled") and uid not in events:
                yield "25", f"the account of {uid} was closed, and no event says so"
        if collection == "second_factors" and after is not None and after["confirmed_at"]:
            yield from _confirmed(store, uid, before, after)


def _confirmed(store: Store, uid: str, before: Document | None, after: Document) -> Iterator[Fault]:
    account = store.of("auth").get(uid, {})
    if (before and before["confirmed_at"]) or not _operates(account):
        return
    if not after["admitted_by"]:
        yield "operator", f"{uid} has a second factor that no admin admitted"
    if account.get("enrolment_code"):
        yield "operator", f"the enrolment code of {uid} was used and is still there"


def _closes(path: str, message: Document) -> bool:
    return path.startswith("outbox/") and message["type"] == AccountClosed.TYPE


def _operates(account: Document) -> bool:
    return bool({role.value for role in OPERATORS} & set(account.get("roles", ())))
