"""Outages and losses, at the times that the scenario names."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.simulation.scenario import Outage
from tests.simulation.systems import Systems
from tests.simulation.watch import Watch


class Trouble:
    """Lets outages begin and end, and knows since when the driver location index has had none."""

    def __init__(self, ports: Systems, watch: Watch) -> None:
        self._ports, self._watch = ports, watch
        self._under_way: Counter[str] = Counter()
        self._index_recovered_at = 0.0

    @property
    def index_healthy_since(self) -> float | None:
        """Return the end of the index's latest outage, in virtual seconds; None during one."""
        troubled = self._under_way["index-down"] or self._under_way["index-stale"]
        return None if troubled else self._index_recovered_at

    async def befall(self, outage: Outage) -> None:
        """Let one outage begin and end."""
        await asyncio.sleep(outage.at)
        self._watch.faults.injected.append(outage.what)
        self._watch.tell("FAULT", f"{outage.name} for {outage.lasts:.0f} s")
        inner = self._ports.driver_index.inner
        kept = inner.copy() if outage.what == "index-stale" else None
        if outage.what == "index-flush":
            inner.flush()
            self._ports.copies.inner.wipe()
        self._switch(outage.what, 1)
        await asyncio.sleep(outage.lasts)
        self._switch(outage.what, -1)
        if kept:
            inner.fall_back(kept)
        if outage.what.startswith("index-"):
            self._index_recovered_at = asyncio.get_running_loop().time()
        self._watch.tell("FAULT", f"{outage.name} is over")

    def _switch(self, what: str, by: int) -> None:
        self._under_way[what] += by
        ports = {
            "index-down": self._ports.driver_index.inner,
            "bus-down": self._ports.bus,
            "gateway-down": self._ports.gateway,
            "tasks-down": self._ports.tasks,
            "push-down": self._ports.push,
            "database-down": self._ports.database,
        }
        down = self._under_way[what] > 0
        if what in ports:
            ports[what].down = down  # type: ignore[attr-defined]
        if what == "index-down":
            self._ports.copies.inner.down = down
        elif what.endswith("-broken"):
            function, broken = what.removesuffix("-broken"), self._ports.bus.broken
            (broken.add if down else broken.discard)(function)
