"""The route of the scheduler, and the route of the tasks that it creates."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from shared.composition.operations import OperationsPorts
from shared.edge.app import api_router
from shared.edge.provided import PORTS, Now, ProcessClock
from shared.operations.usecases.plan_sweeps import plan_sweeps
from shared.operations.usecases.sweep_outbox import sweep_outbox

Ports = Annotated[OperationsPorts, PORTS]

router = api_router()


class Swept(BaseModel):
    """How many events were published, and whether any are left for the next sweep."""

    published: int
    finished: bool


@router.post("/cron/sweep-outbox")
async def minute(ports: Ports, now: Now, clock: ProcessClock) -> Swept:
    """Sweep the outbox now, and schedule two more sweeps within the minute."""
    swept = await sweep(ports, clock)
    await plan_sweeps(queue=ports.sweeps, now=now)
    return swept


@router.post("/tasks/sweep-outbox")
async def sweep(ports: Ports, clock: ProcessClock) -> Swept:
    """Publish the overdue events of the outbox."""
    result = await sweep_outbox(outbox=ports.outbox, publisher=ports.publisher, clock=clock)
    return Swept(published=result.done, finished=result.finished)
