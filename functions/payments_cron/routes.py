"""The scheduler's route."""

from __future__ import annotations

from functions.payments_cron import wiring
from functions.payments_cron.schemas import Reconciled
from shared.edge.app import api_router
from shared.kernel.clock import utc_now
from shared.payments.usecases.reconcile import reconcile

router = api_router()


@router.post("/cron/reconcile")
async def reconcile_payments() -> Reconciled:
    """Check every payment and refund that is due, and refund what is due and not refunded."""
    result = await reconcile(store=wiring.store(), gateway=wiring.gateway(), now=utc_now())
    return Reconciled.model_validate(result)
