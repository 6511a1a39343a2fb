"""The operators: they review documents, end sessions, disable accounts, grant roles and suspend shops."""

from __future__ import annotations

import asyncio

from functions.catalogue_api.schemas import ReasonRequest as ShopReason
from functions.dispatch_api.admin_schemas import RejectionReason, SuspensionRequest
from functions.identity_api.admin_schemas import AccountReasonRequest, RolesRequest
from functions.verification_api.schemas import RejectionRequest
from shared.dispatch.review import DriverNotReviewable
from shared.identity.admin import OwnAccount
from shared.kernel.actor import Role
from shared.kernel.audit import AlreadyDecided
from shared.kernel.errors import DomainError
from shared.verification.domain import DocumentNotFound
from shared.verification.review import DocumentOutOfDate
from shared.verification.transitions import IllegalDocumentTransition
from tests.simulation.actors.city import City
from tests.simulation.actors.cooks import COOKS
from tests.simulation.actors.desk import Desk
from tests.simulation.clients import Outcome
from tests.simulation.served import served

drivers = served("dispatch_api.admin_routes")
people = served("identity_api.admin_routes")
shops = served("catalogue_api.admin_routes")
documents = served("verification_api.admin_routes")

UID = "admin-1"
SUPPORT = "support-1"
"""Whose factor stays: without it nobody would look at escalated orders."""

NEWCOMER = "newcomer"
"""Signed up, and never called the API."""

LOOKS_EVERY_S = 8.0
SHARE = 0.2
LAST_STOP_S = 150.0
"""How long before the end of the faults the last shop is suspended."""


