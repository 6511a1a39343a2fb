"""The scheduler's route."""

from __future__ import annotations

from functions.verification_cron import wiring
from functions.verification_cron.schemas import SweptView
from shared.edge.app import api_router
from shared.kernel.clock import utc_now
from shared.verification.usecases.sweep_documents import sweep_documents

router = api_router()


@router.post("/cron/sweep-documents")
async def sweep() -> SweptView:
    """End what is over, tell whose end is near, and drop what never got its file."""
    swept = await sweep_documents(papers=wiring.papers(), vault=wiring.document_vault(), now=utc_now())
    return SweptView.model_validate(swept)
