"""Responses of `dispatch_cron`."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class SweptView(ResponseModel):
    """How many offers and searches were found lying, and how many could not be taken up."""

    offers: int
    searches: int
    failed: int
