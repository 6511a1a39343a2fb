"""The operators: they review documents, end sessions, disable accounts, grant roles and suspend shops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

from functions.catalogue_api.schemas import ReasonRequest as ShopReason
from functions.identity_api.admin_schemas import AccountReasonRequest, RolesRequest
from functions.verification_api.schemas import RejectionRequest
from shared.adapters.firestore.codec import to_document
from shared.identity.domain import Account
from shared.identity.enrolment_codes import issued
from shared.kernel.access import SecondFactorNotEnrolled, SecondFactorRequired
from shared.kernel.actor import Operator, Role
from shared.kernel.errors import DomainError
from shared.verification.domain import DocumentNotFound
from shared.verification.review import DocumentOutOfDate
from shared.verification.transitions import IllegalDocumentTransition
from tests.simulation.actors.city import City
from tests.simulation.actors.cooks import COOKS
from tests.simulation.actors.second_factor import Authenticator
from tests.simulation.clients import Outcome
from tests.simulation.process import EPOCH
from tests.simulation.served import served

people = served("identity_api.admin_routes")
shops = served("catalogue_api.admin_routes")
documents = served("verification_api.admin_routes")

UID = "admin-1"
SUPPORT = "support-1"
"""Whose factor stays: without it nobody would look at escalated orders."""

NEWCOMER = "newcomer"
"""Signed up, and never called the API."""

ENROLMENT_CODE = "abcdefghijklmnop"
LOOKS_EVERY_S = 8.0
SHARE = 0.2
LAST_STOP_S = 150.0
"""How long before the end of the faults the last shop is suspended."""
Work = Callable[[], Coroutine[Any, Any, Any]]


class Operators:
    """One operator, who needs recent MFA for everything."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._client = city.client(UID)
        self._chance = city.chance(UID)
        self._app = Authenticator(self._client, city)

    async def live(self) -> None:
        """Review verification documents until the run ends; do the rest while faults may happen."""
        scenario = self._city.scenario
        acts_on_accounts = scenario.acts("operators", UID, SHARE)
        closes = len(scenario.drivers) > 1 and scenario.acts("closing drivers", UID, 0.25)
        if not (
            acts_on_accounts
            or closes
            or scenario.documents_required
            or scenario.acts("verification", UID, 0.3)
        ):
            return
        code = issued(ENROLMENT_CODE, UID, "setup", EPOCH)
        account = Account(UID, roles=(Role.ADMIN.value,), enrolment_code=code)
        self._city.store.plant(f"auth/{UID}", to_document(account))
        await self._app.set_up(ENROLMENT_CODE)
        acts = [self._act()] if acts_on_accounts else []
        acts += [self._close_driver()] if closes else []
        await asyncio.gather(self._review_documents(), *acts)

    @property
    def _me(self) -> Operator:
        """The signed-in user, which the authentication dependency of a route turns into an operator."""
        return cast(Operator, self._client.user)

    async def _do(self, label: str, work: Work) -> Outcome:
        """Send the request, after a code where recent MFA is required."""
        for _ in range(5):
            click = self._client.draw_click(self._chance, twice=0.25)
            outcome = await click(label, work)
            if isinstance(outcome.refusal, SecondFactorRequired):
                await self._app.verify()
            elif isinstance(outcome.refusal, SecondFactorNotEnrolled):
                await self._app.set_up()
            else:
                return outcome
        return Outcome()

    async def _review_documents(self) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * LOOKS_EVERY_S)
            for name, document in sorted(self._city.store.of("verification_documents").items()):
                if document["state"] == "submitted":
                    await self._review(name)
                elif document["state"] == "approved" and self._revokes():
                    await self._reject(name)

    def _revokes(self) -> bool:
        """Return whether to revoke an approval."""
        return not self._city.calm and self._chance.random() < 0.02

    async def _review(self, name: str) -> None:
        if self._chance.random() < 0.3:
            await self._do("looks at", lambda: documents.read(name, self._me))
        draw = 0.0 if self._city.calm else self._chance.random()
        if draw < 0.75:
            await self._approve(name)
        elif draw < 0.9:
            await self._reject(name)
        else:
            await asyncio.gather(self._approve(name), self._reject(name))

    async def _approve(self, name: str) -> None:
        outcome = await self._do(f"approves {name[-6:]}", lambda: documents.approve(name, self._me))
        if isinstance(outcome.refusal, DocumentOutOfDate):
            await self._reject(name)
        else:
            self._expect(outcome, DocumentNotFound, IllegalDocumentTransition)

    async def _reject(self, name: str) -> None:
        body = RejectionRequest(reason="cannot be read")
        outcome = await self._do(f"rejects {name[-6:]}", lambda: documents.reject(name, body, self._me))
        self._expect(outcome, DocumentNotFound, IllegalDocumentTransition)

    def _expect(self, outcome: Outcome, *refusals: type[DomainError]) -> None:
        self._city.watch.check(outcome.fits(*refusals), "22", f"an operator was refused: {outcome.refusal!r}")

    async def _act(self) -> None:
        while not self._city.calm:
            await asyncio.sleep(self._chance.uniform(10, 60))
            acts = (self._sign_out, self._disable, self._change_roles, self._suspend, self._reset)
            await self._chance.choice(acts)()

    async def _reset(self) -> None:
        """Reset the second factor of a user who has lost it with the recovery codes."""
        accounts = self._city.store.of("auth").items()
        having = sorted(
            uid for uid, account in accounts if account.get("second_factor") and uid not in (UID, SUPPORT)
        )
        if having:
            uid, body = self._chance.choice(having), AccountReasonRequest(reason="came in person")
            await self._do(f"resets {uid}", lambda: people.reset_factor(uid, body, self._me))

    async def _sign_out(self) -> None:
        uid, body = self._any_user(), AccountReasonRequest(reason="a phone was stolen")
        await self._do(f"signs {uid} out", lambda: people.revoke(uid, body, self._me))

    async def _disable(self) -> None:
        """Close an account for a while, whoever's it is; the last request counts."""
        uid = self._chance.choice((*self._city.scenario.people, *COOKS, NEWCOMER))
        body = AccountReasonRequest(reason="fraud")
        await self._do(f"shuts {uid} out", lambda: people.disable(uid, body, self._me))
        await asyncio.sleep(self._chance.choice((0, 5, 20)))
        while self._city.store.of("auth").get(uid, {}).get("disabled"):
            await self._do(f"lets {uid} in", lambda: people.enable(uid, body, self._me))

    async def _close_driver(self) -> None:
        """Close the account of a driver for good, with an order or goods in hand if they come to have any."""
        uid = self._chance.choice(self._city.scenario.drivers)
        for _ in range(200):
            await asyncio.sleep(5)
            if self._city.calm or self._holds(uid):
                break
        body = AccountReasonRequest(reason="found drunk")
        while not (self._city.calm or self._city.store.of("auth").get(uid, {}).get("disabled")):
            await self._do(f"closes {uid}", lambda: people.disable(uid, body, self._me))

    def _holds(self, uid: str) -> bool:
        """Return whether a driver has an order that has not ended."""
        states = [order["fulfilment"] for order in self._city.orders_of("driver", uid)]
        return any(state in ("ready", "picked_up", "in_transit", "arrived", "failed") for state in states)

    async def _change_roles(self) -> None:
        """Grant a user a role and revoke it, at the same moment."""
        uid = self._any_user()
        give = RolesRequest(reason="helps out", grant=[Role.SUPPORT])
        take = RolesRequest(reason="went away", revoke=[Role.SUPPORT])
        await asyncio.gather(
            self._do(f"promotes {uid}", lambda: people.set_roles(uid, give, self._me)),
            self._do(f"demotes {uid}", lambda: people.set_roles(uid, take, self._me)),
        )

    def _any_user(self) -> str:
        return self._chance.choice(self._city.scenario.people or ("unknown",))

    async def _suspend(self) -> None:
        """Suspend a shop and approve it again, or reject an application."""
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
