"""What all actors share: where things are, what their listeners show, and when the trouble is over."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.kernel.actor import Operator, Role
from shared.kernel.geo import Point
from shared.kernel.order import Business
from tests.simulation.chance import stream
from tests.simulation.clients import Client
from tests.simulation.host import Host
from tests.simulation.in_process import SCRIPTED
from tests.simulation.ports.database import Store
from tests.simulation.ports.gateway import SimulatedGateway
from tests.simulation.ports.outside import SimulatedObjectStore
from tests.simulation.scenario import Scenario
from tests.simulation.watch import Watch

CENTRE = Point(12.9784, 77.6408)
ADMIN = Operator(SCRIPTED, frozenset({Role.ADMIN}))
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class City:
    """The run as its people see it; `store` is what their apps' listeners show them."""

    scenario: Scenario
    host: Host
    watch: Watch
    store: Store
    gateway: SimulatedGateway
    objects: SimulatedObjectStore
    apps: Counter[str] = field(default_factory=Counter)
    """How many apps each person has signed in to."""
    pings: dict[str, float] = field(default_factory=dict)
    """When each driver's phone last tried to say where it is."""
    places: dict[str, Point] = field(default_factory=dict)
    """Where each driver is."""

    def client(self, uid: str) -> Client:
        """Return an app of a person's, with a sign-in of its own."""
        self.apps[uid] += 1
        return Client(uid, self.host, self.watch, self.apps[uid])

    def chance(self, uid: str) -> random.Random:
        """Return what a person draws their whims from."""
        return stream(self.scenario.seed, uid)

    @property
    def calm(self) -> bool:
        """Say whether nothing goes wrong any more, so that people do what they should."""
        return self.watch.faults.over

    def now(self) -> float:
        """Return virtual seconds."""
        return asyncio.get_running_loop().time()

    def open_shops(self) -> list[Mapping[str, Any]]:
        """Return the merchants that take orders, as people's apps list them; pharmacies take none for now."""
        shops = self.store.of("merchants").values()
        found = [shop for shop in shops if shop["open"] and shop["business"] != Business.MED]
        return sorted(found, key=lambda shop: str(shop["name"]))

    def orders_of(self, role: str, uid: str) -> list[Mapping[str, Any]]:
        """Return the orders in which a person has this part, oldest first."""
        found = [order for order in self.store.of("orders").values() if self._is_party(order, role, uid)]
        return sorted(found, key=lambda order: (order["placed_at"], order["id"]))

    def _is_party(self, order: Mapping[str, Any], role: str, uid: str) -> bool:
        if role == "merchant":
            return uid in self.store.of(f"merchants/{order['merchant_id']}/staff")
        named = order["assignment"]["driver_id"] if role == "driver" else order["customer_id"]
        return bool(named == uid)


def near(chance: random.Random, metres: float) -> Point:
    """Return a point up to so many metres from the centre in both directions."""
    reach = metres / METRES_PER_DEGREE
    return Point(CENTRE.lat + chance.uniform(-reach, reach), CENTRE.lng + chance.uniform(-reach, reach))
