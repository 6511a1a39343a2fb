"""Apps with bad networks: they time out, send again with the same key, click twice, and sign in anew."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import BaseModel

from emulators.client.call import Call
from shared.edge.idempotency import RequestKey
from shared.kernel.access import AccountDisabled, SessionRevoked
from shared.kernel.actor import Principal
from shared.kernel.errors import DomainError, Unavailable
from shared.kernel.idempotency import AlreadyAnswered, IdempotencyKeyReused
from shared.kernel.ids import derived_id
from tests.simulation.host import Host
from tests.simulation.in_process import perform
from tests.simulation.process import EPOCH, Gone, true_time
from tests.simulation.watch import Watch

PRIVATE = frozenset({"pickup", "dropoff", "note"})
TRIES = 40
PATIENCE_S, IMPATIENCE_S = 10.0, 0.05
MAY_CHANGE_AND_REFUSE = ("pay ", "code", "profile")
"""Starting a payment may enter how an earlier attempt ended, and then refuse; a wrong code
is counted; whoever edits their profile is seen, though somebody else was faster."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a client learnt: an answer, a refusal, or (both None) nothing."""

    answer: dict[str, Any] | None = None
    refusal: DomainError | None = None

    def fits(self, *refusals: type[DomainError]) -> bool:
        """Say whether nothing else was refused than these allow."""
        return self.refusal is None or isinstance(self.refusal, refusals)


Work = Callable[[], Coroutine[Any, Any, BaseModel | None]]
Request = Call | Work
"""A call of the API, or the work of a route function."""
Key = str | RequestKey
"""The header of a call; for a route function, what the edge makes of it."""


class Click(Protocol):
    """A way to send a request: see `Client.insist` and `Client.double`."""

    def __call__(self, label: str, request: Request, key: Key | None = None) -> Awaitable[Outcome]: ...


class Client:
    """One person's app, in which they signed in as many minutes ago as it is old."""

    def __init__(self, uid: str, host: Host, watch: Watch, age: int = 1) -> None:
        self.uid = uid
        self.user = _signed_in(uid, EPOCH - age * timedelta(minutes=1))
        self._host, self._watch = host, watch
        self._answers: dict[str, dict[str, Any]] = {}

    def key(self, route: str, value: str, body: str = "") -> RequestKey:
        """Return the idempotency key of an intention, as the edge derives it."""
        return RequestKey(derived_id("idm", self.uid, "POST", route, value), body)

    async def call(self, label: str, request: Request, key: Key | None = None) -> Outcome:
        """Send a request once; what it was told before for this key must be told again.

        Who is told that their sign-in has ended signs in anew, to ask again; who is shut out for now
        asks again later.
        """
        outcome = await self.attempt(label, request, key)
        if isinstance(outcome.refusal, SessionRevoked):
            self.sign_in()
            return Outcome()
        return Outcome() if isinstance(outcome.refusal, AccountDisabled) else outcome

    def sign_in(self) -> None:
        """Sign in anew: from now on this app is another session."""
        self.user = _signed_in(self.uid, true_time())

    async def attempt(self, label: str, request: Request, key: Key | None = None) -> Outcome:
        """Send a request once, by the sign-in that the app has."""
        faults = self._watch.faults
        process = self._host.start(f"{self.uid} {label}")
        process.person = self.user
        self._watch.tell(process.name, "asks")
        patience = IMPATIENCE_S if faults.strikes("client-impatient") else PATIENCE_S
        try:
            answer = await self._host.run(process, self._answer(request, key), patience)
        except AlreadyAnswered as before:
            answer = before.answer
        except (Gone, Unavailable):
            return Outcome()
        except DomainError as error:
            self._watch.tell(process.name, f"is refused: {error.code}")
            if process.changed and not label.startswith(MAY_CHANGE_AND_REFUSE):
                self._watch.fail(
                    "16", f"{process.name} was refused {error.code} but changed {process.changed}"
                )
            return Outcome(refusal=error)
        self._watch.answered(process)
        self._watch.tell(process.name, "is answered")
        if key:
            self._compare(request, key, answer, label)
        return Outcome(answer)

    def draw_click(self, chance: random.Random, *, twice: float) -> Click:
        """Return how somebody clicks this time, who clicks twice in such a share of times."""
        return self.double if chance.random() < twice else self.insist

    async def insist(self, label: str, request: Request, key: Key | None = None) -> Outcome:
        """Send a request, again and again with the same key, until there is an answer or a refusal."""
        pause = 0.5
        for _ in range(TRIES):
            outcome = await self.call(label, request, key)
            if outcome.answer is not None or outcome.refusal is not None:
                return outcome
            await asyncio.sleep(pause)
            pause = min(8.0, 2 * pause)
        return Outcome()

    async def double(self, label: str, request: Request, key: Key | None = None) -> Outcome:
        """Click twice at once; return the better outcome."""
        both = await asyncio.gather(self.insist(label, request, key), self.insist(label, request, key))
        return max(both, key=lambda outcome: outcome.answer is not None)

    async def misuse(self, label: str, call: Call, value: str) -> None:
        """Send a known key with another body: it must be refused."""
        outcome = await self.call(label, call, value)
        if outcome.answer is not None or not isinstance(outcome.refusal, IdempotencyKeyReused | None):
            self._watch.fail("2", f"{self.uid} {label}: a key with another body was answered {outcome}")

    async def _answer(self, request: Request, key: Key | None) -> dict[str, Any]:
        """Return what a request is answered, inside the process that serves it."""
        if isinstance(request, Call):
            assert not isinstance(key, RequestKey)
            return await perform(request, key)
        told = await request()
        return told.model_dump(mode="json") if told is not None else {}

    def _compare(self, request: Request, key: Key, answer: dict[str, Any], label: str) -> None:
        name = f"{request.path} {key}" if isinstance(request, Call) else str(key)
        known = self._answers.setdefault(name, answer)
        if not _same(known, answer):
            self._watch.fail("2", f"{self.uid} {label}: the same key got two answers")


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two answers are the same, but for what an order that has ended shows no more."""
    if any(answer.get("dropoff", {}).get("address") == "" for answer in (one, other)):
        one, other = ({k: v for k, v in answer.items() if k not in PRIVATE} for answer in (one, other))
    return one == other


def _signed_in(uid: str, at: datetime) -> Principal:
    email, phone = f"{uid}@example.com", "+919800000001"
    return Principal(uid, email, True, phone, uid.title(), int(at.timestamp()))
