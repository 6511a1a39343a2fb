"""What the matrix of rights is asked about: a town where everything has been done once."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from emulators.client.operations import drivers, orders
from tests.e2e.scene import ApiClient, Town, ok, square

API = "/api/v1"
DOCUMENT = {"kind": "identity", "content_type": "image/jpeg", "size": 1_000}
ZONE = {"name": "Island", "geometry": square(-40.0, 100.0, 0.1)}
AVAILABILITY = "POST /merchants/{merchant_id}/menu/items/{item_id}/availability"


class Matrix:
    """A town with an order under way, and for each role somebody else who has nothing to do with it."""

    def __init__(self, here: Town, there: Town) -> None:
        self.here, self.there = here, there
        self.ids: dict[str, str] = {}
        self.ids_of_admin: dict[str, str] = {}
        self.bodies: dict[str, Any] = {}
        self.right: dict[str, ApiClient] = {}
        self.strangers: dict[str, ApiClient] = {}
        self.support: ApiClient

    async def build(self) -> None:
        here = self.here
        customer, driver = await here.person(), await here.driver()
        order_id = await here.place(customer)
        payment = await here.pay(customer, order_id)
        await here.cook(order_id)
        offer_id = await here.offer(driver, order_id)
        await driver.do(drivers.accept_offer(offer_id))
        block = {"uid": driver.uid, "reason": "Rude"}
        ok(await customer.post("/me/blocks", block))
        rude = await here.person()
        unwanted = {"order_id": await here.place(rude), "reason": "Rude"}
        ok(await here.staff.post(f"/merchants/{here.merchant_id}/blocks", unwanted))
        self.right = {"customer": customer, "staff": here.staff, "driver": driver, "admin": here.admin}
        self.support = await here.operator("support")
        self.strangers = {
            "customer": await self.there.person(),
            "staff": self.there.staff,
            "driver": await self.there.driver(),
        }
        self.ids = {
            "order_id": order_id,
            "payment_id": payment["id"],
            "offer_id": offer_id,
            "merchant_id": here.merchant_id,
            "item_id": here.dosa,
            "version": "1",
            "uid": driver.uid,
            "member": (await here.person()).uid,
            "blocked": driver.uid,
            "customer_id": rude.uid,
            **await self._belongings(customer),
        }
        self.ids_of_admin = {
            "uid": await self._applicant(),
            "merchant_id": self.there.merchant_id,
        }
        quote = await customer.do(orders.make_quote(**here.wish()))
        dish = {"id": here.dosa, "name": "Masala dosa", "price": 12_000, "stocked": True}
        self.bodies = {
            "POST /me/documents": DOCUMENT,
            "POST /orders/{order_id}/tips": {"amount": 2_000},
            "PUT /merchants/{merchant_id}/capacity": {"max_open_orders": 5},
            "PUT /merchants/{merchant_id}/last-order": {"minutes_before_closing": 0},
            "PUT /merchants/{merchant_id}/hours": {"timezone": "Asia/Kolkata", "weekly": []},
            "PUT /merchants/{merchant_id}/menu": {"items": [dish]},
            "POST /admin/zones": ZONE,
            AVAILABILITY: {"available": False},
            "POST /orders": {"quote_id": quote["id"]},
            "POST /payments": {"order_id": order_id, "method": "upi_intent"},
            "POST /me/blocks": block,
            "POST /merchants/{merchant_id}/blocks": unwanted,
            "POST /reviews": {"order_id": order_id, "stars": 5},
            "PUT /me": {"name": "Asha"},
        }

    async def _belongings(self, customer: ApiClient) -> dict[str, str]:
        here = self.here
        device = ok(await customer.post("/me/devices", {"token": secrets.token_hex(20), "platform": "web"}))
        home = {"label": "Home", "address": "12th Main", "location": {"lat": here.lat, "lng": here.lng}}
        address = ok(await customer.post("/me/addresses", home))
        session = ok(await customer.post("/me/sessions", {"label": "Phone", "platform": "web"}))
        created = ok(await customer.post("/me/documents", DOCUMENT))
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        series = here.wish() | {"rule": "FREQ=DAILY", "starts_at": tomorrow}
        recurrence = ok(await customer.post("/recurrences", series))
        return {
            "device_id": device["id"],
            "address_id": address["id"],
            "session_id": session["id"],
            "document_id": created["id"],
            "recurrence_id": recurrence["id"],
        }

    async def _applicant(self) -> str:
        """Return the uid of somebody who would like to be a driver."""
        applicant = await self.here.person()
        ok(await applicant.get("/me"))
        await applicant.do(drivers.register_driver("Imran", "scooter"))
        return applicant.uid

    async def ask(self, person: ApiClient | None, name: str, operation: Mapping[str, Any]) -> httpx.Response:
        """Make the request of the document's example, about the things of this town."""
        method, path = name.split()
        ids = self.ids | (self.ids_of_admin if path.startswith("/admin/") else {})
        known = re.sub(r"{(\w+)}", lambda match: ids.get(match[1], f"{match[1]}_unheard_of"), path)
        base = "" if known.startswith("/webhooks") else API
        headers = {"Idempotency-Key": secrets.token_hex(8)}
        body = self.bodies.get(name, self._example(operation))
        if person is None:
            url = f"{self.here.stack.url}{base}{known}"
            return await self.here.http.request(method, url, headers=headers, json=body)
        return await person.request(method, known, key=None, headers=headers, json=body)

    @staticmethod
    def _example(operation: Mapping[str, Any]) -> Any:
        content = operation.get("requestBody", {}).get("content", {})
        return content.get("application/json", {}).get("example")
