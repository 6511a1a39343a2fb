"""Responses of `dispatch_cron`."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class SweptView(ResponseModel):
    """How many offers and searches were found lying, and how many could not be taken up."""

    offers: int
    searches: int
    failed: int


class SweptOrdersView(ResponseModel):
    """How many orders nobody looked for, rested long enough or had ended, and how many steps failed."""

    unheard: int
    rested: int
    ended: int
    failed: int
