"""A simulated driver: goes online, answers offers, and delivers accepted orders one after the other."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping

from emulators.city.listener_cache import Document, ListenerCache
from emulators.city.people import Person
from emulators.city.position_reporter import PositionReporter
from emulators.city.scenario_script import OfferResponse
from emulators.city.vehicle_motion import VehicleMotion
from emulators.city.world import World
from emulators.client.api import ApiClient, Refused
from emulators.client.joining import join_as_driver
from emulators.client.operations import drivers, orders
from emulators.listeners import Change
from shared.kernel.geo import Point

DECISION_SECONDS, COUNTER_SECONDS, DOOR_SECONDS = 20, 60, 40  # simulated
IDLE = ("free", "offered")
ANSWERS = {OfferResponse.ACCEPT: drivers.accept_offer, OfferResponse.DECLINE: drivers.decline_offer}
COUNTER_REAL_SECONDS = 2.0
"""The minimum time at the counter in real seconds, so that a cancellation comes before the pickup."""


class Driver:
    """One driver with one vehicle; `rng` decides how long they consider an offer."""

    def __init__(self, world: World, person: Person, vehicle: str, start: Point, rng: random.Random) -> None:
        self.person = person
        self._world = world
        self._vehicle = vehicle
        self._rng = rng
        self._motion = VehicleMotion(start, vehicle, world.time_scale)
        self._offers = ListenerCache(
            person.watch("offers", ("driver_id", "==", person.uid), ("state", "==", "open"))
        )
        self._orders = ListenerCache(person.watch("orders", ("assignment.driver_id", "==", person.uid)))
        self._accepted: asyncio.Queue[str] = asyncio.Queue()

    async def start(self, admin: ApiClient) -> None:
        """Register, submit documents, be approved, and go online."""
        world = self._world
        world.log.names[self.person.uid] = self.person.name
        await join_as_driver(self.person.api, admin, self.person.name, self._vehicle)
        world.follow(self._offers.follow(self._on_change))
        world.follow(self._orders.follow())
        await asyncio.gather(self._offers.ready(), self._orders.ready())
        await self._go_online()
        self._set_activity("free")
        world.spawn(self.person.name, PositionReporter(world, self.person, self._motion).run())
        world.spawn(self.person.name, self._work())

    def _on_change(self, change: Change) -> None:
        if change.type == "removed":
            self._world.log.open_offers.discard(change.id)
        elif change.id not in self._world.log.open_offers:
            self._world.log.open_offers.add(change.id)
            self._world.spawn(self.person.name, self._answer_offer(change.id, change.data["order_id"]))

    async def _answer_offer(self, offer_id: str, order_id: str) -> None:
        self._set_activity("offered", unless_busy=True)
        response = self._world.script.decide(order_id)
        if response is OfferResponse.EXPIRE:
            await self._offers.until(offer_id, lambda offer: offer is None)
            await self._return_online()
        else:
            await self._world.time_scale.sleep(DECISION_SECONDS * self._rng.uniform(0.5, 1.5))
            await self._answer(offer_id, order_id, response)
        self._set_activity("free", unless_busy=True)
        if response is not OfferResponse.ACCEPT and await self._state(offer_id) == "withdrawn":
            self._world.script.reschedule(order_id, response)

    async def _go_online(self) -> None:
        here = self._motion.position()
        await self.person.api.do(drivers.go_online(here.lat, here.lng))

    async def _return_online(self) -> None:
        """Go online again when missed offers set the driver offline."""
        if (await self.person.api.do(drivers.get_driver()))["status"] == "offline":
            await self._go_online()

    async def _answer(self, offer_id: str, order_id: str, response: OfferResponse) -> None:
        try:
            await self.person.api.do(ANSWERS[response](offer_id))
        except Refused as refusal:
            if refusal.code == "LOAD_CAP_REACHED":  # the driver accepted another offer meanwhile
                await self._answer(offer_id, order_id, OfferResponse.DECLINE)
            elif refusal.status != 409 or await self._state(offer_id) == "open":
                raise
            return  # the offer ended before the driver answered
        if response is OfferResponse.ACCEPT:
            self._accepted.put_nowait(order_id)

    async def _state(self, offer_id: str) -> str:
        offer = await self.person.api.do(drivers.get_offer(offer_id))
        return str(offer["state"])

    async def _work(self) -> None:
        while True:
            self._set_activity("free")
            order_id = await self._accepted.get()
            await self._world.guarded(self.person.name, self._deliver_or_stop(order_id))

    async def _deliver_or_stop(self, order_id: str) -> None:
        """Deliver an order, unless its customer cancels it before the pickup."""
        order = await self._orders.until(order_id, lambda order: order is not None)
        delivery = asyncio.ensure_future(self._deliver(order or {}))
        cancelled = asyncio.ensure_future(self._orders.until(order_id, _cancelled))
        try:
            await asyncio.wait({delivery, cancelled}, return_when=asyncio.FIRST_COMPLETED)
            if not cancelled.done():
                await self._finish(delivery, order_id)
        finally:
            delivery.cancel()
            cancelled.cancel()
            await asyncio.gather(delivery, cancelled, return_exceptions=True)

    async def _finish(self, delivery: asyncio.Future[None], order_id: str) -> None:
        try:
            await delivery
        except Refused as refusal:
            if refusal.status not in (404, 409) or not await self._was_cancelled(order_id):
                raise

    async def _was_cancelled(self, order_id: str) -> bool:
        try:
            return _cancelled(await self.person.api.do(orders.get_order(order_id)))
        except Refused as refusal:
            return refusal.status == 404  # the order is no longer assigned to this driver

    async def _deliver(self, order: Document) -> None:
        time_scale, api, order_id = self._world.time_scale, self.person.api, str(order["id"])
        self._set_activity("to kitchen")
        await self._motion.drive(_point(order["pickup"]))
        await time_scale.sleep(COUNTER_SECONDS, at_least=COUNTER_REAL_SECONDS)
        await api.do(drivers.pick_up_order(order_id))
        self._set_activity("to customer")
        await api.do(drivers.start_transit(order_id))
        await self._motion.drive(_point(order["dropoff"]))
        await api.do(drivers.arrive_at_dropoff(order_id))
        await time_scale.sleep(DOOR_SECONDS)
        await api.do(drivers.deliver_order(order_id))

    def _set_activity(self, activity: str, *, unless_busy: bool = False) -> None:
        drivers, uid = self._world.log.drivers, self.person.uid
        if not unless_busy or drivers.get(uid) in IDLE:
            drivers[uid] = activity


def _point(place: Mapping[str, float]) -> Point:
    return Point(place["lat"], place["lng"])


def _cancelled(order: Document | None) -> bool:
    return order is None or order["fulfilment"] == "cancelled"
