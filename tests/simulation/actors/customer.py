"""A customer: orders, pays, and sometimes cancels, rates or tips, over a bad network."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Mapping
from typing import Any

from emulators.client.operations import orders
from shared.kernel.ids import derived_id
from shared.kernel.ratings import MAX_STARS
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.orders.tips.domain import MIN_TIP
from shared.payments.domain import Method, PaymentDeclined
from tests.simulation.actors.city import City
from tests.simulation.actors.ordering import Ordering
from tests.simulation.actors.substitutions import Substitutions
from tests.simulation.scenario import PLACING_S

LAST_PAYMENT_S = 60.0
"""So long after the end of the faults nobody begins to pay any more."""
LONG_PAUSE_S = 960.0
"""Longer than a payment link lives."""


class Customer:
    """One person with one wish, or the same once more."""

    def __init__(self, uid: str, city: City, purpose: str = "") -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(uid + purpose)
        self._ordering = Ordering(uid, city, self._client)
        self._refused_in_calm: Counter[str] = Counter()

    async def live(self) -> None:
        """Order something, see it through, and perhaps order it once more."""
        await asyncio.sleep(self._chance.uniform(0, self._city.scenario.placing_s))
        order_id = await self._ordering.place()
        if order_id:
            await asyncio.gather(self.see_through(order_id), self._once_more(order_id))

    async def see_through(self, order_id: str) -> None:
        """Pay, or call it off, or neither; judge and thank at the end."""
        change_of_mind = self._chance.random() < 0.3
        if change_of_mind:
            cancelling = asyncio.get_running_loop().create_task(self._cancel(order_id))
        if self._chance.random() < 0.93:
            await self._pay(SubjectRef(ChargeKind.ORDER, order_id))
        if change_of_mind:
            await cancelling
        substitutions = Substitutions(self._uid, self._city)
        await asyncio.gather(self._rate(order_id), self._tip(order_id), substitutions.answer_all(order_id))

    async def _once_more(self, order_id: str) -> None:
        if not self._city.scenario.acts("once more", self._uid, 0.15):
            return
        await asyncio.sleep(self._chance.uniform(5, PLACING_S))
        again = None if self._city.calm else await self._ordering.place_again(order_id)
        if again:
            await self.see_through(again)

    async def _pay(self, subject: SubjectRef) -> None:
        """Ask for a link and use it; when the bank refuses, ask for another."""
        await asyncio.sleep(self._chance.uniform(0, 15))
        faults_s = self._city.scenario.faults_s
        forgetful = faults_s > LONG_PAUSE_S and self._chance.random() < 0.5
        for attempt in itertools.count():
            link = await self._ask_for_link(subject, attempt)
            if link and forgetful and attempt == 0:
                await asyncio.sleep(LONG_PAUSE_S)
            elif link:
                await asyncio.sleep(self._chance.uniform(1, 20))
                self._city.watch.tell(self._uid, f"uses {link[-8:]}")
                self._city.gateway.pay(link)
            await asyncio.sleep(self._chance.uniform(20, 60))
            stored = self._stored(subject)
            settled = stored["payment"]["captured"] or stored["fulfilment"] == "cancelled"
            if settled or self._too_late():
                return

    def _stored(self, subject: SubjectRef) -> Mapping[str, Any]:
        """Return the document of the order or the tip."""
        return self._city.store.of(f"{subject.kind}s")[subject.id]

    def _too_late(self) -> bool:
        return self._city.now() > self._city.scenario.faults_s + LAST_PAYMENT_S

    async def _ask_for_link(self, subject: SubjectRef, attempt: int) -> str:
        call = orders.start_payment(Method.UPI_INTENT.value, **{f"{subject.kind}_id": subject.id})
        key = f"{subject.id}-{attempt}"
        click = self._client.draw_click(self._chance, twice=0.3)
        begun = await click("pay " + subject.id[-6:], call, key)
        self._refused_in_calm[subject.id] += self._city.calm and isinstance(begun.refusal, PaymentDeclined)
        self._city.watch.check(
            self._refused_in_calm[subject.id] < 2, "22", f"{subject.id[-6:]} cannot be paid any more"
        )
        if begun.answer is None:
            return ""
        open_yet = begun.answer["state"] == "pending"
        self._city.watch.check(open_yet, "7", f"{subject.id[-6:]} was given a link that is over")
        return str(begun.answer["link"])

    async def _cancel(self, order_id: str) -> None:
        await asyncio.sleep(self._chance.choice((5, 30, 90, 250)) * self._chance.random())
        if self._chance.random() < 0.7:
            await self._until_offered(order_id)
        call = orders.cancel_order(order_id, "changed my mind")
        key = "cancel" if self._chance.random() < 0.5 else None
        click = self._client.draw_click(self._chance, twice=0.3)
        done = await click(f"cancels {order_id[-6:]}", call, key)
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

    async def _tip(self, order_id: str) -> None:
        """Thank the driver, perhaps too early or more than once; pay each tip, and one perhaps again."""
        if self._chance.random() < 0.2:
            await self._give(order_id, 0)
        order = SubjectRef(ChargeKind.ORDER, order_id)
        while self._stored(order)["fulfilment"] != "delivered":
            if self._stored(order)["fulfilment"] in ("cancelled", "returned"):
                return
            await asyncio.sleep(20)
        for number in range(1, self._chance.randint(1, 4)):
            tip_id = "" if self._too_late() else await self._give(order_id, number)
            if not tip_id or self._chance.random() < 0.1:
                continue
            tip = SubjectRef(ChargeKind.TIP, tip_id)
            await self._pay(tip)
            if self._chance.random() < 0.3 and (link := await self._ask_for_link(tip, -1)):
                self._city.gateway.pay(link)

    async def _give(self, order_id: str, number: int) -> str:
        call = orders.tip_driver(order_id, self._chance.randint(MIN_TIP, 20_000))
        click = self._client.draw_click(self._chance, twice=0.4)
        told = await click("tips", call, f"tip-{number}")
        return str((told.answer or {}).get("id", ""))

    async def _rate(self, order_id: str) -> None:
        stars = self._chance.randint(1, MAX_STARS)
        if self._chance.random() < 0.2:
            await self._review(order_id, stars)
        while self._city.store.of("orders")[order_id]["fulfilment"] != "delivered":
            if self._city.store.of("orders")[order_id]["fulfilment"] in ("cancelled", "returned"):
                return
            await asyncio.sleep(20)
        if self._chance.random() < 0.6:
            await self._review(order_id, stars)
            if self._chance.random() < 0.4:
                await self._review(order_id, MAX_STARS + 1 - stars)

    async def _review(self, order_id: str, stars: int) -> None:
        """Judge, perhaps too early; a second judgement, if there is one, differs, and has to be refused."""
        state = str(self._city.store.of("orders")[order_id]["fulfilment"])
        call = orders.post_review(order_id, stars)
        key = derived_id("k", order_id, str(stars), state)
        click = self._client.draw_click(self._chance, twice=0.3)
        told = await click("rates", call, key)
        if told.answer is not None:
            kept = self._city.store.of("reviews")[str(told.answer["id"])]["stars"]
            self._city.watch.check(
                kept == stars, "14", f"{order_id[-6:]} was given {stars} stars and has {kept}"
            )
