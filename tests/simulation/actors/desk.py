"""The desk of an operator: an account with a role, a second factor, and a code whenever one is asked for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, cast

from shared.adapters.firestore.codec import to_document
from shared.identity.domain import Account
from shared.identity.enrolment_codes import issued
from shared.kernel.access import SecondFactorRequired
from shared.kernel.actor import Operator, Role
from tests.simulation.actors.city import City
from tests.simulation.actors.second_factor import Authenticator
from tests.simulation.clients import Outcome
from tests.simulation.process import EPOCH

ENROLMENT_CODE = "abcdefghijklmnop"
Work = Callable[[], Coroutine[Any, Any, Any]]


class Desk:
    """One operator, who needs recent MFA for everything."""

    def __init__(self, uid: str, role: Role, city: City) -> None:
        self._uid, self._role, self._city = uid, role, city
        self._client = city.client(uid)
        self._chance = city.chance(uid)
        self._app = Authenticator(self._client, city)

    async def open(self) -> None:
        """Let the operator have the role, and enrol a second factor."""
        code = issued(ENROLMENT_CODE, self._uid, "setup", EPOCH)
        account = Account(self._uid, roles=(self._role.value,), enrolment_code=code)
        self._city.store.plant(f"auth/{self._uid}", to_document(account))
        await self._app.set_up(ENROLMENT_CODE)

    @property
    def me(self) -> Operator:
        """The signed-in user, which the authentication dependency of a route turns into an operator."""
        return cast(Operator, self._client.user)

    async def do(self, label: str, work: Work) -> Outcome:
        """Send the request, after a code where recent MFA is required.

        Whose factor was reset needs a code of another admin to enrol again, and is out until then.
        """
        for _ in range(5):
            click = self._client.draw_click(self._chance, twice=0.2)
            outcome = await click(label, work)
            if isinstance(outcome.refusal, SecondFactorRequired):
                await self._app.verify()
            else:
                return outcome
        return Outcome()
