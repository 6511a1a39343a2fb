"""A user's second factor: an authenticator app, its codes, and recovery codes for its loss."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pyotp

from functions.identity_api.schemas import CodeRequest, EnrolmentRequest
from shared.identity.second_factor import (
    MAX_FAILURES,
    CodeWrong,
    SecondFactorEnrolled,
    SecondFactorLocked,
    SecondFactorMissing,
    SecondFactorUnconfirmed,
)
from shared.identity.totp import STEP_SECONDS
from tests.simulation.actors.city import City
from tests.simulation.clients import Client, Outcome
from tests.simulation.process import true_time
from tests.simulation.served import served

factor = served("identity_api.second_factor_routes")

SHARE = 0.08
LOCKED_FOR_S = 45.0
"""A little less than the time for which a run locks a factor."""
EXPECTED = (CodeWrong, SecondFactorLocked, SecondFactorMissing, SecondFactorUnconfirmed)
"""The refusals that a guess can get; an operator can have reset the factor meanwhile."""
Route = Callable[[CodeRequest, Any], Awaitable[Any]]


class Authenticator:
    """The app on a user's phone, and a sheet of paper with recovery codes."""

    def __init__(self, client: Client, city: City) -> None:
        self.client, self._city = client, city
        self._secret = ""
        self._sheet: list[str] = []

    async def set_up(self, enrolment_code: str = "") -> None:
        """Enrol and confirm, with as many attempts as it takes; who is refused leaves it."""
        body = EnrolmentRequest(enrolment_code=enrolment_code) if enrolment_code else None
        for _ in range(6):
            outcome = await self.client.insist("enrols", lambda: factor.enrol(self.client.user, body=body))
            if outcome.refusal is not None:
                return
            if outcome.answer is None:
                continue
            self._secret = str(outcome.answer["secret"])
            confirmed = await self._send(self.code(), factor.confirm, "confirms")
            self._sheet = list((confirmed.answer or {}).get("recovery_codes", ()))
            if confirmed.answer is not None or isinstance(confirmed.refusal, SecondFactorEnrolled):
                return
            await asyncio.sleep(STEP_SECONDS)

    async def begin(self, enrolment_code: str = "") -> bool:
        """Start to enrol, and return whether there is a secret."""
        body = EnrolmentRequest(enrolment_code=enrolment_code) if enrolment_code else None
        outcome = await self.client.insist("enrols", lambda: factor.enrol(self.client.user, body=body))
        self._secret = str((outcome.answer or {}).get("secret", ""))
        return bool(self._secret)

    async def confirm(self) -> None:
        """Confirm what was begun, if it can be."""
        await self._send(self.code(), factor.confirm, "confirms")

    def code(self) -> str:
        """Return the current code."""
        return str(pyotp.HOTP(self._secret).at(int(true_time().timestamp()) // STEP_SECONDS))

    async def verify(self) -> None:
        """Send codes until one is accepted: a request whose answer was lost can have used each."""
        for _ in range(6):
            outcome = await self._send(self.code(), factor.verify, "shows a code")
            if outcome.answer is not None:
                return
            if isinstance(outcome.refusal, SecondFactorMissing):
                await self.set_up()
                return
            locked = isinstance(outcome.refusal, SecondFactorLocked)
            await asyncio.sleep(2 * STEP_SECONDS if locked else STEP_SECONDS)

    async def verify_twice(self) -> None:
        """Send one code from two devices at once: one of them succeeds."""
        code, other = self.code(), self._city.client(self.client.uid)
        both = await asyncio.gather(
            self._send(code, factor.verify, "shows a code"),
            self._send(code, factor.verify, "shows the same code", other),
        )
        self._accepted_once(both, "a code")

    async def recover(self) -> None:
        """Use a recovery code on two devices at once; it works once."""
        if not self._sheet:
            await self._renew()
            return
        code, other = self._sheet.pop(), self._city.client(self.client.uid)
        both = await asyncio.gather(
            self._send(code, factor.verify, "shows a recovery code"),
            self._send(code.upper(), factor.verify, "shows it again", other),
        )
        self._accepted_once(both, "a recovery code")

    async def _renew(self) -> None:
        outcome = await self._send(self.code(), factor.renew, "asks for recovery codes")
        self._sheet = list((outcome.answer or {}).get("recovery_codes", ()))

    async def lose(self) -> None:
        """Disable the factor of a lost phone by a recovery code, and enrol another."""
        if self._sheet:
            await self._send(self._sheet.pop(), factor.disable, "has lost the phone")
            await self.set_up()

    async def guess(self) -> None:
        """Send wrong codes until the factor is locked."""
        wrong = CodeRequest(code="aaaa-aaaa-aaaa-aaaa")
        began = self._city.now()
        refusals = [
            (await self.client.call("code: guesses", lambda: factor.verify(wrong, self.client.user))).refusal
            for _ in range(MAX_FAILURES + 2)
        ]
        odd = [r for r in refusals if r and not isinstance(r, EXPECTED)]
        self._city.watch.check(not odd, "guess", f"{self.client.uid} guessed and was refused {odd}")
        free = sum(isinstance(refusal, CodeWrong) for refusal in refusals) > MAX_FAILURES
        quick = self._city.now() - began < LOCKED_FOR_S
        self._city.watch.check(not (free and quick), "guess", f"{self.client.uid} can guess without end")
        await asyncio.sleep(1.5 * STEP_SECONDS)

    async def _send(self, code: str, route: Route, label: str, client: Client | None = None) -> Outcome:
        app, body = client or self.client, CodeRequest(code=code)
        return await app.insist(f"code: {label}", lambda: route(body, app.user))  # type: ignore[arg-type, return-value]

    def _accepted_once(self, outcomes: list[Outcome] | tuple[Outcome, ...], what: str) -> None:
        accepted = sum(outcome.answer is not None for outcome in outcomes)
        self._city.watch.check(
            accepted < 2, "once", f"{what} of {self.client.uid} was accepted {accepted} times"
        )


class CautiousUser:
    """A user who has a second factor without needing one."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._chance = city.chance(f"second factor {uid}")

    async def live(self) -> None:
        """Enrol, and use it from time to time while faults may happen."""
        if not self._city.scenario.acts("second factor", self._uid, SHARE):
            return
        await asyncio.sleep(self._chance.uniform(10, 120))
        app = Authenticator(self._city.client(self._uid), self._city)
        await app.set_up()
        while not self._city.calm and self._chance.random() < 0.8:
            await asyncio.sleep(self._chance.uniform(5, 60))
            act = self._chance.choice(
                (app.verify, app.verify_twice, app.recover, app.recover, app.lose, app.guess)
            )
            await act()
