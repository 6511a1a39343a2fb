"""Responses of `payments_cron`."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class Reconciled(ResponseModel):
    """About how many payments and refunds the provider was asked."""

    asked: int
