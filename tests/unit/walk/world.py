"""Every public function over one database in memory, and a town in which each role has something to lose."""

from __future__ import annotations

import copy
import importlib
import json
import re
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest

from shared.adapters.firebase_auth import FirebaseTokens
from shared.adapters.firestore.accounts import sessions_of
from shared.adapters.firestore.codec import to_document
from shared.composition.dispatch import DispatchPorts
from shared.composition.payments import PaymentsPorts
from shared.composition.public import CallerPorts
from shared.dispatch.usecases.make_offer import FindDriver, make_offer
from shared.identity.domain import Session
from shared.kernel.actor import Principal
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.payments.usecases.record_capture import RecordCapture, record_capture
from tests.fakes.accounts import FOR_EVER, SIGNED_IN, Caller, MemoryStatusCache
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.dispatch import MemoryDeadlines, MemoryDriverIndex
from tests.fakes.gateway import MANIFESTS, Gateway
from tests.fakes.identities import FakeIdentities
from tests.fakes.maps import FakeMap
from tests.fakes.object_store import FakeObjectStore, InlineSanitiser
from tests.fakes.payments import FakeGateway
from tests.fakes.runtime import NOW, FakeRuntime, run_on
from tests.simulation.ports.outside import PlainCipher
from tools.docs.openapi.document import TARGET

API = "/api/v1"
PROJECT = "demo-waybill"
HERE = {"lat": 12.9784, "lng": 77.6408}
HOME = {"lat": 12.9719, "lng": 77.6412, "address": "12th Main"}
CANARY = "Canary Street"
"""What a stranger may read nowhere: the address of the order."""

LATER_S = 20 * 86_400
"""So long after the first sign-in is after everything that happens in the town."""

WHY = {"reason": "fraud"}
PROFILE = {
    "name": "Dosa Corner",
    "category": "South Indian",
    "location": HERE,
    "address": "100 Feet Road",
    "prep_minutes": 15,
}
DISH = {"id": "itm_dosa", "name": "Masala dosa", "price": 12_000, "stocked": True}
STAFF, COOK, CUSTOMER, DRIVER, ADMIN, SUPPORT = "owner", "cook", "customer", "driver", "admin", "support"
ROLES = (CUSTOMER, STAFF, COOK, DRIVER, ADMIN, SUPPORT)


