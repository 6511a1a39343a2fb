"""Responses of `payments_cron`."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class Reconciled(ResponseModel):
    """About how many payments and refunds the provider was asked, how many refunds were opened that no
    event had brought, and how many things could not be seen to."""

    asked: int
    opened: int
    failed: int
