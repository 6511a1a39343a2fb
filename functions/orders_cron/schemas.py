"""Responses of `orders_cron`."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class SweptView(ResponseModel):
    """How many orders were looked at, how many of them were ended, and how many could not be."""

    seen: int
    ended: int
    failed: int


class PlacedOccurrencesView(ResponseModel):
    """How many occurrences were due, were placed and failed, and whether none is left for the next run."""

    due: int
    placed: int
    failed: int
    finished: bool
