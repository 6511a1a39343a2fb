"""Sign-ins and second factors: an ended session stays ended, and every code counts once."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import datetime

from shared.identity.second_factor import MAX_FAILURES
from shared.kernel.actor import Principal
from tests.simulation.in_process import SCRIPTED
from tests.simulation.invariants.access import SEEN_WITHIN
from tests.simulation.invariants.orders import Document, Fault
from tests.simulation.ports.database import Store, Touched
from tests.simulation.process import Process


class SignIns:
    """Remembers which sessions have ended, which accounts were closed, and when."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ended: dict[str, datetime] = {}
        self._signed_out: dict[str, list[tuple[datetime, datetime]]] = {}
        """By user: the time of each sign-out, and the sign-in up to which it counts."""
        self._closed: dict[str, datetime] = {}

    def commit(self, touched: Touched, process: Process, now: datetime) -> Iterator[Fault]:
        """Check what a commit did to sessions, and what an ended session did."""
        yield from self._by_session(touched, process)
        for path, (before, after) in touched.items():
            if path.startswith("auth/") and after:
                yield from self._account(path.removeprefix("auth/"), before or {}, after, now)

    def shut_out_since(self, person: Principal) -> datetime | None:
        """Return since when a sign-in has no right any more: it ended, or its account was closed."""
        ended = [self._ended[person.session_id]] if person.session_id in self._ended else []
        ended += [self._closed[person.uid]] if person.uid in self._closed else []
        for at, until in self._signed_out.get(person.uid, ()):
            if person.auth_time <= until.timestamp():
                ended.append(at)
        return min(ended, default=None)

    def _by_session(self, touched: Touched, process: Process) -> Iterator[Fault]:
        if process.person is None:
            return
        since = self.shut_out_since(process.person)
        moved = [path for path, (before, after) in touched.items() if before != after]
        audited = any(path.startswith("audit/") for path in moved)
        if audited and since is None and process.person.uid != SCRIPTED:
            yield from self._recent_mfa(process.person.uid, process.person.session_id, process)
        if moved and since is not None and since + SEEN_WITHIN < process.asked_at:
            yield "25", f"{process.name}: {moved} by a person who was shut out at {since:%X}"

    def _recent_mfa(self, uid: str, session: str, process: Process) -> Iterator[Fault]:
        """Check that the operator's session had recent MFA when the action began."""
        until = self._store.of(f"users/{uid}/sessions").get(session, {}).get("recent_mfa_until")
        if until is None or until < process.started:
            yield "door", f"{process.name}: an admin action by a session with recent MFA until {until}"

    def _account(self, uid: str, before: Document, after: Document, now: datetime) -> Iterator[Fault]:
        if after.get("disabled"):
            self._closed.setdefault(uid, now)
        else:
            self._closed.pop(uid, None)
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
                yield "revoked", f"{uid} had ended {session[-6:]}, and it counts again"


def factor_faults(store: Store, touched: Touched, process: Process) -> Iterator[Fault]:
    """Yield what is wrong with a change of second factors, or with recent MFA that a session got."""
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
            yield from _verified(path.split("/")[1], path, after, touched)


def _verified(uid: str, path: str, session: Document, touched: Touched) -> Iterator[Fault]:
    before, after = touched.get(f"second_factors/{uid}", (None, None))
    if session["recent_mfa_until"] is not None and not (before and after and _used(before, after)):
        yield "once", f"{path} got recent MFA without a code"


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
        yield "guess", f"a code of the authenticator of {uid} was accepted while the factor was locked"
    fresh = set(after["recovery"]) - set(before["recovery"])
    if fresh and not (_used(before, after)):
        yield "once", f"{uid} has new recovery codes without a code"


def _used(before: Document, after: Document) -> bool:
    """Return whether a code was used: a later one of the app, or a recovery code."""
    gone = set(before["recovery"]) - set(after["recovery"])
    return bool(after["last_step"] > before["last_step"] or gone)


def settled_faults(store: Store, disabled: Set[str]) -> Iterator[Fault]:
    """Yield where the sign-in service and the account differ."""
    for uid, account in store.of("auth").items():
        if bool(account.get("disabled")) != (uid in disabled):
            yield "22", f"{uid} is disabled: {account.get('disabled')}; the sign-in service says otherwise"
