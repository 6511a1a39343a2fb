"""Outages and losses, at the times that the scenario names."""

from __future__ import annotations

import asyncio

from tests.simulation.scenario import Outage
from tests.simulation.watch import Watch
from tests.simulation.wiring import Ports


async def befall(outage: Outage, ports: Ports, watch: Watch) -> None:
    """Let one outage begin and end."""
    await asyncio.sleep(outage.at)
    watch.faults.injected.append(outage.what)
    watch.tell("FAULT", f"{outage.name} for {outage.lasts:.0f} s")
    if outage.what == "map-flush":
        ports.map.inner.flush()
        return
    _switch(outage.what, ports, down=True)
    await asyncio.sleep(outage.lasts)
    _switch(outage.what, ports, down=False)
    watch.tell("FAULT", f"{outage.name} is over")


def _switch(what: str, ports: Ports, *, down: bool) -> None:
    if what == "map-down":
        ports.map.inner.down = down
    elif what == "bus-down":
        ports.bus.down = down
    elif what == "gateway-down":
        ports.gateway.down = down
    elif what == "tasks-down":
        ports.tasks.down = down
    else:
        ports.push.down = down
