"""One seed, from the first click to the last refund."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.adapters.firestore.change import DocumentStore
from tests.fakes.object_store import InlineSanitiser
from tests.simulation.actors.city import City
from tests.simulation.actors.everybody import everybody, signed_up
from tests.simulation.actors.jobs import run_all, tick
from tests.simulation.actors.trouble import Trouble
from tests.simulation.chance import stream
from tests.simulation.host import MAX_SKEW_S, Host
from tests.simulation.invariants import availability, liveness, matching, positions, settled
from tests.simulation.invariants.checker import Checker
from tests.simulation.invariants.informed import Informed
from tests.simulation.invariants.orders import Fault
from tests.simulation.loop import VirtualLoop
from tests.simulation.ports.bus import SimulatedBus
from tests.simulation.ports.database import SimulatedDatabase, Store
from tests.simulation.ports.driver_index import SimulatedDriverIndex
from tests.simulation.ports.gateway import SimulatedGateway
from tests.simulation.ports.outside import (
    PlainCipher,
    SimulatedCopies,
    SimulatedGeocoder,
    SimulatedIdentities,
    SimulatedObjectStore,
    SimulatedStatusCache,
)
from tests.simulation.ports.phones import SimulatedPush
from tests.simulation.ports.poison import plant_poison
from tests.simulation.ports.tasks import SimulatedTasks
from tests.simulation.ports.wire import Wire
from tests.simulation.process import local_time, true_time
from tests.simulation.runtime import SimulatedRuntime, current_runtime
from tests.simulation.scenario import SETTLING_S, Scenario, Theme
from tests.simulation.short_calendar import POLICIES
from tests.simulation.sites import through
from tests.simulation.systems import Systems
from tests.simulation.watch import Violation, Watch

OPERATOR_AFTER_S = 45.0
"""So long after the faults the operator has seen what lies in the dead letters: nothing hangs any more."""
AFTERMATH_S = 20.0
"""How long what a job has begun takes to end."""


@dataclass(frozen=True)
class Result:
    """What a run came to; small enough to be sent between processes."""

    seed: int
    business: str
    violation: Violation | None
    steps: int
    seconds: float
    injected: list[str]
    sites: Mapping[str, Counter[str]]
    reached: frozenset[str]
    """The use cases on the way to a write."""
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
        business=scenario.business.value,
        violation=watch.violation,
        steps=simulation.wire.steps,
        seconds=time.perf_counter() - began,
        injected=watch.faults.injected,
        sites=dict(watch.faults.sites),
        reached=frozenset(through(watch.faults.sites)),
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
        self.store = Store(true_time)
        self.checker = Checker(self.watch, self.store, scenario.documents_required)
        self.watch.answered = self.checker.answered
        faults = self.watch.faults
        self.wire = Wire(faults, self._stream("latency"))
        self.host = Host(faults, self._stream("host"), self.watch.tell, self.watch.fail)
        self.host.acknowledged = self.checker.acknowledged
        self.ports = self._ports()
        self.checker.gateway = self.ports.gateway.inner
        self.checker.informed = Informed(self.store, self.ports.push.inner)
        self.trouble = Trouble(self.ports, self.watch)
        self.city = City(scenario, self.host, self.watch, self.store, self.ports.gateway, self.ports.objects)

    def _stream(self, name: str) -> random.Random:
        return stream(self.scenario.seed, name)

    def _ports(self) -> Systems:
        faults, wire, host = self.watch.faults, self.wire, self.host
        database = SimulatedDatabase(wire, self.store, self.checker.commit)
        bus = SimulatedBus(
            wire,
            faults,
            self._stream("bus"),
            self.scenario.redelivery,
            host.receive,
            host.reads,
            self.checker.published,
        )
        numbers = itertools.count(1)
        seed = self.scenario.seed

        def ids(prefix: str) -> str:
            return f"{prefix}_{seed:08x}{next(numbers):024x}"

        pauses = self._stream("pauses")

        async def pause(attempt: int) -> None:
            await asyncio.sleep(pauses.uniform(0, min(0.6, 0.02 * 2**attempt)))

        tasks = SimulatedTasks(wire, faults, self._stream("tasks"), host.post)
        driver_index, copies = SimulatedDriverIndex(wire, faults), SimulatedCopies(wire, faults)
        push = SimulatedPush(wire, faults, self.checker.pushed)
        gateway = SimulatedGateway(wire, faults, self._stream("gateway"), host.webhook, self.checker.billed)
        objects, geocoder = SimulatedObjectStore(wire), SimulatedGeocoder(wire)
        identities = SimulatedIdentities(wire, signed_up(self.scenario))
        runtime = SimulatedRuntime(
            externals={
                "database": database,
                "publisher": bus,
                "queue offers": tasks,
                "queue sweeps": tasks,
                "driver index": driver_index,
                "driver positions": driver_index,
                "payment gateway": gateway,
                "push": push,
                "copies": copies,
                "object store": objects,
                "image sanitiser": InlineSanitiser(),
                "geocoder": geocoder,
                "identity provider": identities,
                "status cache": SimulatedStatusCache(wire),
                "secret cipher": PlainCipher(),
            },
            settings={"documents_required": self.scenario.documents_required},
            policies=POLICIES,
            new_id=ids,
            pause=pause,
        )
        return Systems(
            database=database,
            documents=DocumentStore(database, bus, clock=local_time, ids=ids, pause=pause),
            bus=bus,
            tasks=tasks,
            driver_index=driver_index,
            gateway=gateway,
            push=push,
            copies=copies,
            objects=objects,
            geocoder=geocoder,
            identities=identities,
            ids=ids,
            runtime=runtime,
            documents_required=self.scenario.documents_required,
        )

    async def play(self, steps: int) -> None:
        """Let everybody act while things go wrong, then while they do not, and see what is left."""
        self.wire.limit(steps, self.watch.ended.set)
        plant_poison(self.store)
        loop = asyncio.get_running_loop()
        scenario, city = self.scenario, self.city
        lives = everybody(city, self.checker.memberships)
        lives += [self.trouble.befall(outage) for outage in scenario.outages]
        lives.append(tick(self.host, self.watch.faults, self._stream("jobs")))
        lives += [self._watch_liveness(), self._watch_matching()]
        running = [loop.create_task(life) for life in lives]
        loop.call_at(scenario.faults_s, self._calm_down)
        loop.call_at(scenario.faults_s + SETTLING_S, self.watch.ended.set)
        await self.watch.ended.wait()
        for task in running:
            if task.done() and not task.cancelled() and task.exception():
                self.watch.fail("actor", repr(task.exception()))
        cut_short = bool(steps) and self.wire.steps >= steps  # others may act in the same turn of the loop
        if self.watch.violation is None and not cut_short:
            self._report(settled.faults(self.scenario, self.store, self.ports, self.checker.messages))
            await self._run_jobs_again()

    async def _run_jobs_again(self) -> None:
        """See that jobs which run twice more, by clocks that are late, find nothing left to do."""
        await run_all(self.host, timedelta(seconds=MAX_SKEW_S), 1)
        await asyncio.sleep(AFTERMATH_S)
        before = self._effects()
        await run_all(self.host, timedelta(seconds=-MAX_SKEW_S), 2)
        for what, count in self._effects().items():
            more = count - before[what]
            self.watch.check(not more, "24", f"jobs that ran again made {more} {what}")

    def _effects(self) -> dict[str, int]:
        gateway, orders = self.ports.gateway.inner, self.store.of("orders").values()
        return {
            "links": len(gateway.bills),
            "refunds": len(gateway.refunds),
            "offers": len(self.store.of("offers")),
            "orders": len(orders),
            "orders ended": sum(order["fulfilment"] in settled.ENDED for order in orders),
        }

    def _report(self, faults: Iterable[Fault]) -> None:
        for invariant, message in faults:
            self.watch.fail(invariant, message)

    async def _watch_matching(self) -> None:
        """See that an order and a driver who wait for one another do not do so for long.

        Where the driver location index alone fails, always; elsewhere from the end of the faults on.
        """
        waiting, theme = matching.Waiting(self.store), self.scenario.theme
        alone = theme is not Theme.ALL
        while True:
            await asyncio.sleep(liveness.CHECKED_EVERY_S)
            now = asyncio.get_running_loop().time()
            sound_since = self.trouble.index_healthy_since
            if not alone and sound_since is not None:
                sound_since = self.scenario.faults_s if self.watch.faults.over else None
            self._report(waiting.overdue(self.city.pings, sound_since, matching.WITHIN[theme], now))
            self._report(positions.faults(self.city.places, self.ports.driver_index.inner.points()))

    async def _watch_liveness(self) -> None:
        """From the end of the faults on, see that nothing takes longer than was promised."""
        calm_since, gateway = self.scenario.faults_s, self.ports.gateway
        await asyncio.sleep(calm_since)
        shown = availability.Shown(self.store)
        while True:
            await asyncio.sleep(liveness.CHECKED_EVERY_S)
            now = asyncio.get_running_loop().time()
            self._report(
                liveness.late(
                    self.store, gateway.inner, gateway.captured_at, self.checker.messages, calm_since, now
                )
            )
            self._report(shown.faults(self.ports.driver_index.inner.available(), now))

    def _calm_down(self) -> None:
        self.watch.faults.over = True
        if self.scenario.operator:
            asyncio.get_running_loop().call_later(OPERATOR_AFTER_S, self.ports.bus.replay)
        self.watch.tell("FAULTS", "are over")


async def _simulate(scenario: Scenario, steps: int) -> Simulation:
    simulation = Simulation(scenario)
    current_runtime.set(simulation.ports.runtime)
    await simulation.play(steps)
    return simulation
