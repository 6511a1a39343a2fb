"""The scheduler's route."""

from __future__ import annotations

from typing import Annotated

from functions.payments_cron.schemas import Reconciled
from shared.composition.payment_gateway import GatewayPorts
from shared.edge.app import api_router
from shared.edge.provided import PORTS
from shared.payments.usecases.reconcile import reconcile

Ports = Annotated[GatewayPorts, PORTS]

router = api_router()


@router.post("/cron/reconcile")
async def reconcile_payments(ports: Ports) -> Reconciled:
    """Check every payment and refund that is due, and refund what is due and not refunded."""
    result = await reconcile(store=ports.store, gateway=ports.gateway, batch=ports.batch)
    return Reconciled.model_validate(result)