class Operators:
    """One operator, who needs recent MFA for everything."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._chance = city.chance(UID)
        self._desk = Desk(UID, Role.ADMIN, city)

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
        await self._desk.open()
        acts = [self._act()] if acts_on_accounts else []
        acts += [self._close_driver()] if closes else []
        await asyncio.gather(self._review_documents(), *acts)

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
            await self._desk.do("looks at", lambda: documents.read(name, self._desk.me))
        draw = 0.0 if self._city.calm else self._chance.random()
        if draw < 0.75:
            await self._approve(name)
        elif draw < 0.9:
            await self._reject(name)
        else:
            await asyncio.gather(self._approve(name), self._reject(name))

    async def _approve(self, name: str) -> None:
        outcome = await self._desk.do(
            f"approves {name[-6:]}", lambda: documents.approve(name, self._desk.me, None)
        )
        if isinstance(outcome.refusal, DocumentOutOfDate):
            await self._reject(name)
        else:
            self._expect(outcome, DocumentNotFound, IllegalDocumentTransition)

    async def _reject(self, name: str) -> None:
        body = RejectionRequest(reason="cannot be read")
        outcome = await self._desk.do(
            f"rejects {name[-6:]}", lambda: documents.reject(name, body, self._desk.me, None)
        )
        self._expect(outcome, AlreadyDecided, DocumentNotFound, IllegalDocumentTransition)

    def _expect(self, outcome: Outcome, *refusals: type[DomainError]) -> None:
        self._city.watch.check(outcome.fits(*refusals), "22", f"an operator was refused: {outcome.refusal!r}")

    async def _act(self) -> None:
        while not self._city.calm:
            await asyncio.sleep(self._chance.uniform(10, 60))
            acts = (
                self._sign_out,
                self._disable,
                self._change_roles,
                self._suspend,
                self._review_driver,
                self._reset,
                self._change_own_roles,
            )
            await self._chance.choice(acts)()

    async def _reset(self) -> None:
        """Reset the second factor of a user who has lost it with the recovery codes."""
        accounts = self._city.store.of("auth").items()
        having = sorted(
            uid for uid, account in accounts if account.get("second_factor") and uid not in (UID, SUPPORT)
        )
        if having:
            uid, body = self._chance.choice(having), AccountReasonRequest(reason="came in person")
            await self._desk.do(f"resets {uid}", lambda: people.reset_factor(uid, body, self._desk.me, None))

    async def _sign_out(self) -> None:
        uid, body = self._any_user(), AccountReasonRequest(reason="a phone was stolen")
        await self._desk.do(f"signs {uid} out", lambda: people.revoke(uid, body, self._desk.me, None))

    async def _disable(self) -> None:
        """Close an account for a while, whoever's it is; the last request counts."""
        uid = self._chance.choice((*self._city.scenario.people, *COOKS, NEWCOMER))
        body = AccountReasonRequest(reason="fraud")
        await self._desk.do(f"shuts {uid} out", lambda: people.disable(uid, body, self._desk.me, None))
        await asyncio.sleep(self._chance.choice((0, 5, 20)))
        while self._city.store.of("auth").get(uid, {}).get("disabled"):
            await self._desk.do(f"lets {uid} in", lambda: people.enable(uid, body, self._desk.me, None))

    async def _close_driver(self) -> None:
        """Close the account of a driver for good, with an order or goods in hand if they come to have any."""
        uid = self._chance.choice(self._city.scenario.drivers)
        for _ in range(200):
            await asyncio.sleep(5)
            if self._city.calm or self._holds(uid):
                break
        body = AccountReasonRequest(reason="found drunk")
        while not (self._city.calm or self._city.store.of("auth").get(uid, {}).get("disabled")):
            await self._desk.do(f"closes {uid}", lambda: people.disable(uid, body, self._desk.me, None))

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
            self._desk.do(f"promotes {uid}", lambda: people.set_roles(uid, give, self._desk.me, None)),
            self._desk.do(f"demotes {uid}", lambda: people.set_roles(uid, take, self._desk.me, None)),
        )

    async def _change_own_roles(self) -> None:
        """Try to grant themselves a role, which another admin has to do."""
        give = RolesRequest(reason="drives on Sundays", grant=[Role.DRIVER])
        outcome = await self._desk.do(
            "promotes themselves", lambda: people.set_roles(UID, give, self._desk.me, None)
        )
        self._expect(outcome, OwnAccount)

    def _any_user(self) -> str:
        return self._chance.choice(self._city.scenario.people or ("unknown",))

    async def _review_driver(self) -> None:
        """Suspend a driver for a while, or reject an applicant, and approve them again."""
        uid = self._chance.choice([*self._city.store.of("drivers")] or [None])
        if uid is None or self._city.now() > self._city.scenario.faults_s - LAST_STOP_S:
            return
        await self._desk.do(f"looks at {uid}", lambda: drivers.read(uid, self._desk.me))
        stop, reason = SuspensionRequest(reason="complaints"), RejectionReason(reason="no licence")
        outcomes = [
            await self._desk.do(f"suspends {uid}", lambda: drivers.suspend(uid, stop, self._desk.me, None)),
            await self._desk.do(f"rejects {uid}", lambda: drivers.reject(uid, reason, self._desk.me, None)),
        ]
        for outcome in outcomes:
            self._expect(outcome, DriverNotReviewable)
        await self._suspend_for_another_reason(uid)
        await asyncio.sleep(self._chance.choice((0, 5, 20)))
        while not self._city.store.of("drivers")[uid]["approved"]:
            await self._desk.do(f"approves {uid}", lambda: drivers.approve(uid, self._desk.me, None))

    async def _suspend_for_another_reason(self, uid: str) -> None:
        """Suspend a driver who is suspended: the reason is in the audit log, or refused."""
        body = SuspensionRequest(reason="further complaints")
        outcome = await self._desk.do(
            f"suspends {uid} again", lambda: drivers.suspend(uid, body, self._desk.me, None)
        )
        self._expect(outcome, AlreadyDecided, DriverNotReviewable)
        reasons = {entry["reason"] for entry in self._city.store.of("audit").values()}
        kept = outcome.answer is None or body.reason in reasons
        self._city.watch.check(kept, "22", f"the reason for which {uid} was suspended again is lost")

    async def _suspend(self) -> None:
        """Suspend a shop and approve it again, or reject an application."""
        if self._city.now() > self._city.scenario.faults_s - LAST_STOP_S:
            return
        shop = self._chance.choice([*self._city.store.of("merchants").values()] or [None])
        if shop is None:
            return
        name, body = str(shop["id"]), ShopReason(reason="rats")
        review = shops.suspend if shop["approved"] else shops.reject
        await self._desk.do(f"stops {name[-6:]}", lambda: review(name, body, self._desk.me, None))
        await asyncio.sleep(self._chance.choice((1, 10, 30)))
        while not self._city.store.of("merchants")[name]["approved"]:
            await self._desk.do(f"approves {name[-6:]}", lambda: shops.approve(name, self._desk.me, None))
