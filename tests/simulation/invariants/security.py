"""Sign-ins and second factors: what has ended stays so, and every code opens one door once."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import datetime

from shared.identity.second_factor import MAX_FAILURES
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store, Touched
from tests.simulation.process import Process

SENSITIVE = ("payments", "orders", "tips", "recurrences", "audit", "verification_documents")
"""Nobody makes one of these by a sign-in that has ended."""


class SignIns:
    """Remembers which sign-ins have ended, and when."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ended: dict[str, datetime] = {}
        self._signed_out: dict[str, list[tuple[datetime, datetime]]] = {}
        """By person: when they were signed out, and up to which sign-in."""

    def commit(self, touched: Touched, process: Process, now: datetime) -> Iterator[Fault]:
        """See what a commit did to sign-ins, or by one."""
        yield from self._by_whom(touched, process)
        for path, (before, after) in touched.items():
            if path.startswith("auth/") and after:
                yield from self._account(path.removeprefix("auth/"), before or {}, after, now)

    def _by_whom(self, touched: Touched, process: Process) -> Iterator[Fault]:
        if process.person is None:
            return
        uid, session = process.person.uid, process.person.session_id
        signed_in = process.person.auth_time
        ended = [self._ended[session]] if session in self._ended else []
        for at, until in self._signed_out.get(uid, ()):
            if signed_in <= until.timestamp():
                ended.append(at)
        made = [path for path, (before, _) in touched.items() if before is None and _sensitive(path)]
        if any(path.startswith("audit/") for path in made) and not ended:
            yield from self._door(uid, session, process)
        if made and ended and min(ended) < process.asked_at:
            yield "revoked", f"{process.name}: {made} by a sign-in that had ended"

    def _door(self, uid: str, session: str, process: Process) -> Iterator[Fault]:
        """An operator's sign-in had shown a second factor when the deed began."""
        until = self._store.of(f"users/{uid}/sessions").get(session, {}).get("recent_mfa_until")
        if until is None or until < process.started:
            yield "door", f"{process.name}: a deed by a sign-in whose doors were open until {until}"

    def _account(self, uid: str, before: Document, after: Document, now: datetime) -> Iterator[Fault]:
        was, until = before.get("tokens_valid_after"), after.get("tokens_valid_after")
        if was is not None and (until is None or until < was):
            yield "revoked", f"{uid} was signed out up to {was}, and is up to {until}"
        if until is not None and until != was:
            self._signed_out.setdefault(uid, []).append((now, until))
        for session in after.get("revoked_sessions", ()):
            self._ended.setdefault(session, now)
        for session in set(before.get("revoked_sessions", ())) - set(after.get("revoked_sessions", ())):
            known = self._store.of(f"users/{uid}/sessions").get(session)
            if known and (until is None or known["created_at"] > until):
                yield "revoked", f"{uid} had ended {session[-6:]}, and it stands again"


def factor_faults(store: Store, touched: Touched, process: Process) -> Iterator[Fault]:
    """Yield what is wrong with a change of second factors, or with a door that opened."""
    for path, (before, after) in touched.items():
        if path.startswith("second_factors/"):
            uid = path.removeprefix("second_factors/")
            yield from _factor(uid, before, after, process)
            confirmed = bool(after and after["confirmed_at"])
            if store.of("auth").get(uid, {}).get("second_factor", False) != confirmed:
                yield "once", f"{uid} has a second factor: {confirmed}; the account says otherwise"
        elif (
            "/sessions/" in path
            and after
            and after["recent_mfa_until"] != (before or {}).get("recent_mfa_until")
        ):
            yield from _opened(path.split("/")[1], path, after, touched)


def _opened(uid: str, path: str, session: Document, touched: Touched) -> Iterator[Fault]:
    before, after = touched.get(f"second_factors/{uid}", (None, None))
    if session["recent_mfa_until"] is not None and not (before and after and _used(before, after)):
        yield "once", f"the doors of {path} opened without a code"


def _factor(uid: str, before: Document | None, after: Document | None, process: Process) -> Iterator[Fault]:
    if before is None:
        return
    if after is None or before["secret"] != after["secret"]:
        if before["confirmed_at"] and after:
            yield "once", f"the second factor of {uid} was replaced while it was in force"
        return
    if after["last_step"] < before["last_step"] or not 0 <= after["failures"] < MAX_FAILURES:
        yield "once", f"the second factor of {uid} went back, or {after['failures']} guesses were free"
    locked = before["locked_until"]
    if locked and process.clock() < locked and after["last_step"] > before["last_step"]:
        yield "guess", f"a code of the authenticator of {uid} was taken while none counts"
    fresh = set(after["recovery"]) - set(before["recovery"])
    if fresh and not (_used(before, after)):
        yield "once", f"{uid} has new recovery codes without a code"


def _used(before: Document, after: Document) -> bool:
    """Say whether a code was used up: a later one of the app, or one of those for its loss."""
    gone = set(before["recovery"]) - set(after["recovery"])
    return bool(after["last_step"] > before["last_step"] or gone)


def _sensitive(path: str) -> bool:
    collection, _, _ = path.rpartition("/")
    return collection in SENSITIVE


def settled_faults(store: Store, disabled: Set[str]) -> Iterator[Fault]:
    """Yield where whoever signs people in was told otherwise than the account says."""
    for uid, account in store.of("auth").items():
        if bool(account.get("disabled")) != (uid in disabled):
            yield "22", f"{uid} is closed: {account.get('disabled')}; who signs them in says otherwise"
