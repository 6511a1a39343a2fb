"""Responses of `verification_cron`."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel


class SweptView(ResponseModel):
    """How many papers were looked at, have ended, had their owners told, were dropped, or could not be."""

    seen: int
    expired: int
    reminded: int
    dropped: int
    failed: int
