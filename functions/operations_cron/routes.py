"""The scheduler's route and the one of the tasks that it plans."""

from __future__ import annotations

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
    """How many events were published."""

    published: int


@router.post("/cron/sweep-outbox")
async def minute(ports: Ports, now: Now) -> Swept:
    """Sweep now, and twice more within the minute."""
    swept = await sweep(ports, now)
    await plan_sweeps(queue=ports.sweeps, now=now)
    return swept


@router.post("/tasks/sweep-outbox")
async def sweep(ports: Ports, now: Now) -> Swept:
    """Publish what is overdue."""
    published = await sweep_outbox(outbox=ports.outbox, publisher=ports.publisher, now=now)
    return Swept(published=published)
