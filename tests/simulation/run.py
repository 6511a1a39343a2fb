"""One seed, from the first click to the last refund."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.manifest import load_all
from shared.adapters.firestore.change import DocumentStore
from tests.simulation.actors.city import CENTRE, City
from tests.simulation.actors.customer import Customer
from tests.simulation.actors.driver import Driver
from tests.simulation.actors.jobs import tick
from tests.simulation.actors.merchant import Merchant
from tests.simulation.actors.trouble import befall
from tests.simulation.chance import stream, unit
from tests.simulation.host import Host
from tests.simulation.invariants import deadlines, settled
from tests.simulation.invariants.checker import Checker
from tests.simulation.loop import VirtualLoop
from tests.simulation.ports.bus import SimulatedBus
from tests.simulation.ports.database import SimulatedDatabase, Store
from tests.simulation.ports.gateway import SimulatedGateway
from tests.simulation.ports.map import SimulatedMap
from tests.simulation.ports.phones import SimulatedPush
from tests.simulation.ports.tasks import SimulatedTasks
from tests.simulation.ports.wire import Wire
from tests.simulation.process import local_time
from tests.simulation.scenario import SETTLING_S, Scenario
from tests.simulation.watch import Violation, Watch
from tests.simulation.wiring import Ports, installed

MANIFESTS = load_all(Path(__file__).resolve().parents[2])
SUBSCRIBERS = {
    topic: [name for name, m in MANIFESTS.items() if topic in [event.topic for event in m.events]]
    for topic in sorted({event.topic for m in MANIFESTS.values() for event in m.events})
}


@dataclass(frozen=True)
class Result:
    """What a run came to; small enough to be sent between processes."""

    seed: int
    violation: Violation | None
    steps: int
    seconds: float
    injected: list[str]
    sites: Mapping[str, Counter[str]]
    states: Counter[str]
    outcomes: Counter[str]
    digest: str
    lines: list[str]


def run(scenario: Scenario, *, keep_trace: bool = False, steps: int = 0) -> Result:
    """Run a scenario to its end, to its first violation or, where `steps` is given, for so many steps."""
    loop = VirtualLoop()
    began = time.perf_counter()
    try:
        simulation = loop.run_until_complete(_simulate(scenario, steps))
    finally:
        loop.close()
    watch, store = simulation.watch, simulation.store
    outcomes = Counter(settled.outcome(order) for order in store.of("orders").values())
    return Result(
        seed=scenario.seed,
        violation=watch.violation,
        steps=simulation.wire.steps,
        seconds=time.perf_counter() - began,
        injected=watch.faults.injected,
        sites=dict(watch.faults.sites),
        states=watch.states,
        outcomes=outcomes,
        digest=watch.digest(),
        lines=watch.lines if keep_trace or watch.violation else [],
    )


class Simulation:
    """All that takes part in one run."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.watch = Watch(scenario)
        self.store = Store()
        self.checker = Checker(self.watch, self.store)
        faults = self.watch.faults
        self.wire = Wire(faults, self._stream("latency"))
        self.host = Host(faults, self._stream("host"), self.watch.tell, self.watch.fail)
        self.ports = self._ports()
        self.checker.gateway = self.ports.gateway.books
        self.city = City(scenario, self.host, self.watch, self.store, self.ports.gateway)

    def _stream(self, name: str) -> random.Random:
        return stream(self.scenario.seed, name)

    def _ports(self) -> Ports:
        faults, wire, host = self.watch.faults, self.wire, self.host
        database = SimulatedDatabase(wire, self.store, self.checker.commit)
        bus = SimulatedBus(
            wire, faults, self._stream("bus"), SUBSCRIBERS, host.receive, host.reads, self.checker.published
        )
        numbers = itertools.count(1)
        seed = self.scenario.seed

        def ids(prefix: str) -> str:
            return f"{prefix}_{seed:08x}{next(numbers):024x}"

        pauses = self._stream("pauses")

        async def pause(attempt: int) -> None:
            await asyncio.sleep(pauses.uniform(0, min(0.6, 0.02 * 2**attempt)))

        return Ports(
            database=database,
            documents=DocumentStore(database, bus, clock=local_time, ids=ids, pause=pause),
            bus=bus,
            tasks=SimulatedTasks(wire, faults, self._stream("tasks"), host.post, 20),
            map=SimulatedMap(wire, faults),
            gateway=SimulatedGateway(wire, faults, self._stream("gateway"), host.notice, self.checker.billed),
            push=SimulatedPush(wire, faults),
            ids=ids,
        )

    async def play(self, steps: int) -> None:
        """Let everybody act while things go wrong, then while they do not, and see what is left."""
        self.wire.limit(steps, self.watch.ended.set)
        self._set_up()
        loop = asyncio.get_running_loop()
        scenario, city = self.scenario, self.city
        lives = [Customer(uid, city).live() for uid in scenario.customers]
        lives += [Driver(uid, city).live() for uid in scenario.drivers]
        lives += [Merchant(uid, city).live() for uid in scenario.merchants]
        lives += [befall(outage, self.ports, self.watch) for outage in scenario.outages]
        lives.append(tick(self.host, self.watch.faults, self._stream("jobs")))
        lives.append(self._watch_deadlines())
        running = [loop.create_task(life) for life in lives]
        loop.call_at(scenario.faults_s, self._calm_down)
        loop.call_at(scenario.faults_s + SETTLING_S, self.watch.ended.set)
        await self.watch.ended.wait()
        for task in running:
            if task.done() and not task.cancelled() and task.exception():
                self.watch.fail("actor", repr(task.exception()))
        cut_short = self.wire.steps == steps
        if self.watch.violation is None and not cut_short:
            for invariant, message in settled.faults(
                self.store, self.ports.gateway.books, self.ports.bus, self.checker.messages
            ):
                self.watch.fail(invariant, message)

    async def _watch_deadlines(self) -> None:
        """From the end of the faults on, see that nothing takes longer than was promised."""
        calm_since, gateway = self.scenario.faults_s, self.ports.gateway
        await asyncio.sleep(calm_since)
        while True:
            await asyncio.sleep(deadlines.LOOKS_EVERY_S)
            now = asyncio.get_running_loop().time()
            for invariant, message in deadlines.overdue(
                self.store, gateway.books, gateway.captured_at, self.checker.messages, calm_since, now
            ):
                self.watch.fail(invariant, message)

    def _calm_down(self) -> None:
        self.watch.faults.over = True
        self.ports.bus.replay()
        self.watch.tell("FAULTS", "are over")

    def _set_up(self) -> None:
        for merchant in self.scenario.merchants:
            seeded = {
                "id": f"mer_{merchant}",
                "owner_id": merchant,
                "staff": [merchant],
                "name": merchant.title(),
                "location": {"lat": CENTRE.lat, "lng": CENTRE.lng},
                "address": "100 Feet Road",
                "approved": True,
                "open": True,
                "prep_minutes": 10,
                "menu_version": 1,
                "currency": "INR",
            }
            menu = [{"id": "itm_dosa", "name": "Masala dosa", "price": 12_000, "available": True}]
            self.store.plant(f"merchants/mer_{merchant}", seeded)
            self.store.plant(f"merchants/mer_{merchant}/menu/1", {"version": 1, "items": menu})
        for uid in (*self.scenario.customers, *self.scenario.drivers, *self.scenario.merchants):
            tokens = [f"token-{uid}-{n}" for n in range(1 + (unit(self.scenario.seed, uid) < 0.3))]
            self.store.plant(f"users/{uid}", {"uid": uid, "language": "en", "push_tokens": tokens})


async def _simulate(scenario: Scenario, steps: int) -> Simulation:
    simulation = Simulation(scenario)
    with installed(simulation.ports):
        await simulation.play(steps)
    return simulation
