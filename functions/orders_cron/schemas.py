"""Responses of `orders_cron`."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class SweptView(ResponseModel):
    """How many due orders were seen, changed and failed, and whether none is left for the next run."""

    seen: int
    done: int
    failed: int
    finished: bool


class PlacedOccurrencesView(ResponseModel):
    """How many occurrences were due, were placed and failed, and whether none is left for the next run."""

    due: int
    placed: int
    failed: int
    finished: bool
