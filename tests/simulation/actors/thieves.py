"""Second sign-ins that have the password of an operator and nothing else."""

from __future__ import annotations

import asyncio

from shared.adapters.firestore.codec import to_document
from shared.identity.domain import Account
from shared.identity.enrolment_codes import issued
from shared.kernel.actor import Role
from tests.simulation.actors.city import City
from tests.simulation.actors.second_factor import Authenticator
from tests.simulation.process import EPOCH

VICTIM, CODE = "admin-2", "qrstuvwxyzabcdef"
WRONG = "a" * 16
LATE = "admin-3"
SHARE = 0.3


class Thief:
    """Has the password of an operator who has yet to enrol, and enrols first, again and again."""

    def __init__(self, city: City) -> None:
        self._city, self._chance = city, city.chance("thief")
        self._client = city.client(VICTIM)

    async def live(self) -> None:
        """Try it before the owner enrols and after it, with no code and with the one that was used."""
        if not self._city.scenario.acts("thieves", "thief", SHARE):
            return
        account = Account(
            VICTIM, roles=(Role.ADMIN.value,), enrolment_code=issued(CODE, VICTIM, "setup", EPOCH)
        )
        self._city.store.plant(f"auth/{VICTIM}", to_document(account))
        owner = Authenticator(self._city.client(VICTIM), self._city)
        await asyncio.gather(self._steal(), self._enrol(owner))

    async def _enrol(self, owner: Authenticator) -> None:
        await asyncio.sleep(self._chance.uniform(20, 60))
        await owner.set_up(CODE)

    async def _steal(self) -> None:
        while not self._city.calm:
            app = Authenticator(self._client, self._city)
            got = await app.begin(self._chance.choice(("", WRONG)))
            self._city.watch.check(
                not got, "operator", "a thief got the secret of an operator's second factor"
            )
            await asyncio.sleep(self._chance.uniform(5, 60))


class LateOperator:
    """Begins to enrol as anybody may, becomes an operator by another way, and then confirms."""

    def __init__(self, city: City) -> None:
        self._city, self._client = city, city.client(LATE)

    async def live(self) -> None:
        """Do so once."""
        if not self._city.scenario.acts("thieves", "late operator", SHARE):
            return
        app = Authenticator(self._client, self._city)
        if await app.begin():
            self._city.store.amend(f"auth/{LATE}", roles=[Role.ADMIN.value])
            await app.confirm()
