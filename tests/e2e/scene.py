"""A small town of one's own for an end-to-end test: people who signed up for real, a shop, a driver.

Towns lie degrees apart, so that no test's order is offered to another test's driver.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx

from emulators.city import papers
from emulators.city.api import Api, open_client
from emulators.city.auth import Account, Credentials, Identity
from emulators.city.second_factor import enrol
from emulators.city.upi_app import UpiApp
from tests.stack import RunningStack

PROJECT = "demo-waybill"
PASSWORD = "correct horse battery"
_numbers = count(1)
_towns = count()
_RUN = secrets.randbelow(10**6)


@dataclass(frozen=True, slots=True)
class Person:
    """Someone signed in; their calls return the raw answer, so that a test can look at refusals."""

    http: httpx.AsyncClient
    url: str
    account: Account

    @property
    def uid(self) -> str:
        return self.account.uid

    async def call(self, method: str, path: str, *, key: str | None = "", **request: Any) -> httpx.Response:
        """Call the public API; a POST gets a fresh idempotency key unless `key` says otherwise."""
        headers = {"Authorization": f"Bearer {await self.account.token()}", **request.pop("headers", {})}
        if method == "POST" and key is not None:
            headers["Idempotency-Key"] = key or secrets.token_hex(8)
        return await self.http.request(method, f"{self.url}/api/v1{path}", headers=headers, **request)

    async def post(self, path: str, body: Any = None, *, key: str | None = "") -> httpx.Response:
        """POST `body` as JSON."""
        return await self.call("POST", path, key=key, json={} if body is None else body)

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """GET with query parameters."""
        return await self.call("GET", path, params=params)


def ok(answer: httpx.Response) -> dict[str, Any]:
    """Return the body of an answer that must be a success."""
    assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text}"
    body: dict[str, Any] = answer.json() if answer.content else {}
    return body


def refused(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """Return the problem of an answer that must be this refusal."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code or problem["code"]), answer.text
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    return problem


async def eventually(check: Callable[[], Awaitable[Any]], within: float = 60) -> Any:
    """Return the first true result of `check`, asked again and again; TimeoutError when there is none."""
    async with asyncio.timeout(within):
        while not (result := await check()):  # noqa: ASYNC110 - it happens in other processes
            await asyncio.sleep(0.05)
        return result


