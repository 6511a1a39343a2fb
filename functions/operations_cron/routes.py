"""The route of the scheduler, and the route of the tasks that it creates."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import BaseModel

from shared.composition.operations import OperationsPorts
from shared.edge.app import api_router
from shared.edge.provided import PORTS, Now
from shared.operations.usecases.plan_sweeps import plan_sweeps
from shared.operations.usecases.sweep_outbox import sweep_outbox

Ports = Annotated[OperationsPorts, PORTS]

router = api_router()


class Swept(BaseModel):
    """How many events were published and set aside, and whether none is left for the next sweep."""

    published: int
    set_aside: int
    finished: bool


@router.post("/cron/sweep-outbox")
async def minute(ports: Ports, now: Now) -> Swept:
    """Schedule two more sweeps within the minute, and meanwhile sweep the outbox."""
    planning = asyncio.create_task(plan_sweeps(queue=ports.sweeps, now=now))
    try:
        swept = await sweep(ports)
    except Exception:  # no `finally`: nothing may wait after GeneratorExit
        await planning
        raise
    await planning
    return swept


@router.post("/tasks/sweep-outbox")
async def sweep(ports: Ports) -> Swept:
    """Publish the overdue events of the outbox."""
    result = await sweep_outbox(outbox=ports.outbox, publisher=ports.publisher, batch=ports.batch)
    return Swept(published=result.published, set_aside=result.set_aside, finished=result.finished)
