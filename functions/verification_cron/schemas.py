"""Responses of `verification_cron`."""

from __future__ import annotations

from shared.edge.schemas import ResponseModel
from shared.kernel.batch import BatchResult


class SweepView(ResponseModel):
    """How many documents the sweep looked at, changed and failed on, and whether it processed all."""

    seen: int
    done: int
    failed: int
    finished: bool

    @classmethod
    def of(cls, result: BatchResult) -> SweepView:
        """Return the view of a batch result."""
        return cls(seen=result.seen, done=result.done, failed=result.failed, finished=result.finished)
