"""A customer with a recurrence: skips occurrences, ends it, and follows each order to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from functions.orders_api.recurrence_schemas import RecurrenceRequest, SkipRequest
from tests.simulation import short_calendar
from tests.simulation.actors.city import City
from tests.simulation.actors.customer import Customer
from tests.simulation.actors.ordering import WISHES, Ordering, last_time
from tests.simulation.process import true_time
from tests.simulation.served import served

routes = served("orders_api.recurrence_routes")

STARTING_S = 60.0
MINUTES_APART = (1, 2, 3)
MAX_OCCURRENCES = 4
ZONES = ("Asia/Kolkata", "Europe/Berlin", "America/St_Johns", "UTC")
CHECK_INTERVAL_S = 6.0
WATCH_S, POLL_INTERVAL_S = 4.0, 0.02
"""How long, and how often, the customer watches for the moment at which an occurrence is being placed."""


class Subscriber:
    """One customer with one recurrence."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(f"series {uid}")
        self._ordering = Ordering(uid, city, self._client)

    async def live(self) -> None:
        """Start it; then follow its occurrences and change it, both concurrently."""
        await asyncio.sleep(self._chance.uniform(0, STARTING_S))
        id_ = await self.start()
        if id_:
            followed = (self._follow(id_, number) for number in range(MAX_OCCURRENCES))
            await asyncio.gather(self._change(id_), *followed)

    async def start(self) -> str:
        """Start the recurrence and return its id; empty where there is no time for any."""
        for _ in range(WISHES):
            request = await self._ordering.wish(near_by=True)
            if request is None or (schedule := self._schedule()) is None:
                return ""
            starts_at, rule = schedule
            body = request.model_dump(exclude={"scheduled_for"}) | {
                "rule": rule,
                "timezone": self._chance.choice(ZONES),
                "starts_at": starts_at.isoformat(),
            }
            if id_ := await self._send(RecurrenceRequest.model_validate(body)):
                return id_
        return ""

    def _schedule(self) -> tuple[datetime, str] | None:
        """Return its start and rule; the last occurrence still ends within the run."""
        starts_at = true_time() + short_calendar.AT_LEAST + timedelta(seconds=self._chance.uniform(35, 120))
        apart = self._chance.choice(MINUTES_APART)
        room = (last_time(self._city) - starts_at) // timedelta(minutes=apart)
        count = min(MAX_OCCURRENCES, room + 1)
        rule = f"FREQ={short_calendar.FREQUENCY};INTERVAL={apart};COUNT={count}"
        return (starts_at, rule) if count > 0 else None

    async def _send(self, body: RecurrenceRequest) -> str:
        written = body.model_dump_json()
        key = self._client.key("/recurrences", written, written)
        click = self._client.draw_click(self._chance, twice=0.4)
        outcome = await click("starts a recurrence", lambda: routes.start(body, self._client.user, key), key)
        return str((outcome.answer or {}).get("id", ""))

    async def _follow(self, id_: str, number: int) -> None:
        """Treat the order of that occurrence as any other order, as soon as it is listed."""
        own = self._orders(id_)
        while len(own) <= number:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * CHECK_INTERVAL_S)
            own = self._orders(id_)
        order_id = str(own[number]["id"])
        await Customer(self._uid, self._city, order_id).see_through(order_id)

    def _orders(self, id_: str) -> list[Mapping[str, Any]]:
        own = self._city.orders_of("customer", self._uid)
        found = [order for order in own if order["recurrence_id"] == id_]
        return sorted(found, key=lambda order: order["scheduled_for"])

    async def _change(self, id_: str) -> None:
        """Skip an occurrence or two, or end the recurrence, now and then just while one is being placed."""
        while not self._city.calm and (found := self._stored(id_))["next_at"]:
            await asyncio.sleep(self._chance.uniform(5, 90))
            at_worst_moment = self._chance.random() < 0.6 and await self._worst_moment(id_)
            draw = self._chance.random() * (0.4 if at_worst_moment else 1.0)
            if draw < 0.3:
                await self._skip(id_, found["next_at"])
            elif draw < 0.4:
                await self._end(id_)

    async def _worst_moment(self, id_: str) -> bool:
        """Wait until the job has quoted the next occurrence and has not placed its order yet."""
        due = self._stored(id_)["due_at"]
        if due is None:
            return False
        now = true_time()
        job = max(due, now).replace(second=0, microsecond=0) + timedelta(minutes=1)
        await asyncio.sleep((job - now).total_seconds())
        until, occurrence = self._city.now() + WATCH_S, self._stored(id_)["next_at"]
        while self._city.now() < until:
            quotes = self._city.store.of("quotes").values()
            if any(q["customer_id"] == self._uid and q["scheduled_for"] == occurrence for q in quotes):
                return True
            await asyncio.sleep(POLL_INTERVAL_S)
        return False

    async def _skip(self, id_: str, occurrence: datetime) -> None:
        """Skip the listed occurrence by name, or whichever is the next."""
        named = occurrence if self._chance.random() < 0.6 else None
        body = SkipRequest.model_validate({"occurrence": occurrence.isoformat()}) if named else None
        written = f"skip {occurrence.isoformat()} {named}"
        key = self._client.key(f"/recurrences/{id_}/skip", written, written)
        click = self._client.draw_click(self._chance, twice=0.3)
        outcome = await click("skips", lambda: routes.skip(id_, self._client.user, key, body), key)
        if outcome.answer is not None and named:
            self._check(id_, occurrence)

    def _check(self, id_: str, occurrence: datetime) -> None:
        """Check that a skipped occurrence has no order, and is no longer the next."""
        self._city.watch.check(
            self._stored(id_)["next_at"] != occurrence,
            "12",
            f"{id_[-6:]}: a skipped occurrence is next",
        )
        found = [order["id"] for order in self._orders(id_) if order["scheduled_for"] == occurrence]
        self._city.watch.check(not found, "12", f"{id_[-6:]} has {found} for a skipped occurrence")

    async def _end(self, id_: str) -> None:
        path = f"/recurrences/{id_}/end"
        key = self._client.key(path, "end") if self._chance.random() < 0.5 else None
        click = self._client.draw_click(self._chance, twice=0.3)
        outcome = await click("ends a recurrence", lambda: routes.end(id_, self._client.user, key), key)
        if outcome.answer is not None:
            next_at = self._stored(id_)["next_at"]
            self._city.watch.check(next_at is None, "12", f"{id_[-6:]} was ended and continues at {next_at}")

    def _stored(self, id_: str) -> Mapping[str, Any]:
        return self._city.store.of("recurrences")[id_]
