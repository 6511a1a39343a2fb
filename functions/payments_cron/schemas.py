"""Responses of `payments_cron`."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class Reconciled(ResponseModel):
    """How many payments and refunds were checked, how many refunds were opened, and how many items failed."""

    checked: int
    refunds_opened: int
    failed: int
