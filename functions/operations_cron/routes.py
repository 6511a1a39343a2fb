"""The scheduler's route and the one of the tasks that it plans."""

from __future__ import annotations

from pydantic import BaseModel

from functions.operations_cron import wiring
from shared.edge.app import api_router
from shared.kernel.clock import utc_now
from shared.operations.usecases.plan_sweeps import plan_sweeps
from shared.operations.usecases.sweep_outbox import sweep_outbox

router = api_router()


class Swept(BaseModel):
    """How many events were published."""

    published: int


@router.post("/cron/sweep-outbox")
async def minute() -> Swept:
    """Sweep now, and twice more within the minute."""
    swept = await sweep()
    await plan_sweeps(queue=wiring.sweeps(), now=utc_now())
    return swept


@router.post("/tasks/sweep-outbox")
async def sweep() -> Swept:
    """Publish what is overdue."""
    published = await sweep_outbox(outbox=wiring.outbox(), publisher=wiring.publisher(), now=utc_now())
    return Swept(published=published)
