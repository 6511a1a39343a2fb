"""The town of one demo: who lives there, and how they get ready."""

from __future__ import annotations

import asyncio
import random

from emulators.city.api import Api
from emulators.city.bengaluru import HOMES, KITCHENS
from emulators.city.customer import Customer
from emulators.city.driver import Driver
from emulators.city.merchant import Merchant
from emulators.city.people import Person, Registry
from emulators.city.world import World
from shared.kernel.geo import Point

SEED = 560001  # Bengaluru's first postal code: every run draws the same chances
FLEET = ("scooter", "scooter", "bicycle", "scooter", "car")
SPREAD_DEGREES = 0.008  # drivers wait within a kilometre of a kitchen


class Town:
    """Opens the kitchens, puts the drivers on the road, and lets customers sign up."""

    def __init__(self, world: World, registry: Registry) -> None:
        self._world = world
        self._registry = registry
        self._rng = random.Random(SEED)

    async def wake(self, customers: int) -> list[Customer]:
        """Return the customers, once everybody is ready."""
        admin = await self._registry.admin()
        drivers = range(self._world.options.drivers)
        *_, found = await asyncio.gather(
            *(self._merchant(admin, n) for n in range(len(KITCHENS))),
            *(self._driver(admin, n) for n in drivers),
            asyncio.gather(*(self._customer(n) for n in range(customers))),
        )
        assert isinstance(found, list)  # noqa: S101  what the last of them returns
        return found

    async def _merchant(self, admin: Api, number: int) -> None:
        kitchen, rng = KITCHENS[number], self._chances()
        person = await self._join(f"would like to open {kitchen.name}")
        await Merchant(self._world, person, kitchen, rng).open(admin)
        self._world.chronicle.tell(kitchen.name, f"open for orders ({person.name})")

    async def _driver(self, admin: Api, number: int) -> None:
        near, rng, vehicle = KITCHENS[number % len(KITCHENS)].place.point, self._chances(), FLEET[number % 5]
        start = Point(
            near.lat + rng.uniform(-SPREAD_DEGREES, SPREAD_DEGREES),
            near.lng + rng.uniform(-SPREAD_DEGREES, SPREAD_DEGREES),
        )
        person = await self._join("would like to drive")
        await Driver(self._world, person, vehicle, start, rng).start(admin)
        self._world.chronicle.tell(person.name, f"on the road by {vehicle}")

    async def _customer(self, number: int) -> Customer:
        rng = self._chances()
        person = await self._join("has signed up")
        customer = Customer(self._world, person, HOMES[number % len(HOMES)], rng)
        customer.begin()
        return customer

    async def _join(self, intent: str) -> Person:
        """Return somebody new; whoever watches sees the town fill."""
        person = await self._registry.join()
        self._world.chronicle.tell(person.name, intent)
        return person

    def _chances(self) -> random.Random:
        return random.Random(self._rng.random())
