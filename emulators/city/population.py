"""The users of one demo, and how they are created."""

from __future__ import annotations

import asyncio
import random

from emulators.city.bengaluru import HOMES, KITCHENS
from emulators.city.customer import Customer
from emulators.city.driver import Driver
from emulators.city.merchant import Merchant
from emulators.city.people import Person, Registry
from emulators.city.world import World
from emulators.client.api import ApiClient
from shared.kernel.geo import Point

SEED = 560001  # Bengaluru's first postal code; a fixed seed makes runs alike
FLEET = ("scooter", "scooter", "bicycle", "scooter", "car")
SPREAD_DEGREES = 0.008  # drivers wait within a kilometre of a kitchen


class Population:
    """Opens the kitchens, brings the drivers online, and signs customers up."""

    def __init__(self, world: World, registry: Registry) -> None:
        self._world = world
        self._registry = registry
        self._rng = random.Random(SEED)

    async def create(self, customers: int) -> list[Customer]:
        """Create all users, and return the customers when all are ready."""
        admin = await self._registry.admin()
        drivers = range(self._world.options.drivers)
        *_, found = await asyncio.gather(
            *(self._merchant(admin, n) for n in range(len(KITCHENS))),
            *(self._driver(admin, n) for n in drivers),
            asyncio.gather(*(self._customer(n) for n in range(customers))),
        )
        assert isinstance(found, list)  # noqa: S101  what the last of them returns
        return found

    async def _merchant(self, admin: ApiClient, number: int) -> None:
        kitchen, rng = KITCHENS[number], self._new_rng()
        person = await self._join(f"registers {kitchen.name}")
        await Merchant(self._world, person, kitchen, rng).open(admin)
        self._world.log.write(kitchen.name, f"open for orders ({person.name})")

    async def _driver(self, admin: ApiClient, number: int) -> None:
        near, rng, vehicle = KITCHENS[number % len(KITCHENS)].place.point, self._new_rng(), FLEET[number % 5]
        start = Point(
            near.lat + rng.uniform(-SPREAD_DEGREES, SPREAD_DEGREES),
            near.lng + rng.uniform(-SPREAD_DEGREES, SPREAD_DEGREES),
        )
        person = await self._join("signs up as a driver")
        await Driver(self._world, person, vehicle, start, rng).start(admin)
        self._world.log.write(person.name, f"online by {vehicle}")

    async def _customer(self, number: int) -> Customer:
        rng = self._new_rng()
        person = await self._join("signed up")
        customer = Customer(self._world, person, HOMES[number % len(HOMES)], rng)
        customer.start()
        return customer

    async def _join(self, intent: str) -> Person:
        """Sign a user up and log it."""
        person = await self._registry.join()
        self._world.log.write(person.name, intent)
        return person

    def _new_rng(self) -> random.Random:
        return random.Random(self._rng.random())
