"""A user's sign-ins: on two phones, one of which gets lost."""

from __future__ import annotations

import asyncio

from functions.identity_api.schemas import SessionRequest
from shared.identity.sessions import SessionNotFound
from shared.kernel.access import AccountDisabled, SessionRevoked
from shared.kernel.device import Platform
from tests.simulation.actors.city import City
from tests.simulation.clients import Client
from tests.simulation.served import served

sessions = served("identity_api.routes")

SHARE = 0.15


class SignIns:
    """Names both phones, and ends the session of one from the other, or all sessions."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._chance = city.chance(f"sign-ins {uid}")

    async def live(self) -> None:
        """Do so from time to time, while faults may happen."""
        if not self._city.scenario.acts("sign-ins", self._uid, SHARE):
            return
        await asyncio.sleep(self._chance.uniform(10, 90))
        here, lost = self._city.client(self._uid), self._city.client(self._uid)
        await asyncio.gather(self._name(here, "tablet"), self._name(lost, "phone"))
        while not self._city.calm and self._chance.random() < 0.75:
            await asyncio.sleep(self._chance.uniform(5, 80))
            if self._chance.random() < 0.35:
                await self._leave(here, lost)
            else:
                await self._end(here, lost)

    async def _name(self, app: Client, label: str) -> None:
        body = SessionRequest(label=label, platform=Platform.ANDROID)
        await app.insist(f"names the {label}", lambda: sessions.record(body, app.user))

    async def _end(self, here: Client, lost: Client) -> None:
        """End the session of the lost phone; sensitive routes refuse it until it signs in again."""
        ended = lost.user
        click = here.draw_click(self._chance, twice=0.3)
        outcome = await click("ends a sign-in", lambda: sessions.end(ended.session_id, here.user))
        if outcome.answer is None:
            self._city.watch.check(
                outcome.fits(SessionNotFound), "22", f"{self._uid} cannot end a sign-in: {outcome.refusal!r}"
            )
            return
        listed = await here.call("lists sign-ins", lambda: sessions.list_sessions(here.user))
        listed_ids = [one["id"] for one in (listed.answer or {}).get("sessions", ())]
        self._city.watch.check(
            ended.session_id not in listed_ids, "revoked", f"{self._uid} is listed a session that has ended"
        )
        await self._try_out(lost)
        lost.sign_in()
        await self._name(lost, "phone, found")

    async def _leave(self, here: Client, lost: Client) -> None:
        """Sign out everywhere."""
        outcome = await here.call("signs out everywhere", lambda: sessions.end_all(here.user))
        if outcome.answer is not None:
            await asyncio.gather(self._try_out(here), self._try_out(lost))
        await asyncio.sleep(self._chance.uniform(0, 40))
        for app in (here, lost):
            app.sign_in()
            await self._name(app, "another phone")

    async def _try_out(self, app: Client) -> None:
        outcome = await app.attempt("tries an old sign-in", lambda: sessions.list_sessions(app.user))
        refused = outcome.answer is None and outcome.fits(SessionRevoked, AccountDisabled)
        self._city.watch.check(
            refused, "revoked", f"{self._uid} was admitted with a session that has ended: {outcome}"
        )
