"""A driver: goes online, thinks about offers, and carries what was accepted, one order after the other."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping

from emulators.city import verification
from emulators.city.api import Api, Refused
from emulators.city.beacon import Beacon
from emulators.city.mirror import Document, Mirror
from emulators.city.people import Person
from emulators.city.wheels import Wheels
from emulators.city.whims import Whim
from emulators.city.world import World
from emulators.listeners import Change
from shared.kernel.geo import Point

THINK_SECONDS, COUNTER_SECONDS, DOOR_SECONDS = 20, 60, 40  # of life
IDLE = ("free", "asked")
COUNTER_REAL_SECONDS = 2.0
"""No kitchen hands over faster, however fast the demo: a customer who cancels gets there in time."""


class Driver:
    """One driver with one vehicle; `rng` decides how long they think."""

    def __init__(self, world: World, person: Person, vehicle: str, start: Point, rng: random.Random) -> None:
        self.person = person
        self._world = world
        self._vehicle = vehicle
        self._rng = rng
        self._wheels = Wheels(start, vehicle, world.pace)
        self._offers = Mirror(
            person.watch("offers", ("driver_id", "==", person.uid), ("state", "==", "open"))
        )
        self._orders = Mirror(person.watch("orders", ("assignment.driver_id", "==", person.uid)))
        self._accepted: asyncio.Queue[str] = asyncio.Queue()

    async def start(self, admin: Api) -> None:
        """Register, submit documents, be approved, and go online."""
        world, api = self._world, self.person.api
        world.chronicle.names[self.person.uid] = self.person.name
        await api.post("/drivers", {"name": self.person.name, "vehicle": self._vehicle})
        await verification.submit_and_approve(api, admin, *verification.DRIVER_KINDS)
        await admin.post(f"/admin/drivers/{self.person.uid}/approve")
        world.follow(self._offers.follow(self._look_at))
        world.follow(self._orders.follow())
        await asyncio.gather(self._offers.begun(), self._orders.begun())
        await self._go_online()
        self._is("free")
        world.spawn(self.person.name, Beacon(world, self.person, self._wheels).shine())
        world.spawn(self.person.name, self._work())

    def _look_at(self, change: Change) -> None:
        if change.type == "removed":
            self._world.chronicle.open_offers.discard(change.id)
        elif change.id not in self._world.chronicle.open_offers:
            self._world.chronicle.open_offers.add(change.id)
            self._world.spawn(self.person.name, self._consider(change.id, change.data["order_id"]))

    async def _consider(self, offer_id: str, order_id: str) -> None:
        self._is("asked", unless_busy=True)
        whim = self._world.whims.decide(order_id)
        if whim is Whim.LAPSE:
            await self._offers.until(offer_id, lambda offer: offer is None)
            await self._come_back()
        else:
            await self._world.pace.live(THINK_SECONDS * self._rng.uniform(0.5, 1.5))
            await self._answer(offer_id, order_id, whim)
        self._is("free", unless_busy=True)
        if whim is not Whim.ACCEPT and await self._state(offer_id) == "withdrawn":
            self._world.whims.put_back(order_id, whim)

    async def _go_online(self) -> None:
        here = self._wheels.position()
        await self.person.api.post("/driver/go-online", {"lat": here.lat, "lng": here.lng})

    async def _come_back(self) -> None:
        """Go online again when so many offers lapsed that Waybill took the driver for away."""
        if (await self.person.api.get("/driver"))["status"] == "offline":
            await self._go_online()

    async def _answer(self, offer_id: str, order_id: str, whim: Whim) -> None:
        try:
            await self.person.api.post(f"/driver/offers/{offer_id}/{whim}")
        except Refused as refusal:
            if refusal.code == "LOAD_CAP_REACHED":  # another offer was taken while this one waited
                await self._answer(offer_id, order_id, Whim.DECLINE)
            elif refusal.status != 409 or await self._state(offer_id) == "open":
                raise
            return  # else it ended while the driver was thinking
        if whim is Whim.ACCEPT:
            self._accepted.put_nowait(order_id)

    async def _state(self, offer_id: str) -> str:
        offer = await self.person.api.get(f"/driver/offers/{offer_id}")
        return str(offer["state"])

    async def _work(self) -> None:
        while True:
            self._is("free")
            order_id = await self._accepted.get()
            await self._world.guarded(self.person.name, self._carry(order_id))

    async def _carry(self, order_id: str) -> None:
        """Fetch and bring an order, unless its customer cancels it on the way to the kitchen."""
        order = await self._orders.until(order_id, lambda order: order is not None)
        errand = asyncio.ensure_future(self._errand(order or {}))
        called_off = asyncio.ensure_future(self._orders.until(order_id, _called_off))
        try:
            await asyncio.wait({errand, called_off}, return_when=asyncio.FIRST_COMPLETED)
            if not called_off.done():
                await self._finish(errand, order_id)
        finally:
            errand.cancel()
            called_off.cancel()
            await asyncio.gather(errand, called_off, return_exceptions=True)

    async def _finish(self, errand: asyncio.Future[None], order_id: str) -> None:
        try:
            await errand
        except Refused as refusal:
            if refusal.status not in (404, 409) or not await self._was_called_off(order_id):
                raise

    async def _was_called_off(self, order_id: str) -> bool:
        try:
            return _called_off(await self.person.api.get(f"/orders/{order_id}"))
        except Refused as refusal:
            return refusal.status == 404  # it is not the driver's any more

    async def _errand(self, order: Document) -> None:
        pace, steps = self._world.pace, f"/driver/orders/{order['id']}"
        self._is("to kitchen")
        await self._wheels.drive(_point(order["pickup"]))
        await pace.live(COUNTER_SECONDS, at_least=COUNTER_REAL_SECONDS)
        await self.person.api.post(f"{steps}/picked-up")
        self._is("to customer")
        await self.person.api.post(f"{steps}/in-transit")
        await self._wheels.drive(_point(order["dropoff"]))
        await self.person.api.post(f"{steps}/arrived")
        await pace.live(DOOR_SECONDS)
        await self.person.api.post(f"{steps}/delivered")

    def _is(self, doing: str, *, unless_busy: bool = False) -> None:
        drivers, uid = self._world.chronicle.drivers, self.person.uid
        if not unless_busy or drivers.get(uid) in IDLE:
            drivers[uid] = doing


def _point(place: Mapping[str, float]) -> Point:
    return Point(place["lat"], place["lng"])


def _called_off(order: Document | None) -> bool:
    return order is None or order["fulfilment"] == "cancelled"