def operations() -> dict[str, dict[str, Any]]:
    """Return the published operations by method and path, the common prefix left out."""
    paths = json.loads(TARGET.read_text())["paths"]
    return {
        f"{method.upper()} {path.removeprefix(API)}": operation
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


def token(uid: str, *, later: int = 0, lives_s: int = 3_600) -> str:
    """Return an ID token as the Auth emulator issues it: of a sign-in so many seconds after the first."""
    now = int(time.time())
    claims = {
        "sub": uid,
        "aud": PROJECT,
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "iat": now - 7_200,
        "exp": now + lives_s,
        "auth_time": int(SIGNED_IN.timestamp()) + later,
        "email": f"{uid}@example.com",
        "email_verified": True,
        "phone_number": "+919800000001",
        "name": uid.title(),
        "firebase": {"sign_in_provider": "password", "identities": {}},
    }
    return jwt.encode(claims, "", algorithm="none")


class World:
    """A shop, an order on its way, and everybody who has to do with it; `ids` and `bodies` name it all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database, self.bus = MemoryDatabase(), MemoryBus()
        self.index, self.statuses = MemoryDriverIndex(), MemoryStatusCache()
        self.identities, self.gateway = FakeIdentities(), FakeGateway()
        self.files = FakeObjectStore(now=NOW)
        self.index.now = NOW
        self.runtime = FakeRuntime(
            database=self.database,
            bus=self.bus,
            settings={"documents_required": False, "offer_seconds": 30},
            externals={
                "driver index": self.index,
                "driver positions": self.index,
                "status cache": self.statuses,
                "identity provider": self.identities,
                "payment gateway": self.gateway,
                "object store": self.files,
                "image sanitiser": InlineSanitiser(),
                "geocoder": FakeMap(),
                "secret cipher": PlainCipher(),
                "queue offers": None,
                "queue sweeps": None,
            },
        )
        tokens = FirebaseTokens(PROJECT, emulator="on", clock=lambda: SIGNED_IN.timestamp() + 2 * LATER_S)
        callers = CallerPorts(self.runtime)  # read through the copies, as in production
        apps = {}
        for name, manifest in MANIFESTS.items():
            if manifest.http:
                app = apps[name] = importlib.import_module(f"functions.{name}.main").app
                ports = run_on(
                    app, self.runtime, monkeypatch, tokens=lambda: tokens, roles=lambda: callers.roles
                )
                if name == "tracking_api":
                    monkeypatch.setitem(app.state._state, "roles", lambda ports=ports: ports.roles)
        self._app, self._keys = Gateway(apps), 0
        self.ids: dict[str, str] = {}
        self.ids_of_admin: dict[str, str] = {}
        """Whom admins act on: nobody else depends on them."""
        self.bodies: dict[str, Any] = {}

    async def send(self, bearer: str, method: str, path: str, body: Any = None) -> httpx.Response:
        """Send one request with a token, or without one, and a new idempotency key."""
        self._keys += 1
        return await Caller(self._app, bearer)(method, path, body, key=f"key-{self._keys:06}")

    async def done(self, uid: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Send a request that has to succeed, as a person, and return the answer."""
        answer = await self.send(token(uid), method, f"{API}{path}", body)
        assert answer.status_code < 300, f"{method} {path}: {answer.text}"
        return dict(answer.json()) if answer.content else {}

    async def ask(self, bearer: str, name: str, operation: Mapping[str, Any]) -> httpx.Response:
        """Make the request of an operation about the things of this town."""
        method, path = name.split()
        ids = self.ids | (self.ids_of_admin if path.startswith("/admin/") else {})
        known = re.sub(r"{(\w+)}", lambda match: ids.get(match[1], f"{match[1]}_unheard_of"), path)
        example = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        body = self.bodies.get(name, example.get("example"))
        return await self.send(bearer, method, known if path.startswith("/webhooks") else API + known, body)

    def state(self) -> dict[str, Any]:
        """Return all that a request could move."""
        return copy.deepcopy(
            {
                "documents": self.database.docs,
                "events": [message.id for message in self.bus.messages],
                "index": self.index._entries,
                "disabled": self.identities.disabled,
                "signed out": self.identities.signed_out,
                "bills": sorted(self.gateway.bills),
                "files": self.files.files,
                "uploads": sorted(self.files._uploads),
            }
        )

    def operator(self, uid: str, role: str) -> None:
        """Give a person a role in operations and a session with recent MFA."""
        person = Principal(uid, auth_time=int(SIGNED_IN.timestamp()))
        account = {"uid": uid, "roles": [role], "second_factor": True}
        session = Session(person.session_id, SIGNED_IN, SIGNED_IN, recent_mfa_until=FOR_EVER)
        self.database.seed(f"auth/{uid}", account)
        self.database.seed(sessions_of(uid).path(session.id), to_document(session))

    async def build(self) -> None:
        """Open the shop, and bring an order to its driver."""
        self.identities.users |= {*ROLES, "root", "rude", "new_member"}
        for uid, role in (("root", "admin"), (ADMIN, "admin"), (SUPPORT, "support")):
            self.operator(uid, role)
        for uid in ROLES:
            await self.done(uid, "GET", "/me")
        await self._open()
        await self._order()
        await self._belongings()
        await self._applicants()

    async def _applicants(self) -> None:
        await self.done("applicant", "GET", "/me")
        await self.done("applicant", "POST", "/drivers", {"name": "Bala", "vehicle": "scooter"})
        other = (await self.done("applicant", "POST", "/merchants", PROFILE))["id"]
        await self.done("applicant", "PUT", f"/merchants/{other}/menu", {"items": [DISH]})
        self.ids_of_admin = {"uid": "applicant", "merchant_id": other}

    async def _open(self) -> None:
        shop = (await self.done(STAFF, "POST", "/merchants", PROFILE))["id"]
        await self.done(STAFF, "PUT", f"/merchants/{shop}/menu", {"items": [DISH | {"stocked": False}]})
        await self.done("root", "POST", f"/admin/merchants/{shop}/approve")
        await self.done(STAFF, "POST", f"/merchants/{shop}/open")
        await self.done(STAFF, "PUT", f"/merchants/{shop}/staff/{COOK}")
        self.ids |= {"merchant_id": shop, "item_id": "itm_dosa", "version": "1", "member": "new_member"}

    async def _order(self) -> None:
        shop, wish = self.ids["merchant_id"], self._wish()
        order = await self._place(CUSTOMER, wish)
        payment = await self.done(CUSTOMER, "POST", "/payments", {"order_id": order, "method": "upi_intent"})
        self.gateway.pay(payment["link"])
        bill = next(b for b in self.gateway.bills.values() if b.request.payment_id == payment["id"])
        command = RecordCapture(payment["id"], SubjectRef(ChargeKind.ORDER, order), bill.charge)
        await record_capture(command, store=PaymentsPorts(self.runtime).store, now=NOW)
        for step in ("confirm", "prepare", "ready"):
            await self.done(STAFF, "POST", f"/orders/{order}/{step}")
        await self.done(DRIVER, "POST", "/drivers", {"name": "Imran", "vehicle": "scooter"})
        await self.done("root", "POST", f"/admin/drivers/{DRIVER}/approve")
        await self.done(DRIVER, "POST", "/driver/go-online", HERE)
        dispatch = DispatchPorts(self.runtime)
        dispatch.deadlines = MemoryDeadlines()
        await make_offer(FindDriver(order), ports=dispatch, now=NOW)
        [offer] = self.database.collection("offers")
        await self.done(DRIVER, "POST", f"/driver/offers/{offer}/accept")
        rude = await self._place("rude", wish)
        unwanted = {"order_id": rude, "reason": "Rude"}
        await self.done(STAFF, "POST", f"/merchants/{shop}/blocks", unwanted)
        quote = await self.done(CUSTOMER, "POST", "/quotes", wish)
        self.ids |= {"order_id": order, "payment_id": payment["id"], "offer_id": offer, "customer_id": "rude"}
        self.ids |= {"uid": DRIVER, "blocked": DRIVER}
        self.bodies |= {
            "POST /orders": {"quote_id": quote["id"]},
            "POST /quotes": wish,
            "POST /payments": {"order_id": order, "method": "upi_intent"},
            "POST /me/blocks": {"uid": DRIVER, "reason": "Rude"},
            "POST /merchants/{merchant_id}/blocks": unwanted,
            "POST /reviews": {"order_id": order, "stars": 5},
        }

    async def _place(self, uid: str, wish: Mapping[str, Any]) -> str:
        quote = await self.done(uid, "POST", "/quotes", wish)
        return str((await self.done(uid, "POST", "/orders", {"quote_id": quote["id"]}))["id"])

    def _wish(self) -> dict[str, Any]:
        items = [{"item_id": "itm_dosa", "quantity": 2}]
        dropoff = HOME | {"address": CANARY}
        return {"merchant_id": self.ids["merchant_id"], "items": items, "dropoff": dropoff}

    async def _belongings(self) -> None:
        document = {"kind": "identity", "content_type": "image/jpeg", "size": 1_000}
        home = {"label": "Home", "address": CANARY, "location": HERE}
        series = self._wish() | {"rule": "FREQ=DAILY", "starts_at": (NOW + timedelta(days=1)).isoformat()}
        device = {"token": "phone-of-the-customer", "platform": "web"}
        made = {
            "device_id": await self.done(CUSTOMER, "POST", "/me/devices", device),
            "address_id": await self.done(CUSTOMER, "POST", "/me/addresses", home),
            "document_id": await self.done(CUSTOMER, "POST", "/me/documents", document),
            "recurrence_id": await self.done(CUSTOMER, "POST", "/recurrences", series),
        }
        await self.done(CUSTOMER, "POST", "/me/blocks", {"uid": DRIVER, "reason": "Rude"})
        self.ids |= {name: str(answer["id"]) for name, answer in made.items()}
        self.ids["session_id"] = Principal(CUSTOMER, auth_time=int(SIGNED_IN.timestamp())).session_id
        self.bodies |= {
            "POST /me/documents": document,
            "POST /me/addresses": home | {"address": "Own Street"},
            "POST /recurrences": series | {"dropoff": HOME},
            "POST /merchants/{merchant_id}/menu/items/{item_id}/availability": {"available": False},
            "PUT /merchants/{merchant_id}/capacity": {"max_open_orders": 5},
            "PUT /merchants/{merchant_id}/menu": {"items": [DISH | {"price": 1}]},
            "POST /driver/location": {"points": [HERE | {"at": NOW.isoformat()}]},
        }
