"""A customer who orders the same again and again: leaves turns out, ends it, and sees each through."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from functions.orders_api.recurring_schemas import RecurrenceRequest, SkipRequest
from tests.simulation import lapse
from tests.simulation.actors.city import City
from tests.simulation.actors.customer import Customer
from tests.simulation.actors.ordering import WISHES, Ordering, last_time
from tests.simulation.process import true_time
from tests.simulation.served import served

recurring = served("orders_api.recurring_routes")

STARTING_S = 60.0
MINUTES_APART = (1, 2, 3)
MOST_TURNS = 4
ZONES = ("Asia/Kolkata", "Europe/Berlin", "America/St_Johns", "UTC")
LOOKS_EVERY_S = 6.0
WATCHES_S, BLINK_S = 4.0, 0.02
"""How long, and how closely, somebody watches for the moment at which a turn is being placed."""


class Subscriber:
    """One person with one recurring order."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(f"series {uid}")
        self._ordering = Ordering(uid, city, self._client)

    async def live(self) -> None:
        """Start it; then see to its turns and change one's mind about them, both at once."""
        await asyncio.sleep(self._chance.uniform(0, STARTING_S))
        id_ = await self._start()
        if id_:
            turns = (self._see_to_turn(id_, number) for number in range(MOST_TURNS))
            await asyncio.gather(self._change(id_), *turns)

    async def _start(self) -> str:
        for _ in range(WISHES):
            wish = await self._ordering.wish(near_by=True)
            if wish is None or (rhythm := self._rhythm()) is None:
                return ""
            starts_at, rule = rhythm
            body = wish.model_dump(exclude={"scheduled_for"}) | {
                "rule": rule,
                "timezone": self._chance.choice(ZONES),
                "starts_at": starts_at.isoformat(),
            }
            if id_ := await self._send(RecurrenceRequest.model_validate(body)):
                return id_
        return ""

    def _rhythm(self) -> tuple[datetime, str] | None:
        """Return when it begins and its rule; the last turn still comes to its end within the run."""
        starts_at = true_time() + lapse.AT_LEAST + timedelta(seconds=self._chance.uniform(35, 120))
        apart = self._chance.choice(MINUTES_APART)
        room = (last_time(self._city) - starts_at) // timedelta(minutes=apart)
        turns = min(MOST_TURNS, room + 1)
        rule = f"FREQ={lapse.FREQUENCY};INTERVAL={apart};COUNT={turns}"
        return (starts_at, rule) if turns > 0 else None

    async def _send(self, body: RecurrenceRequest) -> str:
        written = body.model_dump_json()
        key = self._client.key("/recurrences", written, written)
        click = self._client.draw_click(self._chance, twice=0.4)
        told = await click("starts a series", lambda: recurring.start(body, self._client.user, key), key)
        return str((told.answer or {}).get("id", ""))

    async def _see_to_turn(self, id_: str, number: int) -> None:
        """Take that turn's order for an order like any other, as soon as the app shows it."""
        own = self._orders(id_)
        while len(own) <= number:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * LOOKS_EVERY_S)
            own = self._orders(id_)
        order_id = str(own[number]["id"])
        await Customer(self._uid, self._city, order_id).see_through(order_id)

    def _orders(self, id_: str) -> list[Mapping[str, Any]]:
        own = self._city.orders_of("customer", self._uid)
        found = [order for order in own if order["recurrence_id"] == id_]
        return sorted(found, key=lambda order: order["scheduled_for"])

    async def _change(self, id_: str) -> None:
        """Leave out a turn or two, or have no more of them, now and then just while one is being placed."""
        while not self._city.calm and (shown := self._shown(id_))["next_at"]:
            await asyncio.sleep(self._chance.uniform(5, 90))
            now_or_never = self._chance.random() < 0.6 and await self._worst_moment(id_)
            whim = self._chance.random() * (0.4 if now_or_never else 1.0)
            if whim < 0.3:
                await self._skip(id_, shown["next_at"])
            elif whim < 0.4:
                await self._end(id_)

    async def _worst_moment(self, id_: str) -> bool:
        """Wait for the job that places the next turn to have its price and not yet its order."""
        due = self._shown(id_)["due_at"]
        if due is None:
            return False
        now = true_time()
        job = max(due, now).replace(second=0, microsecond=0) + timedelta(minutes=1)
        await asyncio.sleep((job - now).total_seconds())
        until, turn = self._city.now() + WATCHES_S, self._shown(id_)["next_at"]
        while self._city.now() < until:
            quotes = self._city.store.of("quotes").values()
            if any(q["customer_id"] == self._uid and q["scheduled_for"] == turn for q in quotes):
                return True
            await asyncio.sleep(BLINK_S)
        return False

    async def _skip(self, id_: str, turn: datetime) -> None:
        """Leave out the turn that the app shows, or whichever is the next; not asked for twice it stays."""
        meant = turn if self._chance.random() < 0.6 else None
        body = SkipRequest.model_validate({"turn": turn.isoformat()}) if meant else None
        written = f"skip {turn.isoformat()} {meant}"
        key = self._client.key(f"/recurrences/{id_}/skip", written, written)
        click = self._client.draw_click(self._chance, twice=0.3)
        told = await click("skips", lambda: recurring.skip(id_, self._client.user, key, body), key)
        if told.answer is not None and meant:
            self._check(id_, turn)

    def _check(self, id_: str, turn: datetime) -> None:
        """A turn that was left out at its customer's word has no order, and is not the next any more."""
        self._city.watch.check(
            self._shown(id_)["next_at"] != turn, "12", f"{id_[-6:]}: the turn that was left out is the next"
        )
        found = [order["id"] for order in self._orders(id_) if order["scheduled_for"] == turn]
        self._city.watch.check(not found, "12", f"{id_[-6:]} has {found} for a turn that was left out")

    async def _end(self, id_: str) -> None:
        path = f"/recurrences/{id_}/end"
        key = self._client.key(path, "end") if self._chance.random() < 0.5 else None
        click = self._client.draw_click(self._chance, twice=0.3)
        told = await click("ends a series", lambda: recurring.end(id_, self._client.user, key), key)
        if told.answer is not None:
            shown = self._shown(id_)["next_at"]
            self._city.watch.check(shown is None, "12", f"{id_[-6:]} was ended and goes on at {shown}")

    def _shown(self, id_: str) -> Mapping[str, Any]:
        return self._city.store.of("recurrences")[id_]
