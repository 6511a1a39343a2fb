"""A small town of one's own for an end-to-end test: people who signed up for real, a shop, a driver.

Towns lie degrees apart, so that no test's order is offered to another test's driver.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx

from emulators.client import documents
from emulators.client.api import ApiClient, open_http
from emulators.client.auth import Credentials, Identity
from emulators.client.joining import join_as_driver, join_as_merchant, join_as_operator
from emulators.client.operations import accounts, admin, drivers, merchants, orders
from emulators.client.upi_app import UpiApp
from emulators.stack.admin import operator_account
from shared.identity.enrolment_codes import CODE_BYTES, code_of
from tests.e2e.answers import eventually, ok, refused
from tests.patience import HANG_SECONDS
from tests.stack import RunningStack

__all__ = ["PASSWORD", "ZONE_DEGREES", "ApiClient", "Town", "eventually", "ok", "refused", "square", "town"]

PROJECT = "demo-waybill"
PASSWORD = "correct horse battery"
ZONE_DEGREES = 0.1
"""Half the width of a town's zone: it ends 11 km north of the shop, which would bring up to 15 km far."""

_numbers = count(1)
_towns = count()
_RUN = secrets.randbelow(10**6)


def square(lat: float, lng: float, half: float) -> dict[str, Any]:
    """Return a square around a point as GeoJSON; `half` of its width is in degrees."""
    west, south, east, north = lng - half, lat - half, lng + half, lat + half
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@dataclass(slots=True)
class Town:
    """One shop with a menu of two dishes (one of them sold out), its staff, and whoever moves here.

    It lies in a service zone of its own, so that the zones of other tests do not shut it out.
    """

    stack: RunningStack
    http: httpx.AsyncClient
    identity: Identity
    lat: float
    lng: float
    admin: ApiClient = field(init=False)
    staff: ApiClient = field(init=False)
    merchant_id: str = ""
    dosa: str = ""
    sold_out: str = ""

    async def person(self, name: str = "Asha Rao") -> ApiClient:
        """Return someone new, with verified e-mail and phone."""
        number = next(_numbers)
        credentials = Credentials(f"person-{_RUN}-{number}@example.com", PASSWORD)
        phone = f"+91{9_000_000_000 + _RUN * 100 + number}"
        return ApiClient(self.http, self.stack.url, await self.identity.sign_up(name, credentials, phone))

    async def build(self) -> None:
        """Draw the zone and open the shop."""
        self.admin = await self.operator("admin")
        await self.serve(self.lat, self.lng, ZONE_DEGREES)
        self.staff = await self.person("Ravi Kumar")
        items = [
            {"name": "Masala dosa", "price": 12_000},
            {"name": "Vada", "price": 4_500, "available": False},
        ]
        self.merchant_id, menu = await self.shop(self.staff, items)
        self.dosa, self.sold_out = (item["id"] for item in menu)

    async def shop(
        self, owner: ApiClient, items: list[dict[str, Any]], *, north: float = 0.0, **said: Any
    ) -> tuple[str, list[dict[str, Any]]]:
        """Open a shop, so many degrees north of the town's middle; return its id and the items."""
        location = {"lat": self.lat + north, "lng": self.lng}
        merchant = {"name": "Dosa Corner", "category": "south indian", "prep_minutes": 15}
        merchant |= {"location": location, "address": "100 Feet Road"}
        merchant_id, menu = await join_as_merchant(owner, self.admin, merchant | said, items)
        await owner.do(merchants.open_merchant(merchant_id))
        return merchant_id, menu

    async def serve(self, lat: float, lng: float, half: float) -> str:
        """Have the admin draw a square service zone; return its id."""
        return str((await self.admin.do(admin.create_zone("Town", square(lat, lng, half))))["id"])

    async def operator(self, role: str) -> ApiClient:
        """Return an operator of the town's own, stepped up: what a test does to them harms no other town."""
        operator = await self.person("Rani Operator")
        base = f"http://{self.stack.env['FIRESTORE_EMULATOR_HOST']}/v1/projects/{PROJECT}/databases/(default)"
        code = code_of(secrets.token_bytes(CODE_BYTES))
        fields = operator_account(operator.uid, code, role)
        granted = await self.http.patch(
            f"{base}/documents/auth/{operator.uid}",
            json={"fields": fields},
            headers={"Authorization": "Bearer owner"},
        )
        granted.raise_for_status()
        await join_as_operator(operator, code)
        return operator

    async def show(self, owner: ApiClient, *kinds: str, merchant_id: str | None = None) -> None:
        """Submit verification documents of a person, and approve them as the admin."""
        await documents.submit_and_approve(owner, self.admin, *kinds, merchant_id=merchant_id)

    async def driver(self) -> ApiClient:
        """Return an approved driver who is online at the shop's door."""
        driver = await self.person("Imran Khan")
        await join_as_driver(driver, self.admin, "Imran", "scooter")
        await driver.do(drivers.go_online(self.lat, self.lng))
        await self.ping(driver)
        return driver

    async def ping(self, driver: ApiClient) -> None:
        """Post the driver's position: at the shop's door."""
        point = {"lat": self.lat, "lng": self.lng, "at": datetime.now(UTC).isoformat()}
        await driver.do(drivers.report_positions([point]))

    def wish(self, **changes: Any) -> dict[str, Any]:
        """Return a quote request for two dosas, a kilometre away."""
        dropoff = {"lat": self.lat + 0.009, "lng": self.lng, "address": "12th Main"}
        items = [{"item_id": self.dosa, "quantity": 2}]
        return {"merchant_id": self.merchant_id, "items": items, "dropoff": dropoff} | changes

    async def place(self, customer: ApiClient, **changes: Any) -> str:
        """Quote and place an order; return its id. `changes` are to the wish."""
        quote = await customer.do(orders.make_quote(**self.wish(**changes)))
        return str((await customer.do(orders.place_order(quote["id"])))["id"])

    async def settle(self, customer: ApiClient, **subject: str) -> dict[str, Any]:
        """Pay through the UPI app: `order_id` or `tip_id`. The webhook comes in its own time."""
        payment = await customer.do(orders.start_payment("upi_intent", **subject))
        await UpiApp(self.http, self.stack.env["UPI_API_URL"]).pay(payment["link"])
        return payment

    async def pay(self, customer: ApiClient, order_id: str) -> dict[str, Any]:
        """Pay an order and wait until the webhook has marked it captured."""
        payment = await self.settle(customer, order_id=order_id)
        await self.until(customer, order_id, payment="captured")
        return payment

    async def paid(self, customer: ApiClient, **changes: Any) -> str:
        """Place and pay an order; return its id."""
        order_id = await self.place(customer, **changes)
        await self.pay(customer, order_id)
        return order_id

    async def delivered(self, customer: ApiClient, driver: ApiClient, **changes: Any) -> str:
        """Take an order from its quote to its delivery; return its id."""
        order_id = await self.paid(customer, **changes)
        await self.cook(order_id)
        await self.ping(driver)
        await self.accept(driver, order_id)
        await self.carry(driver, order_id)
        return order_id

    async def cook(self, order_id: str) -> None:
        """Let the kitchen take the order and finish it."""
        for step in orders.PREPARATION.values():
            await self.staff.do(step(order_id))

    async def accept(self, driver: ApiClient, order_id: str, attempt: int = 1) -> None:
        """Let a driver accept the offer of an attempt as soon as they have it."""
        await driver.do(drivers.accept_offer(await self.offer(driver, order_id, attempt)))

    async def carry(self, driver: ApiClient, order_id: str, *, to_the_door: bool = False) -> None:
        """Let the driver bring an accepted order to its customer, or only to the door."""
        for step in drivers.DELIVERY.values():
            if not (to_the_door and step is drivers.deliver_order):
                await driver.do(step(order_id))

    async def until(
        self, person: ApiClient, order_id: str, within: float = HANG_SECONDS, **states: str
    ) -> dict[str, Any]:
        """Return the order once its machines are in the given states (fulfilment, assignment, payment)."""

        async def arrived() -> dict[str, Any] | None:
            order = await person.do(orders.get_order(order_id))
            now = {name: order[name] if name == "fulfilment" else order[name]["state"] for name in states}
            return order if now == states else None

        found: dict[str, Any] = await eventually(arrived, within)
        return found

    async def offer(self, driver: ApiClient, order_id: str, attempt: int = 1) -> str:
        """Return the id of an attempt's offer, once this driver has it."""
        offer_id = f"off_{order_id.removeprefix('ord_')}_{attempt}"

        async def made() -> bool:
            return (await driver.send(drivers.get_offer(offer_id))).is_success

        await eventually(made)
        return offer_id

    async def told(self, person: ApiClient, template: str) -> None:
        """Wait until somebody's inbox holds a notification of this kind."""

        async def there() -> bool:
            inbox = (await person.do(accounts.list_notifications()))["notifications"]
            return template in [entry["template"] for entry in inbox]

        await eventually(there)

    async def run_job(self, job: str) -> None:
        """Have the scheduler run a job now, such as `orders_cron/cron/sweep-orders`."""
        url = f"http://{self.stack.addresses['oidc']}/scheduler/jobs/{job}/run"
        (await self.http.post(url)).raise_for_status()

    async def timeline(self, person: ApiClient, order_id: str) -> list[str]:
        """Return the names of what happened to an order."""
        events = (await person.do(orders.list_order_events(order_id)))["events"]
        return [event["type"] for event in events]


@asynccontextmanager
async def town(stack: RunningStack) -> AsyncIterator[Town]:
    """A town of its own, its shop open."""
    number = next(_towns)
    async with open_http(httpx.Timeout(HANG_SECONDS)) as http:
        identity = Identity(http, stack.env["FIREBASE_AUTH_EMULATOR_HOST"], PROJECT)
        place = Town(stack, http, identity, 8.0 + 3 * (number % 8), 70.0 + 3 * (number // 8))
        await place.build()
        yield place
