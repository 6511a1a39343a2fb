"""An admin who makes operators, by codes, roles and resets, and somebody who becomes one again and again."""

from __future__ import annotations

import asyncio

from functions.identity_api.admin_schemas import AccountReasonRequest, RolesRequest
from shared.kernel.actor import Role
from tests.simulation.actors.city import City
from tests.simulation.actors.desk import Desk
from tests.simulation.actors.second_factor import Authenticator
from tests.simulation.served import served

people = served("identity_api.admin_routes")

ADMIN, TRAINEE = "admin-4", "trainee-1"
SHARE = 0.35


class Trainees:
    """One admin and one trainee, who becomes an operator and stops being one, again and again."""

    def __init__(self, city: City) -> None:
        self._city, self._chance = city, city.chance(ADMIN)
        self._desk = Desk(ADMIN, Role.ADMIN, city)
        self._trainee = Authenticator(city.client(TRAINEE), city)

    async def live(self) -> None:
        """Do so while things may go wrong."""
        if not self._city.scenario.acts("trainees", ADMIN, SHARE):
            return
        await self._desk.open()
        while not self._city.calm:
            await asyncio.sleep(self._chance.uniform(5, 30))
            await self._enrol()
            await self._promote()
            await asyncio.sleep(self._chance.uniform(0, 20))
            await self._use()
            await self._demote()
            if self._chance.random() < 0.6:
                await self._reset()

    async def _enrol(self) -> None:
        """Give a code, perhaps two of which the last counts, and let the trainee enrol with it."""
        body = AccountReasonRequest(reason="begins on Monday")
        for _ in range(self._chance.randint(1, 2)):
            given = await self._desk.do(
                "gives a code", lambda: people.give_enrolment_code(TRAINEE, body, self._desk.me)
            )
            if given.answer is not None:
                await self._trainee.set_up(str(given.answer["enrolment_code"]))

    async def _promote(self) -> None:
        give = RolesRequest(reason="helps out", grant=[Role.SUPPORT])
        await self._desk.do("promotes", lambda: people.set_roles(TRAINEE, give, self._desk.me, None))

    async def _use(self) -> None:
        """Show a recovery code, and get new ones when there is none left."""
        self._trainee.client.sign_in()
        await self._trainee.recover()

    async def _demote(self) -> None:
        take = RolesRequest(reason="went away", revoke=[Role.SUPPORT])
        await self._desk.do("demotes", lambda: people.set_roles(TRAINEE, take, self._desk.me, None))

    async def _reset(self) -> None:
        """Take the second factor away, which signs the trainee out."""
        body = AccountReasonRequest(reason="lost the phone")
        await self._desk.do("resets", lambda: people.reset_factor(TRAINEE, body, self._desk.me, None))
        self._trainee.client.sign_in()
