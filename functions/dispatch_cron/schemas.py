"""Responses of `dispatch_cron`."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class SweptView(ResponseModel):
    """How many overdue offers and idle searches the sweep found, and how many steps failed."""

    offers: int
    searches: int
    failed: int


class SweptOrdersView(ResponseModel):
    """How many orders had no search, were reopened or had ended, and how many steps failed."""

    unheard: int
    rested: int
    ended: int
    failed: int
