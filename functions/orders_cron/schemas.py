"""Responses of `orders_cron`."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class SweptView(ResponseModel):
    """How many orders were looked at, how many of them were ended, and how many could not be."""

    seen: int
    ended: int
    failed: int


class PlacedOccurrencesView(ResponseModel):
    """How many occurrences of recurrences were due, and how many of them were placed."""

    due: int
    placed: int
