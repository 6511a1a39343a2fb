"""Responses of `dispatch_cron`."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class QueueView(ResponseModel):
    """The result of one queue of a sweep; `finished` is false when items were left for the next run."""

    seen: int
    done: int
    failed: int
    unavailable: int
    finished: bool


class SweepOffersView(ResponseModel):
    """The results for overdue offers and idle searches."""

    offers: QueueView
    searches: QueueView


class SweepOrdersView(ResponseModel):
    """The results for orders without a search, orders to search for again, and ended orders."""

    unsearched: QueueView
    reopened: QueueView
    ended: QueueView
