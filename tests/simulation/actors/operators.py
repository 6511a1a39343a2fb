"""The operators: they judge papers, end sign-ins, close accounts, give roles, draw zones, stop shops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

from functions.catalogue_api.schemas import ReasonRequest as ShopReason
from functions.identity_api.admin_schemas import AccountReasonRequest, RolesRequest
from functions.verification_api.schemas import RejectionRequest
from shared.kernel.access import SecondFactorNotEnrolled, SecondFactorRequired
from shared.kernel.actor import Operator, Role
from shared.kernel.errors import DomainError
from shared.verification.domain import DocumentNotFound, DocumentOutOfDate, IllegalDocumentTransition
from tests.simulation.actors.city import City
from tests.simulation.actors.second_factor import Authenticator
from tests.simulation.clients import Outcome
from tests.simulation.served import served

people = served("identity_api.admin_routes")
shops = served("catalogue_api.admin_routes")
documents = served("verification_api.admin_routes")

UID = "admin-1"
LOOKS_EVERY_S = 8.0
SHARE = 0.2
LAST_STOP_S = 150.0
"""So long before the faults end no shop is stopped any more."""
Work = Callable[[], Coroutine[Any, Any, Any]]


class Operators:
    """One operator at one desk, who needs a second factor for everything."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._client = city.client(UID)
        self._chance = city.chance(UID)
        self._app = Authenticator(self._client, city)

    async def live(self) -> None:
        """Judge papers until the run ends; do the rest while things may go wrong."""
        scenario = self._city.scenario
        meddles = scenario.acts("operators", UID, SHARE)
        if not (meddles or scenario.papers or scenario.acts("papers", UID, 0.3)):
            return
        self._city.store.plant(f"auth/{UID}", {"uid": UID, "roles": [Role.ADMIN.value]})
        await self._app.set_up()
        acts = (self._meddle(),) if meddles else ()
        await asyncio.gather(self._judge_papers(), *acts)

    @property
    def _me(self) -> Operator:
        """Who is signed in: the route's door makes an operator of them."""
        return cast(Operator, self._client.user)

    async def _do(self, label: str, work: Work) -> Outcome:
        """Do it, with a code where one is asked for."""
        for _ in range(5):
            click = self._client.draw_click(self._chance, twice=0.25)
            told = await click(label, work)
            if isinstance(told.refusal, SecondFactorRequired):
                await self._app.open_doors()
            elif isinstance(told.refusal, SecondFactorNotEnrolled):
                await self._app.set_up()
            else:
                return told
        return Outcome()

    async def _judge_papers(self) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * LOOKS_EVERY_S)
            for name, document in sorted(self._city.store.of("documents").items()):
                if document["state"] == "submitted":
                    await self._judge(name)
                elif document["state"] == "approved" and self._doubts():
                    await self._reject(name)

    def _doubts(self) -> bool:
        """Say whether an approval is taken back."""
        return not self._city.calm and self._chance.random() < 0.02

    async def _judge(self, name: str) -> None:
        if self._chance.random() < 0.3:
            await self._do("looks at", lambda: documents.look_at(name, self._me))
        whim = 0.0 if self._city.calm else self._chance.random()
        if whim < 0.75:
            await self._approve(name)
        elif whim < 0.9:
            await self._reject(name)
        else:
            await asyncio.gather(self._approve(name), self._reject(name))

    async def _approve(self, name: str) -> None:
        told = await self._do(f"approves {name[-6:]}", lambda: documents.approve(name, self._me))
        if isinstance(told.refusal, DocumentOutOfDate):
            await self._reject(name)
        else:
            self._expect(told, DocumentNotFound, IllegalDocumentTransition)

    async def _reject(self, name: str) -> None:
        body = RejectionRequest(reason="cannot be read")
        told = await self._do(f"rejects {name[-6:]}", lambda: documents.reject(name, body, self._me))
        self._expect(told, DocumentNotFound, IllegalDocumentTransition)

    def _expect(self, told: Outcome, *refusals: type[DomainError]) -> None:
        self._city.watch.check(told.fits(*refusals), "22", f"an operator was refused: {told.refusal!r}")

    async def _meddle(self) -> None:
        while not self._city.calm:
            await asyncio.sleep(self._chance.uniform(10, 60))
            acts = (self._sign_out, self._shut_out, self._promote, self._stop, self._reset)
            await self._chance.choice(acts)()

    async def _reset(self) -> None:
        """Take away somebody's second factor, who has lost it with the recovery codes."""
        accounts = self._city.store.of("auth").items()
        having = sorted(uid for uid, account in accounts if account.get("second_factor") and uid != UID)
        if having:
            uid, body = self._chance.choice(having), AccountReasonRequest(reason="came in person")
            await self._do(f"resets {uid}", lambda: people.reset_factor(uid, body, self._me))

    async def _sign_out(self) -> None:
        uid, body = self._somebody(), AccountReasonRequest(reason="a phone was stolen")
        await self._do(f"signs {uid} out", lambda: people.revoke(uid, body, self._me))

    async def _shut_out(self) -> None:
        """Close an account for a while; the last word counts."""
        uid = self._chance.choice(self._city.scenario.customers or ("nobody",))
        body = AccountReasonRequest(reason="fraud")
        await self._do(f"shuts {uid} out", lambda: people.disable(uid, body, self._me))
        await asyncio.sleep(self._chance.choice((0, 5, 20)))
        while self._city.store.of("auth").get(uid, {}).get("disabled"):
            await self._do(f"lets {uid} in", lambda: people.enable(uid, body, self._me))

    async def _promote(self) -> None:
        """Give somebody a role and take it back, at once or one after the other."""
        uid = self._somebody()
        give = RolesRequest(reason="helps out", grant=[Role.SUPPORT])
        take = RolesRequest(reason="went away", revoke=[Role.SUPPORT])
        await asyncio.gather(
            self._do(f"promotes {uid}", lambda: people.set_roles(uid, give, self._me)),
            self._do(f"demotes {uid}", lambda: people.set_roles(uid, take, self._me)),
        )

    def _somebody(self) -> str:
        return self._chance.choice(self._city.scenario.people or ("nobody",))

    async def _stop(self) -> None:
        """Stop a shop, and let it sell again; turn an application away that still waits."""
        if self._city.now() > self._city.scenario.faults_s - LAST_STOP_S:
            return
        shop = self._chance.choice([*self._city.store.of("merchants").values()] or [None])
        if shop is None:
            return
        name, body = str(shop["id"]), ShopReason(reason="rats")
        review = shops.suspend if shop["approved"] else shops.reject
        await self._do(f"stops {name[-6:]}", lambda: review(name, body, self._me))
        await asyncio.sleep(self._chance.choice((1, 10, 30)))
        while not self._city.store.of("merchants")[name]["approved"]:
            await self._do(f"approves {name[-6:]}", lambda: shops.approve(name, self._me))
