"""32: who has to act is told when the time for it starts, and by a push unless they silenced such things."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.kernel.actor import OPERATORS
from shared.kernel.event import Message
from shared.notifications.domain import notification_id
from tests.fakes.notifications import FakePush
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store, Touched
from tests.simulation.process import Process

STAFF, OPERATOR, DRIVER, CUSTOMER = "merchant", "operator", "driver", "customer"
MUST_ACT = {
    "payment_captured": STAFF,
    "order_activated": STAFF,
    "order_returning": STAFF,
    "order_reassigned": STAFF,
    "order_escalated": OPERATOR,
    "offer_made": DRIVER,
    "order_substitution_proposed": CUSTOMER,
}
"""Who has to act after an event, from then on."""
QUIET = {
    "order_confirmed": (CUSTOMER, "orders.push"),
    "order_picked_up": (CUSTOMER, "orders.push"),
    "driver_assigned": (CUSTOMER, "orders.push"),
    "order_delivered": (CUSTOMER, "orders.push"),
    "offer_made": (DRIVER, "offers.push"),
}
"""What nobody has to act on, or is theirs to silence."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How a user could be reached from a moment on, in virtual seconds."""

    since: float
    tokens: frozenset[str]
    muted: frozenset[str]


class Informed:
    """Remembers how each user could be reached, and since when people belong to a shop."""

    def __init__(self, store: Store, push: FakePush) -> None:
        self._store, self._push = store, push
        self._reached: dict[str, list[Reached]] = defaultdict(list)
        self._members: dict[tuple[str, str], float] = {}
        """By shop and user: since when they have belonged to its staff."""

    def commit(self, touched: Touched, now: float) -> Iterator[Fault]:
        """Take note of devices, mutes and memberships; check that each beginning is an event."""
        said = {
            after["type"].split(".")[2]
            for path, (_, after) in touched.items()
            if after is not None and path.startswith("outbox/")
        }
        for path, (before, after) in touched.items():
            parts = path.split("/")
            if parts[0] == "users" and len(parts) == 2:
                self._note(parts[1], after or {}, now)
            elif len(parts) == 4 and parts[2] == "staff":
                self._belongs(parts[1], parts[3], after is not None, now)
            elif parts[0] == "orders" and len(parts) == 2 and before and after:
                yield from _unsaid(before, after, said)

    def acknowledged(self, message: Message, committed: float, process: Process) -> Iterator[Fault]:
        """Check, when an event has been dealt with, that those who must act know of it."""
        kind, data = message.type.split(".")[2], json.loads(message.data)
        if kind in MUST_ACT and not data.get("order_cancelled"):
            for uid in self._who(MUST_ACT[kind], data, process):
                yield from self._told(uid, kind, message, committed, process)
        if kind in QUIET:
            role, topic = QUIET[kind]
            yield from self._disturbed(str(data[f"{role}_id"]), topic, message, committed)

    def _note(self, uid: str, user: Document, now: float) -> None:
        tokens, muted = user.get("push_tokens") or (), user.get("muted") or ()
        self._reached[uid].append(Reached(now, frozenset(tokens), frozenset(muted)))

    def _belongs(self, shop: str, uid: str, now_does: bool, now: float) -> None:
        if now_does:
            self._members.setdefault((shop, uid), now)
        else:
            self._members.pop((shop, uid), None)

    def _who(self, role: str, data: dict[str, Any], process: Process) -> list[str]:
        if role in (DRIVER, CUSTOMER):
            return [data[f"{role}_id"]]
        if role == OPERATOR:
            return [uid for uid in self._store.of("auth") if self._operates(uid, process)]
        shop, asked = data["merchant_id"], _seconds_of(process)
        return sorted(uid for (of, uid), since in self._members.items() if of == shop and since < asked)

    def _operates(self, uid: str, process: Process) -> bool:
        """Say whether somebody has been an operator since before a process began, at the least."""
        account, changed = self._store.docs[f"auth/{uid}"]
        roles = {role.value for role in OPERATORS} & set(account.get("roles", ()))
        return bool(roles) and not account.get("disabled") and changed < process.asked_at

    def _told(
        self, uid: str, kind: str, message: Message, committed: float, process: Process
    ) -> Iterator[Fault]:
        name = notification_id(message.id, uid)
        entry = self._store.of(f"users/{uid}/inbox").get(name)
        if entry is None:
            yield "32", f"{uid} has to act on {kind} of {message.subject[-6:]}, and was not told"
            return
        data = json.loads(message.data)
        yield from _wrong_text(uid, kind, message, entry)
        expires = data.get("expires_at") if kind == "offer_made" else None
        if expires and process.clock() >= datetime.fromisoformat(expires):
            return
        states, topic = self._states(uid, committed), _silenced_by(kind, data)
        if any(topic in state.muted for state in states):
            return
        for token in frozenset.intersection(*(state.tokens for state in states)) if states else ():
            if token not in self._push.dead and not self._push.sent[token, name]:
                yield "32", f"{uid} has to act on {kind} of {message.subject[-6:]}, and no push says so"

    def _disturbed(self, uid: str, topic: str, message: Message, committed: float) -> Iterator[Fault]:
        """Yield a push that the user had silenced all the time since the event."""
        states, name = self._states(uid, committed), notification_id(message.id, uid)
        tokens = {token for state in states for token in state.tokens}
        silenced = states and all(topic in state.muted for state in states)
        if silenced and any(self._push.sent[token, name] for token in tokens):
            yield "32", f"{uid} has silenced {topic} and got {message.type}"

    def _states(self, uid: str, since: float) -> list[Reached]:
        """Return how a user could be reached at a time, and all that has changed since."""
        known = self._reached[uid]
        before = [state for state in known if state.since <= since]
        return [*before[-1:], *(state for state in known if state.since > since)] if before else []


def _unsaid(before: Document, after: Document, said: set[str]) -> Iterator[Fault]:
    """Yield where somebody has to act from this commit on, and no event says so."""
    name = after["id"][-6:]
    begins = before["fulfilment"] == "scheduled" and after["fulfilment"] in ("placed", "confirmed")
    if begins and "order_activated" not in said:
        yield "32", f"order {name} is to be begun, and no event says so"
    escalated = after["assignment"].get("escalated_at")
    if escalated and escalated != before["assignment"].get("escalated_at") and "order_escalated" not in said:
        yield "32", f"operators have to look at order {name}, and no event says so"


def _silenced_by(kind: str, data: dict[str, Any]) -> str:
    """Return the topic by which people can silence an event all the same; empty where they cannot.

    The time of an order for later has not come when it is paid, and goods that are ready need no work.
    """
    later = kind == "payment_captured" and data["scheduled_for"] is not None
    kept = kind == "order_reassigned" and data["goods"] == "ready"
    return "offers.push" if kind == "offer_made" else "orders.push" if later or kept else ""


def _wrong_text(uid: str, kind: str, message: Message, entry: Document) -> Iterator[Fault]:
    """Yield an order for later that staff are told to confirm now, or the other way round."""
    if kind != "payment_captured":
        return
    later = json.loads(message.data)["scheduled_for"] is not None
    wanted = "payment_captured_for_later" if later else "payment_captured"
    if entry["template"] != f"{wanted}.merchant":
        yield "32", f"{uid} was told {entry['template']} of {message.subject[-6:]}, for later: {later}"


def _seconds_of(process: Process) -> float:
    """Return when a process began, in virtual seconds."""
    return asyncio.get_running_loop().time() - (process.clock() - process.started).total_seconds()
