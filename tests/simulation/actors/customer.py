"""A customer: quotes, places, pays, and sometimes cancels or rates, over a bad network."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from functions.accounts_api import routes as accounts
from functions.accounts_api.schemas import ReviewRequest
from functions.orders_api import routes as orders
from functions.orders_api.schemas import CancelRequest, OrderRequest, QuoteRequest, WantedItem
from functions.payments_api import routes as payments
from functions.payments_api.schemas import PaymentRequest
from shared.edge.schemas import Address
from shared.kernel.ids import derived_id
from shared.payments.domain import Method, PaymentDeclined
from tests.simulation.actors.city import City, near
from tests.simulation.scenario import PLACING_S

LAST_PAYMENT_S = 60.0
"""So long after the end of the faults nobody begins to pay any more."""
LONG_PAUSE_S = 960.0
"""Longer than a payment link lives."""


class Customer:
    """One person with one wish."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(uid)
        self._refused_in_calm = 0

    async def live(self) -> None:
        """Order something, and see it through."""
        await asyncio.sleep(self._chance.uniform(0, PLACING_S))
        order_id = await self._place()
        if order_id is None:
            return
        change_of_mind = self._chance.random() < 0.3
        if change_of_mind:
            cancelling = asyncio.get_running_loop().create_task(self._cancel(order_id))
        if self._chance.random() < 0.93:
            await self._pay(order_id)
        if change_of_mind:
            await cancelling
        await self._rate(order_id)

    async def _place(self) -> str | None:
        quote = await self._client.insist(
            "quotes", lambda: orders.make_quote(self._wish(), self._client.user)
        )
        if quote.answer is None:
            return None
        quote_id = str(quote.answer["id"])
        body = OrderRequest(quote_id=quote_id, note="ring twice")
        key = self._client.key("/orders", "first", quote_id)

        def place() -> Any:
            return orders.place(body, self._client.user, key)

        click = self._client.double if self._chance.random() < 0.4 else self._client.insist
        placed = await click("places", place, key)
        if placed.answer is None:
            return None
        if self._chance.random() < 0.3:
            other = self._client.key("/orders", "first", "another body")
            await self._client.misuse("reuses a key", lambda: orders.place(body, self._client.user, other))
        if self._chance.random() < 0.3:
            again = self._client.key("/orders", "second", quote_id)
            await self._client.call("places again", lambda: orders.place(body, self._client.user, again))
        order_id = str(placed.answer["id"])
        self._city.watch.check(
            order_id in self._city.store.of("orders"),
            "2",
            f"{self._uid} was told of an order that is not there",
        )
        return order_id

    def _wish(self) -> QuoteRequest:
        place = near(self._chance, 3_000)
        merchant = self._chance.choice(self._city.scenario.merchants)
        return QuoteRequest(
            merchant_id=f"mer_{merchant}",
            items=[WantedItem(item_id="itm_dosa", quantity=self._chance.randint(1, 3))],
            dropoff=Address(lat=place.lat, lng=place.lng, address="12th Main"),
        )

    async def _pay(self, order_id: str) -> None:
        """Ask for a link and use it; when the bank refuses, ask for another."""
        await asyncio.sleep(self._chance.uniform(0, 15))
        faults_s = self._city.scenario.faults_s
        forgetful = faults_s > LONG_PAUSE_S and self._chance.random() < 0.5
        for attempt in itertools.count():
            link = await self._ask_for_link(order_id, attempt)
            if link and forgetful and attempt == 0:
                await asyncio.sleep(LONG_PAUSE_S)
            elif link:
                await asyncio.sleep(self._chance.uniform(1, 20))
                self._city.watch.tell(self._uid, f"uses {link[-8:]}")
                self._city.gateway.pay(link)
            await asyncio.sleep(self._chance.uniform(20, 60))
            order = self._city.store.of("orders")[order_id]
            settled = order["payment"]["captured"] or order["fulfilment"] == "cancelled"
            if settled or self._city.now() > faults_s + LAST_PAYMENT_S:
                return

    async def _ask_for_link(self, order_id: str, attempt: int) -> str:
        key = self._client.key("/payments", f"try-{attempt}", order_id)
        body = PaymentRequest(order_id=order_id, method=Method.UPI_INTENT)

        def pay() -> Any:
            return payments.start(body, self._client.user, key)

        click = self._client.double if self._chance.random() < 0.3 else self._client.insist
        begun = await click("pay " + order_id[-6:], pay, key)
        self._refused_in_calm += self._city.calm and isinstance(begun.refusal, PaymentDeclined)
        self._city.watch.check(self._refused_in_calm < 2, "22", f"{order_id[-6:]} cannot be paid any more")
        return str(begun.answer["link"]) if begun.answer else ""

    async def _cancel(self, order_id: str) -> None:
        await asyncio.sleep(self._chance.choice((5, 30, 90, 250)) * self._chance.random())
        if self._chance.random() < 0.5:
            await self._until_offered(order_id)
        key = (
            self._client.key(f"/orders/{order_id}/cancel", "cancel") if self._chance.random() < 0.5 else None
        )
        body = CancelRequest(reason="changed my mind")
        click = self._client.double if self._chance.random() < 0.3 else self._client.insist
        done = await click(
            f"cancels {order_id[-6:]}", lambda: orders.cancel(order_id, body, self._client.user, key), key
        )
        if done.answer is not None:
            state = self._city.store.of("orders")[order_id]["fulfilment"]
            self._city.watch.check(
                state == "cancelled", "12", f"{order_id[-6:]} was cancelled and is {state}"
            )

    async def _until_offered(self, order_id: str) -> None:
        """Wait for the worst moment: a driver is just being asked."""
        while not self._city.calm:
            order = self._city.store.of("orders")[order_id]
            if order["assignment"]["state"] == "offered" or order["fulfilment"] in ("cancelled", "delivered"):
                break
            await asyncio.sleep(1)
        await asyncio.sleep(2 * self._chance.random())

    async def _rate(self, order_id: str) -> None:
        stars = self._chance.randint(1, 5)
        while self._city.store.of("orders")[order_id]["fulfilment"] != "delivered":
            if self._city.store.of("orders")[order_id]["fulfilment"] == "cancelled":
                return
            await asyncio.sleep(20)
        if self._chance.random() < 0.6:
            key = self._client.key("/reviews", derived_id("k", order_id), str(stars))
            body = ReviewRequest(order_id=order_id, stars=stars)
            click = self._client.double if self._chance.random() < 0.3 else self._client.insist
            await click("rates", lambda: accounts.review(body, self._client.user, key), key)
