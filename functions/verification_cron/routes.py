"""The scheduler's route of the sweep."""

from __future__ import annotations

from typing import Annotated

from functions.verification_cron.schemas import SweepView
from shared.composition.verification import VerificationPorts
from shared.edge.app import api_router
from shared.edge.provided import PORTS
from shared.verification.usecases.sweep_documents import sweep_documents

Ports = Annotated[VerificationPorts, PORTS]

router = api_router()


@router.post("/cron/sweep-documents")
async def sweep(ports: Ports) -> SweepView:
    """Expire documents, notify owners of an expiry that is near, and delete abandoned documents."""
    result = await sweep_documents(store=ports.store, objects=ports.objects, batch=ports.batch)
    return SweepView.of(result)
