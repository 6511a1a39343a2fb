"""A town of functions over one database in memory: orders, catalogue, payments, profiles and notifications.

People act through the API. Events go to the handlers that subscribe to them, and the scheduler's jobs run,
when a test says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import httpx
import pytest

from functions.catalogue_api.main import app as catalogue_app
from functions.notifications_events.handlers import HANDLERS as NOTIFICATIONS
from functions.notifications_events.main import app as notifications_app
from functions.orders_api.main import app as orders_app
from functions.orders_events.handlers import HANDLERS as ORDERS
from functions.orders_events.main import app as orders_events_app
from functions.payments_api.main import app as payments_app
from functions.payments_events.main import app as payments_events_app
from functions.payments_events.routes import HANDLERS as PAYMENTS
from functions.profiles_api.main import app as profiles_app
from shared.adapters.firestore.accounts import FirestoreRoles
from shared.composition.orders import OrdersPorts
from shared.composition.payments import PaymentsPorts
from shared.kernel.batch import Batch, BatchResult
from shared.kernel.event import Event
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.orders.recurrences.usecases.place_occurrences import place_occurrences
from shared.orders.usecases.sweep_orders import sweep_orders
from shared.payments.usecases.record_capture import RecordCapture, record_capture
from shared.schema import schema
from tests.fakes.accounts import Caller, seed_operator
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.gateway import Gateway
from tests.fakes.notifications import FakePush
from tests.fakes.payments import FakeGateway
from tests.fakes.runtime import NOW, FakeRuntime, run_on

OWNER, ASHA, ADMIN = "ravi", "asha", "root"
SHOP_AT = {"lat": 12.9784, "lng": 77.6408}
HOME = {"lat": 12.9719, "lng": 77.6412, "address": "12th Main"}
MENU: Sequence[Mapping[str, Any]] = (
    {"id": "itm_dosa", "name": "Masala dosa", "price": 12_000},
    {
        "id": "itm_thali",
        "name": "Thali",
        "price": 20_000,
        "modifier_groups": [
            {
                "id": "grp_bread",
                "name": "Bread",
                "min": 1,
                "max": 1,
                "modifiers": [
                    {"id": "mod_roti", "name": "Roti", "price_delta": 0},
                    {"id": "mod_naan", "name": "Naan", "price_delta": 3_000},
                ],
            }
        ],
    },
    {"id": "itm_cake", "name": "Plum cake", "price": 30_000, "stocked": True},
)
DOSA = {"item_id": "itm_dosa", "quantity": 2}


class Clock:
    """A clock that shows the time to which a test sets it."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> datetime:
        """Move the clock and return the time."""
        self.now += timedelta(**by)
        return self.now