@dataclass(slots=True)
class Town:
    """One shop with a menu of two dishes (one of them sold out), its staff, and whoever moves here."""

    stack: RunningStack
    http: httpx.AsyncClient
    identity: Identity
    lat: float
    lng: float
    admin: Person = field(init=False)
    staff: Person = field(init=False)
    merchant_id: str = ""
    dosa: str = ""
    sold_out: str = ""

    async def person(self, name: str = "Asha Rao") -> Person:
        """Return someone new, with verified e-mail and phone."""
        number = next(_numbers)
        credentials = Credentials(f"person-{_RUN}-{number}@example.com", PASSWORD)
        phone = f"+91{9_000_000_000 + _RUN * 100 + number}"
        return Person(self.http, self.stack.url, await self.identity.sign_up(name, credentials, phone))

    async def build(self) -> None:
        """Open the shop."""
        self.admin = await self._new_admin()
        self.staff = await self.person("Ravi Kumar")
        location = {"lat": self.lat, "lng": self.lng}
        merchant = {"name": "Dosa Corner", "category": "south indian", "prep_minutes": 15}
        merchant |= {"location": location, "address": "100 Feet Road"}
        self.merchant_id = ok(await self.staff.post("/merchants", merchant))["id"]
        await self.show(self.staff, *papers.OF_KITCHENS, merchant_id=self.merchant_id)
        ok(await self.admin.post(f"/admin/merchants/{self.merchant_id}/approve"))
        items = [
            {"name": "Masala dosa", "price": 12_000},
            {"name": "Vada", "price": 4_500, "available": False},
        ]
        menu = ok(await self.staff.call("PUT", f"/merchants/{self.merchant_id}/menu", json={"items": items}))
        self.dosa, self.sold_out = (item["id"] for item in menu["items"])
        ok(await self.staff.post(f"/merchants/{self.merchant_id}/open"))

    async def _new_admin(self) -> Person:
        """Return an admin of the town's own, stepped up: what a test does to them harms no other town."""
        admin = await self.person("Rani Admin")
        base = f"http://{self.stack.env['FIRESTORE_EMULATOR_HOST']}/v1/projects/{PROJECT}/databases/(default)"
        roles = {"fields": {"roles": {"arrayValue": {"values": [{"stringValue": "admin"}]}}}}
        granted = await self.http.patch(
            f"{base}/documents/users/{admin.uid}", json=roles, headers={"Authorization": "Bearer owner"}
        )
        granted.raise_for_status()
        await enrol(Api(self.http, self.stack.url, admin.account))
        return admin

    async def show(self, owner: Person, *kinds: str, merchant_id: str | None = None) -> None:
        """Let somebody hand in papers, and the town's admin approve them."""
        owners, admins = (Api(self.http, self.stack.url, person.account) for person in (owner, self.admin))
        await papers.show(owners, admins, *kinds, merchant_id=merchant_id)

    async def driver(self) -> Person:
        """Return an approved driver who is online at the shop's door."""
        driver = await self.person("Imran Khan")
        ok(await driver.post("/drivers", {"name": "Imran", "vehicle": "scooter"}))
        await self.show(driver, *papers.OF_DRIVERS)
        ok(await self.admin.post(f"/admin/drivers/{driver.uid}/approve"))
        ok(await driver.post("/driver/go-online", {"lat": self.lat, "lng": self.lng}))
        await self.ping(driver)
        return driver

    async def ping(self, driver: Person) -> None:
        """Post the driver's position: at the shop's door."""
        point = {"lat": self.lat, "lng": self.lng, "at": datetime.now(UTC).isoformat()}
        ok(await driver.post("/driver/location", {"points": [point]}, key=None))

    def wish(self, **changes: Any) -> dict[str, Any]:
        """Return a quote request for two dosas, a kilometre away."""
        dropoff = {"lat": self.lat + 0.009, "lng": self.lng, "address": "12th Main"}
        items = [{"item_id": self.dosa, "quantity": 2}]
        return {"merchant_id": self.merchant_id, "items": items, "dropoff": dropoff} | changes

    async def place(self, customer: Person) -> str:
        """Quote and place an order; return its id."""
        made = ok(await customer.post("/quotes", self.wish(), key=None))
        return str(ok(await customer.post("/orders", {"quote_id": made["id"]}))["id"])

    async def pay(self, customer: Person, order_id: str) -> dict[str, Any]:
        """Pay an order through the UPI app and wait until the webhook has marked it captured."""
        payment = ok(await customer.post("/payments", {"order_id": order_id, "method": "upi_intent"}))
        await UpiApp(self.http, self.stack.env["UPI_API_URL"]).pay(payment["link"])
        await self.until(customer, order_id, payment="captured")
        return payment

    async def cook(self, order_id: str) -> None:
        """Let the kitchen take the order and finish it."""
        for step in ("confirm", "prepare", "ready"):
            ok(await self.staff.post(f"/orders/{order_id}/{step}"))

    async def until(self, person: Person, order_id: str, within: float = 60, **states: str) -> dict[str, Any]:
        """Return the order once its machines are in the given states (fulfilment, assignment, payment)."""

        async def arrived() -> dict[str, Any] | None:
            order = ok(await person.get(f"/orders/{order_id}"))
            now = {name: order[name] if name == "fulfilment" else order[name]["state"] for name in states}
            return order if now == states else None

        found: dict[str, Any] = await eventually(arrived, within)
        return found

    async def offer(self, driver: Person, order_id: str, attempt: int = 1, within: float = 60) -> str:
        """Return the id of an attempt's offer, once this driver has it."""
        offer_id = f"off_{order_id.removeprefix('ord_')}_{attempt}"

        async def made() -> bool:
            return (await driver.get(f"/driver/offers/{offer_id}")).is_success

        await eventually(made, within)
        return offer_id

    async def timeline(self, person: Person, order_id: str) -> list[str]:
        """Return the names of what happened to an order."""
        events = ok(await person.get(f"/orders/{order_id}/events"))["events"]
        return [event["type"] for event in events]


@asynccontextmanager
async def town(stack: RunningStack) -> AsyncIterator[Town]:
    """A town of its own, its shop open."""
    number = next(_towns)
    async with open_client() as http:
        identity = Identity(http, stack.env["FIREBASE_AUTH_EMULATOR_HOST"], PROJECT)
        place = Town(stack, http, identity, 8.0 + 3 * (number % 8), 70.0 + 3 * (number // 8))
        await place.build()
        yield place