class Town:
    """The functions, one clock, and everything that they run on."""

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        *,
        settings: Mapping[str, Any] | None = None,
        policies: Mapping[type[Any], Any] | None = None,
    ) -> None:
        self.database, self.bus, self.clock = MemoryDatabase(), MemoryBus(), Clock()
        self.gateway, self.push = FakeGateway(), FakePush()
        self.runtime = FakeRuntime(
            database=self.database,
            bus=self.bus,
            clock=self.clock,
            settings={
                "documents_required": False,
                "payment_webhook_secrets": {"upi": ["secret"]},
                **(settings or {}),
            },
            policies=policies,
            externals={"payment gateway": self.gateway, "push": self.push},
        )
        apps = {
            "catalogue_api": catalogue_app,
            "orders_api": orders_app,
            "payments_api": payments_app,
            "profiles_api": profiles_app,
        }
        for app in apps.values():
            run_on(app, self.runtime, monkeypatch, roles=lambda: FirestoreRoles(self.database))
        self._subscribers = [
            (NOTIFICATIONS, run_on(notifications_app, self.runtime, monkeypatch)),
            (PAYMENTS, run_on(payments_events_app, self.runtime, monkeypatch)),
            (ORDERS, run_on(orders_events_app, self.runtime, monkeypatch)),
        ]
        self._api = Gateway(apps)
        self._delivered = self._keys = 0
        self.orders = OrdersPorts(self.runtime)
        seed_operator(self.database, ADMIN)

    def person(self, uid: str, *, muted: Sequence[str] = (), language: str = "en") -> None:
        """Give a person a phone, named as they are."""
        user = {"uid": uid, "language": language, "push_tokens": [uid], "muted": list(muted)}
        self.database.seed(f"users/{uid}", user)

    async def call(
        self, uid: str, method: str, path: str, json: Any = None, *, key: str = "", **headers: str
    ) -> httpx.Response:
        """Send a request as a person."""
        return await Caller(self._api, uid)(method, f"/api/v1{path}", json, key=key, **headers)

    async def done(
        self, uid: str, method: str, path: str, json: Any = None, *, key: str | None = None
    ) -> dict[str, Any]:
        """Send a request that has to succeed, with a key of its own, and return the answer."""
        self._keys += 1
        sent = key or f"key-{self._keys:06}"
        answer = await self.call(uid, method, path, json, key="" if method == "GET" else sent)
        assert answer.status_code < 300, answer.text
        return dict(answer.json()) if answer.content else {}

    async def shop(
        self, *, owner: str = OWNER, business: str = "food", menu: Sequence[Mapping[str, Any]] = MENU
    ) -> str:
        """Open a shop by the API and return its id."""
        profile = {
            "name": "Dosa Corner",
            "category": "South Indian",
            "location": SHOP_AT,
            "address": "100 Feet Road",
            "prep_minutes": 15,
            "business": business,
        }
        shop_id = str((await self.done(owner, "POST", "/merchants", profile))["id"])
        await self.done(owner, "PUT", f"/merchants/{shop_id}/menu", {"items": list(menu)})
        await self.done(ADMIN, "POST", f"/admin/merchants/{shop_id}/approve")
        await self.done(owner, "POST", f"/merchants/{shop_id}/open")
        return shop_id

    async def quote(self, shop_id: str, *items: Mapping[str, Any], uid: str = ASHA, **more: Any) -> Any:
        """Ask for a quote, of two dosas unless items are given."""
        body = {"merchant_id": shop_id, "items": list(items) or [DOSA], "dropoff": HOME, **more}
        return await self.call(uid, "POST", "/quotes", body)

    async def place(self, quote_id: str, *, uid: str = ASHA) -> httpx.Response:
        """Place the order of a quote."""
        self._keys += 1
        return await self.call(uid, "POST", "/orders", {"quote_id": quote_id}, key=f"key-{self._keys:06}")

    async def ordered(
        self, shop_id: str, *items: Mapping[str, Any], uid: str = ASHA, **more: Any
    ) -> dict[str, Any]:
        """Quote and place an order, and return it."""
        quoted = await self.quote(shop_id, *items, uid=uid, **more)
        assert quoted.status_code == 201, quoted.text
        placed = await self.place(quoted.json()["id"], uid=uid)
        assert placed.status_code == 201, placed.text
        return dict(placed.json())

    async def pay(self, order_id: str, *, uid: str = ASHA) -> None:
        """Pay an order by its link, and let the gateway report the charge."""
        body = {"order_id": order_id, "method": "upi_intent"}
        payment = await self.done(uid, "POST", "/payments", body)
        await self.captured(payment["link"], order_id)

    async def captured(self, link: str, order_id: str) -> None:
        """Let the customer pay a link, and the gateway report the charge."""
        self.gateway.pay(link)
        bill = next(bill for bill in self.gateway.bills.values() if bill.intent.link == link)
        subject = SubjectRef(ChargeKind.ORDER, order_id)
        command = RecordCapture(bill.request.payment_id, subject, bill.charge)
        await record_capture(command, store=PaymentsPorts(self.runtime).store, now=self.clock())

    async def order(self, order_id: str, *, uid: str = ASHA) -> dict[str, Any]:
        """Return an order as a party reads it."""
        return await self.done(uid, "GET", f"/orders/{order_id}")

    async def deliver(self) -> None:
        """Deliver every event that was published and not delivered yet to its subscribers."""
        while self._delivered < len(self.bus.messages):
            message = self.bus.messages[self._delivered]
            self._delivered += 1
            for handlers, ports in self._subscribers:
                known: dict[str, type[Event]] = {event.TYPE: event for event in handlers}
                if event := known.get(message.type):
                    decoded = schema(cast(Any, event)).validate_json(message.data)
                    await handlers[event](decoded, ports, self.clock())

    async def sweep(self) -> BatchResult:
        """Run the job that sweeps orders, and deliver what it publishes."""
        result = await sweep_orders(orders=self.orders.orders, batch=Batch(clock=self.clock))
        await self.deliver()
        return result

    async def place_occurrences(self) -> BatchResult:
        """Run the job that places recurring orders, and deliver what it publishes."""
        ports, ids = self.orders.placement, self.runtime.new_id
        result = await place_occurrences(ports=ports, batch=Batch(clock=self.clock), new_id=ids)
        await self.deliver()
        return result

    def inbox(self, uid: str) -> list[tuple[str, str, str]]:
        """Return the template, title and body of a person's notifications, oldest first."""
        entries = self.database.collection(f"users/{uid}/inbox").values()
        ordered = sorted(entries, key=lambda entry: entry["at"])
        return [(entry["template"], entry["title"], entry["body"]) for entry in ordered]

    def pushed(self, uid: str) -> list[str]:
        """Return the titles that a person's phone shows."""
        return self.push.titles(uid)
